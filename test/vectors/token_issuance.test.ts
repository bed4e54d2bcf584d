// The vectors of RFC 9578 for tokens of type 0x0002: the issuer's key and its id, blind signing, the token as it is read,
// signed and verified.

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
import { modulusOf, tokenKeyId, tokenKeyOf } from '../../ts/privacy/parts/token.ts';
import { IssuerKeys } from '../../ts/provider/accounts/issuer_keys.ts';
import { ACCOUNTS_SHARD, Directory } from '../../ts/provider/directory.ts';
import { defaultLimits } from '../../ts/provider/limits.ts';
import { encodeIssuerKeys } from '../../ts/provider/records/token_rows.ts';
import { unlinkedRows } from '../../ts/provider/rows.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import { decodeToken, encodeToken } from '../../ts/wire/index.ts';

type Vector = Record<
  'skS' | 'pkS' | 'nonce' | 'token_request' | 'token_response' | 'token',
  string
>;

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const file = new URL('privacypass/rfc9578-blind-rsa.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];
/** Of TokenRequest: its type and the truncated id of the key. */
const REQUEST_HEAD = 3;

/** The issuer of a vector, on a store that holds its key. */
async function issuerOf({ skS }: Vector): Promise<IssuerKeys> {
  await init();
  const pem = Buffer.from(skS, 'hex').toString();
  const privateKey = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  const store = openMemoryStore();
  const clock = () => 1_000_000;
  const value = encodeIssuerKeys([{ madeAt: clock(), privateKey: Uint8Array.from(privateKey) }]);
  const lease = await store.acquire(ACCOUNTS_SHARD, 'a', 1000);
  const rows = [{ key: unlinkedRows.issuerKeys(), value }];
  await store.append(ACCOUNTS_SHARD, lease.epoch, lease.head, { records: [], rows });
  const context = { store, clock, limits: defaultLimits };
  const directory = await Directory.open({
    ...context,
    owner: 'a',
    onLost: () => {},
    roomShards: 1,
  });
  return IssuerKeys.open({ ...context, directory });
}

describe.each(vectors)('the vector of nonce $nonce', (vector) => {
  test('the key is published as in the RFC, and is the one that the token names', async () => {
    const issuer = await issuerOf(vector);
    expect(issuer.tokenKey).toEqual(hex(vector.pkS));
    expect(tokenKeyOf(modulusOf(hex(vector.pkS)))).toEqual(hex(vector.pkS));
    expect(tokenKeyId(issuer.tokenKey)).toEqual(decodeToken(hex(vector.token)).keyId);
  });

  test('the blinded message is signed to the same bytes', async () => {
    const issuer = await issuerOf(vector);
    const blinded = hex(vector.token_request).subarray(REQUEST_HEAD);
    expect(issuer.sign(blinded)).toEqual(hex(vector.token_response));
  });

  test('the token is read, written and verified; altered in any field it is not', async () => {
    const issuer = await issuerOf(vector);
    const token = decodeToken(hex(vector.token));
    expect(token.nonce).toEqual(hex(vector.nonce));
    expect(encodeToken(token)).toEqual(hex(vector.token));
    expect(issuer.verifies(token)).toBe(true);
    for (const field of ['nonce', 'challengeDigest', 'keyId', 'authenticator'] as const) {
      const altered = token[field].slice();
      altered[7] = (altered[7] ?? 0) ^ 1;
      expect(issuer.verifies({ ...token, [field]: altered }), field).toBe(false);
    }
  });
});

// Tokens by which queues are opened that no account can be told by: what is not one, or was one, opens nothing.
// docs/modes/deployments.md, "Tokens".

import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
import { requestTokens } from '../../ts/privacy/index.ts';
import { challengeDigest } from '../../ts/privacy/parts/token.ts';
import type { Provider } from '../../ts/provider/index.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  asClientUri,
  asUserUri,
  clientUri,
  encodeBlindedBatch,
  encodeOpenQueue,
  encodeToken,
  type Token,
  userUri,
} from '../../ts/wire/index.ts';
import {
  accountDevice,
  type IssuerSetup,
  issue,
  openIssuer,
  secretHashOf,
  signBlinded,
  spend,
  tokenKeyOfProvider,
} from '../support/issuer.ts';

const HOME = 'a.example';
const DAY = 24 * 3_600_000;
const NONE = new Uint8Array();

const opened: Provider[] = [];
beforeAll(() => init());
afterEach(async () => {
  for (const provider of opened.splice(0)) await provider.close();
});

async function open(setup: IssuerSetup = {}, domain = HOME): Promise<Provider> {
  const provider = await openIssuer(domain, setup);
  opened.push(provider);
  return provider;
}

const firstOf = async (provider: Provider, domain = HOME): Promise<Token> =>
  (await issue(provider, domain, 1))[0] as Token;

describe('a token', () => {
  test('opens one queue, whose bearer token the provider has not seen', async () => {
    const provider = await open();
    const token = await firstOf(provider);
    const client = await spend(provider, token);
    expect(client).toMatch(/^mimi:\/\/a\.example\/d\/q-[0-9a-f]{32}$/);
    await expect(spend(provider, token, secretHashOf(2))).rejects.toMatchObject({
      code: 'tokenSpent',
    });
  });

  test('that is spent again with the same secret opens the same queue: an answer that was lost costs nothing', async () => {
    const provider = await open();
    const token = await firstOf(provider);
    expect(await spend(provider, token)).toBe(await spend(provider, token));
  });

  test('is spent once across restarts too', async () => {
    const store = openMemoryStore();
    const provider = await openIssuer(HOME, { store });
    const [spent, kept] = (await issue(provider, HOME, 2)) as [Token, Token];
    const client = await spend(provider, spent);
    await provider.close();
    const again = await open({ store });
    await expect(spend(again, spent, secretHashOf(2))).rejects.toMatchObject({
      code: 'tokenSpent',
    });
    expect(await spend(again, spent)).toBe(client);
    expect(await spend(again, kept, secretHashOf(3))).not.toBe(client);
  });

  test('that eight spend at once opens exactly one queue', async () => {
    const provider = await open();
    const token = await firstOf(provider);
    const racers = Array.from({ length: 8 }, (_, octet) =>
      spend(provider, token, secretHashOf(octet)),
    );
    const outcomes = await Promise.allSettled(racers);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'tokenSpent' });
    }
  });

  test('that is forged, or altered in any field, is refused, and is not spent by it', async () => {
    const provider = await open();
    const token = await firstOf(provider);
    const forged = { ...token, authenticator: crypto.getRandomValues(new Uint8Array(256)) };
    const altered = (['nonce', 'challengeDigest', 'keyId', 'authenticator'] as const).map(
      (field) => {
        const bytes = token[field].slice();
        bytes[3] = (bytes[3] ?? 0) ^ 1;
        return { ...token, [field]: bytes };
      },
    );
    for (const bad of [forged, ...altered]) {
      await expect(spend(provider, bad)).rejects.toMatchObject({ code: 'badToken' });
    }
    expect(await spend(provider, token)).toContain('/d/q-');
  });

  test('of another issuer is refused, whatever it says of itself', async () => {
    const [provider, other] = [await open(), await open({}, 'b.example')];
    const foreign = await firstOf(other, 'b.example');
    const { keyId } = await firstOf(provider);
    const renamed = { ...foreign, challengeDigest: challengeDigest(HOME) };
    for (const bad of [foreign, renamed, { ...renamed, keyId }]) {
      await expect(spend(provider, bad)).rejects.toMatchObject({ code: 'badToken' });
    }
  });

  test('of another length or type is malformed', async () => {
    const provider = await open();
    const token = await firstOf(provider);
    const body = encodeOpenQueue({ token, secretHash: secretHashOf(1) });
    const type = body.slice();
    type[1] = 1;
    const longer = new Uint8Array(body.length + 1);
    longer.set(body);
    for (const bad of [
      NONE,
      encodeToken(token),
      body.subarray(1),
      body.subarray(0, -1),
      longer,
      type,
    ]) {
      await expect(provider.fromAnybody('openQueue', '', bad)).rejects.toMatchObject({
        code: 'badRequest',
      });
    }
  });

  test('does not open a queue with the secret of another', async () => {
    const provider = await open();
    const [one, other] = (await issue(provider, HOME, 2)) as [Token, Token];
    const client = await spend(provider, one, secretHashOf(1));
    await expect(spend(provider, other, secretHashOf(1))).rejects.toMatchObject({
      code: 'badRequest',
    });
    expect(await spend(provider, other, secretHashOf(2))).not.toBe(client);
  });

  test('holds nothing that its issuer was asked for or has answered', async () => {
    const provider = await open();
    const key = await tokenKeyOfProvider(provider, HOME);
    const { blinded, finish } = await requestTokens(HOME, key, 2);
    const signatures = await signBlinded(provider, HOME, blinded);
    const seen = [...blinded, ...signatures].map((bytes) => Buffer.from(bytes).toString('hex'));
    for (const token of await finish(signatures)) {
      const text = Buffer.from(token).toString('hex');
      for (const bytes of seen) {
        // Not even the beginning of one.
        expect(text).not.toContain(bytes.slice(0, 16));
      }
    }
    expect(new Set(seen).size).toBe(4);
  });
});

describe('an issuer', () => {
  test('gives an account its quota a day, counted before anything is signed', async () => {
    let now = 20_000 * DAY + 1000;
    const provider = await open({ clock: () => now, limits: { tokensPerAccountDaily: 3 } });
    await issue(provider, HOME, 2);
    await expect(issue(provider, HOME, 2)).rejects.toMatchObject({
      code: 'tokenQuota',
      details: { limit: 3, retryAfterMs: DAY - 1000 },
    });
    await issue(provider, HOME, 1);
    await expect(issue(provider, HOME, 1)).rejects.toMatchObject({ code: 'tokenQuota' });
    await issue(provider, HOME, 3, 'anna-1');
    now += DAY;
    await issue(provider, HOME, 3);
  });

  test('counts all devices of an account together', async () => {
    const provider = await open({ limits: { tokensPerAccountDaily: 2 } });
    await issue(provider, HOME, 1, 'alice-1');
    await issue(provider, HOME, 1, 'alice-phone');
    await expect(issue(provider, HOME, 1, 'alice-tablet')).rejects.toMatchObject({
      code: 'tokenQuota',
    });
  });

  test('signs no more at once than its limit, nothing of another length, and no number beyond its modulus', async () => {
    const provider = await open({ limits: { tokensPerRequest: 2 } });
    const device = accountDevice(HOME, 'alice-1');
    const ask = (body: Uint8Array) => provider.fromDevice(device, 'issueTokens', '', body);
    const message = new Uint8Array(256);
    await expect(ask(encodeBlindedBatch([message, message, message]))).rejects.toMatchObject({
      code: 'tooLarge',
      details: { limit: 2 },
    });
    const shorter = encodeBlindedBatch([message]).subarray(0, -1);
    await expect(ask(shorter)).rejects.toMatchObject({ code: 'badRequest' });
    await expect(ask(encodeBlindedBatch([message.fill(0xff)]))).rejects.toMatchObject({
      code: 'badRequest',
    });
  });

  test('changes its key, takes the tokens of the one before for as long again, and then forgets them', async () => {
    const store = openMemoryStore();
    let now = 1_000_000_000_000;
    const reopen = async (provider?: Provider) => {
      await provider?.close();
      return openIssuer(HOME, { store, clock: () => now, limits: { tokenKeyMs: 10 * DAY } });
    };
    let provider = await reopen();
    const key = await tokenKeyOfProvider(provider, HOME);
    const [one, two, three] = (await issue(provider, HOME, 3)) as [Token, Token, Token];
    now += 9 * DAY;
    provider = await reopen(provider);
    expect(await tokenKeyOfProvider(provider, HOME)).toEqual(key);
    await spend(provider, one, secretHashOf(1));

    now += 2 * DAY;
    provider = await reopen(provider);
    expect(await tokenKeyOfProvider(provider, HOME)).not.toEqual(key);
    await spend(provider, two, secretHashOf(2));
    await expect(spend(provider, one, secretHashOf(3))).rejects.toMatchObject({
      code: 'tokenSpent',
    });
    const fresh = await firstOf(provider);
    await spend(provider, fresh, secretHashOf(4));

    now += 10 * DAY;
    provider = await reopen(provider);
    for (const ended of [one, three]) {
      await expect(spend(provider, ended, secretHashOf(5))).rejects.toMatchObject({
        code: 'badToken',
      });
    }
    opened.push(provider);
    const rows = await store.range('accounts', {
      from: new TextEncoder().encode('S\0'),
      to: new TextEncoder().encode('S\u0001'),
    });
    expect(rows).toHaveLength(1);
  });

  test('whose users it may map issues none and opens no queues', async () => {
    const provider = await open({ deployment: 'enterprise' });
    expect(await tokenKeyOfProvider(provider, HOME)).toHaveLength(0);
    const refusal = { code: 'wrongDeployment', details: { deployment: 'enterprise' } };
    const batch = encodeBlindedBatch([new Uint8Array(256)]);
    const device = accountDevice(HOME, 'alice-1');
    await expect(provider.fromDevice(device, 'issueTokens', '', batch)).rejects.toMatchObject(
      refusal,
    );
    const token = await firstOf(await open({}));
    await expect(spend(provider, token)).rejects.toMatchObject(refusal);
  });
});

describe('the names of queues', () => {
  test('are given to no account', async () => {
    const provider = await open();
    const taken = 'q-0123456789abcdef0123456789abcdef';
    const user = asUserUri(userUri(HOME, 'mallory'));
    for (const [owner, client] of [
      [user, asClientUri(clientUri(HOME, taken))],
      [asUserUri(userUri(HOME, `s${taken.slice(1)}`)), asClientUri(clientUri(HOME, 'phone'))],
    ] as const) {
      await expect(provider.mintDevice(owner, client)).rejects.toMatchObject({
        code: 'wrongDevice',
      });
    }
  });
});

// What somebody with the right keys can put inside a seal: content that is rightly sealed, and wrong. It is refused by
// the parts of the privacy modes with an error of their own, which says nothing of what was inside.

import { describe, expect, test } from 'vitest';
import { generateHpkeKeyPair } from '../../ts/mls/index.ts';
import { openClaim, openClaimAnswer } from '../../ts/privacy/parts/claim.ts';
import { headerOf } from '../../ts/privacy/parts/committed_seal.ts';
import { openRequest, openResponse } from '../../ts/privacy/parts/connection.ts';
import { encodePseudonymCredential } from '../../ts/privacy/parts/credential_struct.ts';
import { openAsMember } from '../../ts/privacy/parts/envelope.ts';
import { fullLabel, sealTo } from '../../ts/privacy/parts/hpke.ts';
import { linkKeyHash, openLink } from '../../ts/privacy/parts/identity_link.ts';
import { decodeLinkPublic, linkPublic, openJoinRecord } from '../../ts/privacy/parts/join_link.ts';
import { pad, padTo } from '../../ts/privacy/parts/padding.ts';
import { newClientPseudonym, userPseudonym } from '../../ts/privacy/parts/pseudonym.ts';
import { child, randomSecret, sealOnce, sealUnder } from '../../ts/privacy/parts/seal.ts';
import { labelled, writeCredential, writeHpke } from '../../ts/privacy/parts/structs.ts';
import { encodeHpkeCiphertext, userUri, Writer } from '../../ts/wire/index.ts';
import { bytes, groupMessages, person } from '../unit/privacy/support/people.ts';
import { codeOf, refusal, ruleOf } from '../unit/privacy/support/refusal.ts';

const suite = 1;
const now = 1_800_000_000_000;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;
const keys = generateHpkeKeyPair(suite);

const struct = (write: (writer: Writer) => void): Uint8Array => {
  const writer = new Writer();
  write(writer);
  return writer.finish();
};

/** Seals content to `keys` as the part of that label would. */
const sealed = (label: string, context: Uint8Array, plaintext: Uint8Array): Uint8Array =>
  encodeHpkeCiphertext(sealTo(suite, keys.publicKey, label, context, plaintext));

describe('a connection request', () => {
  const alice = person('alice');
  const bob = userUri('b.example', 'bob');
  const reader = { suite, user: bob, keys, now, maxAge: 1000 } as const;
  const context = labelled('connection request', (writer) => {
    writer.text(bob, 'target');
    writer.opaque(keys.publicKey, 'key');
  });
  const fields = (writer: Writer, target: string, time: bigint, credential = alice.credential) => {
    writer.text(target, 'target');
    writer.opaque(keys.publicKey, 'targetKey');
    writer.opaque(keys.publicKey, 'responseKey');
    writer.u64(time, 'time');
    writer.raw(new Uint8Array(32));
    writeCredential(writer, credential);
    writer.opaque(alice.signatureKey, 'signatureKey');
  };
  const request = (
    ...input: [target: string, time: bigint, credential?: typeof alice.credential]
  ) =>
    struct((writer) => {
      fields(writer, ...input);
      const content = labelled('connection request', (to) => fields(to, ...input));
      writer.opaque(alice.sign(fullLabel('connection request'), content), 'signature');
    });
  const open = (plaintext: Uint8Array) =>
    openRequest(reader, sealed('connection request', context, plaintext));

  test('is opened when it is sealed by hand as it should be', () => {
    expect(open(pad(request(bob, BigInt(now)))).requester.user).toBe(alice.user);
  });

  test('with a time beyond all clocks is malformed', () => {
    expect(codeOf(() => open(pad(request(bob, MAX_U64))))).toBe('malformed');
    expect(codeOf(() => open(pad(request(bob, 1n << 53n))))).toBe('malformed');
  });

  test('for a target that is no user, or that goes on behind its end, is malformed', () => {
    expect(codeOf(() => open(pad(request('mimi://b.example/d/bob', BigInt(now)))))).toBe(
      'malformed',
    );
    const longer = Uint8Array.of(...request(bob, BigInt(now)), 0);
    expect(codeOf(() => open(pad(longer)))).toBe('malformed');
  });

  test('that is not padded to its class is refused', () => {
    const content = request(bob, BigInt(now));
    expect(codeOf(() => open(content))).toBe('badPadding');
    expect(codeOf(() => open(padTo(content, 4096)))).toBe('badPadding');
  });

  test('of a credential that names nobody is refused, and the error does not tell it', () => {
    const credential = { type: 1, bytes: bytes('secretly carol') };
    const error = refusal(() => open(pad(request(bob, BigInt(now), credential))));
    expect(error.code).toBe('badRealCredential');
    expect(`${error.stack} ${JSON.stringify(error.details)} ${error.cause}`).not.toContain('carol');
    const misdirected = refusal(() => open(pad(request('mimi://x/?/carol', BigInt(now)))));
    expect(`${misdirected.stack} ${String(misdirected.cause)}`).not.toContain('carol');
    expect((misdirected.cause as Error).cause).toBeUndefined();
  });
});

test('a connection response that is no struct is malformed', () => {
  const digest = new Uint8Array(32);
  const context = labelled('connection response', (writer) => writer.fixed(digest, 32, 'digest'));
  const target = userUri('b.example', 'bob');
  const pending = { suite, keys, digest, target } as const;
  const by = { user: target, now, maxAge: 0 };
  const open = (content: Uint8Array) => () =>
    openResponse(pending, by, sealed('connection response', context, pad(content)));
  expect(codeOf(open(bytes('')))).toBe('malformed');
  expect(codeOf(open(new Uint8Array(200)))).toBe('malformed');
});

describe('a claim', () => {
  const context = labelled('key package claim', (writer) => writer.text('a.example', 'domain'));
  const claim = (expiry: bigint, kind: number, ofSuite: number) =>
    struct((writer) => {
      writer.raw(new Uint8Array(32));
      writer.opaque(keys.publicKey, 'responseKey');
      writer.u64(expiry, 'expiry');
      writer.u8(kind, 'kind');
      writer.u16(ofSuite, 'suite');
    });
  const open = (content: Uint8Array) =>
    openClaim(
      { suite, domain: 'a.example', privateKey: keys.privateKey, now },
      sealed('key package claim', context, pad(content)),
    );

  test('is opened when it is sealed by hand as it should be', () => {
    expect(open(claim(BigInt(now), 1, 2))).toMatchObject({ kind: 'real', suite: 2, expiry: now });
  });

  test('of an unknown kind, suite or time is malformed', () => {
    expect(codeOf(() => open(claim(BigInt(now), 3, 1)))).toBe('malformed');
    expect(codeOf(() => open(claim(BigInt(now), 1, 4)))).toBe('malformed');
    expect(codeOf(() => open(claim(MAX_U64, 1, 1)))).toBe('malformed');
  });
});

test('an answer to a claim that is no list is malformed', () => {
  const digest = new Uint8Array(32);
  const context = labelled('key package claim answer', (w) => w.fixed(digest, 32, 'digest'));
  const answer = sealed('key package claim answer', context, pad(bytes('?')));
  const pending = { suite, privateKey: keys.privateKey, digest } as const;
  expect(codeOf(() => openClaimAnswer(pending, answer))).toBe('malformed');
});

test('a join record that is no struct, or not padded, is refused', () => {
  const [groupId, linkId, secret] = [bytes('g'), bytes('id'), randomSecret()];
  const { sealingKey } = decodeLinkPublic(linkPublic(suite, secret));
  const slot = struct((writer) => {
    writer.opaque(groupId, 'groupId');
    writer.opaque(linkId, 'linkId');
  });
  const context = labelled('join record', (writer) => writer.opaque(slot, 'slot'));
  const open = (plaintext: Uint8Array) => () => {
    const record = encodeHpkeCiphertext(
      sealTo(suite, sealingKey, 'join record', context, plaintext),
    );
    return openJoinRecord(suite, { groupId, linkId }, { secret, epochFloor: 0n }, record);
  };
  expect(codeOf(open(pad(bytes('?'))))).toBe('malformed');
  expect(codeOf(open(bytes('?')))).toBe('badPadding');
});

describe('an envelope by a member who follows the key commitment', () => {
  const { groupId, epoch, commit, application } = groupMessages(suite);
  const clear = { groupId, epoch, contentType: 'commit', keyId: bytes('hub') } as const;

  /** What a member could make: any plaintext, under a key that the header commits to. */
  function envelope(plaintext: Uint8Array): Uint8Array {
    const base = labelled('envelope base', (writer) => {
      writer.opaque(groupId, 'groupId');
      writer.u64(epoch, 'epoch');
      writer.u8(3, 'contentType');
      writer.opaque(clear.keyId, 'keyId');
    });
    const key = randomSecret();
    const commitment = child(key, 'envelope commitment', base);
    const header = headerOf('envelope', { ...clear, commitment });
    const once = {
      key: child(key, 'envelope key', header),
      nonce: child(key, 'envelope nonce', header, 12),
      aad: header,
    };
    return struct((writer) => {
      writer.opaque(groupId, 'groupId');
      writer.u64(epoch, 'epoch');
      writer.u8(3, 'contentType');
      writer.opaque(clear.keyId, 'keyId');
      writer.raw(commitment);
      writeHpke(writer, sealTo(suite, keys.publicKey, 'hub', header, key));
      writer.list([sealTo(suite, keys.publicKey, 'members', header, key)], 'wraps', writeHpke);
      writer.opaque(sealOnce(once, plaintext), 'ciphertext');
    });
  }

  const content = (message: Uint8Array) =>
    struct((writer) => {
      writer.opaque(message, 'message');
      writer.opaque(bytes(''), 'attached');
    });
  const open = (plaintext: Uint8Array) =>
    openAsMember({ suite, groupId, epoch, privateKey: keys.privateKey }, envelope(plaintext));

  test('is opened when it is sealed by hand as it should be', () => {
    expect(open(pad(content(commit))).message?.bytes).toEqual(commit);
  });

  test('is refused when a message of another kind, or none, is inside', () => {
    expect(ruleOf(() => open(pad(content(application))))).toBe('wrongContent wireFormat');
    const { proposal } = groupMessages(suite);
    expect(ruleOf(() => open(pad(content(proposal))))).toBe('wrongContent contentType');
    expect(codeOf(() => open(pad(content(bytes('')))))).toBe('malformed');
    expect(codeOf(() => open(pad(bytes('?'))))).toBe('malformed');
    expect(codeOf(() => open(content(commit)))).toBe('badPadding');
  });
});

test('an identity link that holds no struct is malformed', () => {
  const linkKey = randomSecret();
  const hash = linkKeyHash(linkKey);
  const context = struct((writer) => writer.fixed(hash, 32, 'hash'));
  const key = child(linkKey, 'identity link');
  const credential = encodePseudonymCredential({
    client: newClientPseudonym('a.example'),
    user: userPseudonym('a.example', bytes('U')),
    pseudonymKey: bytes('U'),
    linkKeyHash: hash,
    pseudonymSignature: bytes(''),
    identityLink: sealUnder(key, 'identity link', context, padTo(bytes('?'), 512)),
  });
  const input = { suite, credential, leafSignatureKey: bytes('leaf'), linkKey } as const;
  expect(codeOf(() => openLink(input))).toBe('malformed');
});

test('a key of low order, to which every seal would have the same secret, is refused', () => {
  expect(codeOf(() => sealTo(1, new Uint8Array(32), 'hub', bytes(''), bytes('k')))).toBe('badKey');
});

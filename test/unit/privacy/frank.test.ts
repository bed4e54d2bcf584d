// The frank of our form: what it hides from who carries it, and what it binds. docs/franking.md.

import { describe, expect, test } from 'vitest';
import { generateSignatureKeyPair } from '../../../ts/mls/index.ts';
import {
  blindedSender,
  blindOf,
  type Franked,
  type FrankingKey,
  frankingKeyId,
  frankingTag,
  integrityOf,
  isOwnFrank,
  makeFrank,
  verifyFrank,
} from '../../../ts/privacy/parts/frank.ts';
import { signerOf } from '../../../ts/privacy/parts/hpke.ts';
import { hostSigner } from '../../../ts/provider/accounts/host_signer.ts';
import { bytes, suites } from './support/people.ts';
import { ruleOf } from './support/refusal.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const ROOM = 'mimi://hub.example/r/club';
const sender = 'mimi://b.example/u/mallory';

function keyOf(suite: 1 | 2 | 3): FrankingKey {
  const { publicKey, privateKey } = generateSignatureKeyPair(suite);
  return { hubKey: random(32), publicKey, sign: signerOf(suite, privateKey) };
}

/** A message as its hub takes it. */
function messageOf(text: string, position = 7n): { salt: Uint8Array; franked: Franked } {
  const salt = random(16);
  const franked = {
    tag: frankingTag(salt, bytes(text)),
    sender,
    blindedSender: blindedSender(blindOf(salt), sender),
    room: ROOM,
    acceptedAt: 1_700_000_000_000n,
    position,
  };
  return { salt, franked };
}

describe.each(suites)('in suite %i', (suite) => {
  const key = keyOf(suite);
  const { franked } = messageOf('a threat');

  test.each(['exedra', 'draft06'] as const)(
    'a frank of form %s is recognized by who has the key, and verified by all',
    (form) => {
      const frank = makeFrank(form, suite, key, franked);
      expect(() => verifyFrank(form, suite, key.publicKey, frank, franked)).not.toThrow();
      expect(isOwnFrank(form, key.hubKey, frank, franked)).toBe(true);
      expect(isOwnFrank(form, random(32), frank, franked)).toBe(false);
      const other = keyOf(suite);
      expect(ruleOf(() => verifyFrank(form, suite, other.publicKey, frank, franked))).toBe(
        form === 'exedra' ? 'badFrank key' : 'badFrank signature',
      );
    },
  );

  test('whatever it is made over is bound', () => {
    const frank = makeFrank('exedra', suite, key, franked);
    expect(integrityOf(frank)).toMatchObject({
      position: 7n,
      keyId: frankingKeyId(key.publicKey),
    });
    const others: Partial<Franked>[] = [
      { tag: random(32) },
      { blindedSender: random(32) },
      { room: 'mimi://hub.example/r/other' },
      { acceptedAt: franked.acceptedAt + 1n },
    ];
    for (const other of others) {
      const changed = { ...franked, ...other };
      expect(isOwnFrank('exedra', key.hubKey, frank, changed)).toBe(false);
      expect(ruleOf(() => verifyFrank('exedra', suite, key.publicKey, frank, changed))).toBe(
        'badFrank signature',
      );
    }
    // The place in the log stands in the frank itself.
    const integritySignature = frank.integritySignature.slice();
    integritySignature[15] = (integritySignature[15] ?? 0) ^ 1;
    const moved = { ...frank, integritySignature };
    expect(isOwnFrank('exedra', key.hubKey, moved, franked)).toBe(false);
    expect(ruleOf(() => verifyFrank('exedra', suite, key.publicKey, moved, franked))).toBe(
      'badFrank signature',
    );
  });

  test('of another suite, or none of this form, it is refused', () => {
    const frank = makeFrank('exedra', suite, key, franked);
    const verify = (changed: Partial<typeof frank>) => () =>
      verifyFrank('exedra', suite, key.publicKey, { ...frank, ...changed }, franked);
    expect(ruleOf(verify({ cipherSuite: 9 }))).toBe('badFrank suite');
    expect(ruleOf(verify({ integritySignature: bytes('short') }))).toBe('badFrank form');
    const draft = makeFrank('draft06', suite, key, franked);
    expect(['badFrank form', 'badFrank key']).toContain(ruleOf(verify(draft)));
  });
});

test('a follower that knows all participants does not find the sender', () => {
  const key = keyOf(1);
  const { salt, franked } = messageOf('nobody shall know who says this');
  const frank = makeFrank('exedra', 1, key, franked);
  const users = Array.from({ length: 200 }, (_, at) => `mimi://b.example/u/user-${at}`);
  const verifies = (blinded: Uint8Array) => {
    try {
      verifyFrank('exedra', 1, key.publicKey, frank, { ...franked, blindedSender: blinded });
      return true;
    } catch {
      return false;
    }
  };
  // What a follower can compute of a user without the salt: with any key that it has, such as the tag.
  const guesses = [franked.tag, frank.serverFrank, new Uint8Array(32)];
  for (const user of [...users, sender]) {
    for (const guess of guesses) expect(verifies(blindedSender(guess, user))).toBe(false);
  }
  // Who reads the message does.
  expect(verifies(blindedSender(blindOf(salt), sender))).toBe(true);
});

test('the franks of two messages of one sender cannot be exchanged', () => {
  const key = keyOf(1);
  const [threat, greeting] = [messageOf('a threat', 1n), messageOf('good morning', 2n)];
  const other = makeFrank('exedra', 1, key, greeting.franked);
  expect(ruleOf(() => verifyFrank('exedra', 1, key.publicKey, other, threat.franked))).toBe(
    'badFrank signature',
  );
});

test('the host signs as the core does', () => {
  for (const [suite, kind] of [
    [1, 'ed25519'],
    [2, 'p256'],
  ] as const) {
    const pair = generateSignatureKeyPair(suite);
    const key = { hubKey: random(32), publicKey: pair.publicKey, sign: hostSigner(kind, pair) };
    const { franked } = messageOf('signed by the host');
    const frank = makeFrank('exedra', suite, key, franked);
    expect(() => verifyFrank('exedra', suite, pair.publicKey, frank, franked)).not.toThrow();
  }
});

// Pseudonyms, pseudonymous credentials and identity links.

import { describe, expect, test } from 'vitest';
import { generateSignatureKeyPair, PSEUDONYM_CREDENTIAL } from '../../../ts/mls/index.ts';
import {
  decodePseudonymCredential,
  encodePseudonymCredential,
} from '../../../ts/privacy/parts/credential_struct.ts';
import {
  IDENTITY_LINK_BYTES,
  linkKeyHash,
  openLink,
  sealLink,
} from '../../../ts/privacy/parts/identity_link.ts';
import {
  CLAIM_SLOTS,
  claimSlotToken,
  claimToken,
  claimTokenHash,
  connectionKey,
  contactKey,
  linkKeySeal,
  newClientPseudonym,
  pseudonymKey,
  userPseudonym,
} from '../../../ts/privacy/parts/pseudonym.ts';
import {
  makeCredential,
  readPseudonymCredential,
} from '../../../ts/privacy/parts/pseudonym_credential.ts';
import { randomSecret } from '../../../ts/privacy/parts/seal.ts';
import { asClientUri, asUserUri, parseMimiUri } from '../../../ts/wire/index.ts';
import { bytes, person, pseudonymous, suites } from './support/people.ts';
import { codeOf, ruleOf } from './support/refusal.ts';

const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

describe.each(suites)('the keys of an account, suite %i', (suite) => {
  const account = randomSecret();

  test('are the same on all of its devices, and another one for each index', () => {
    expect(pseudonymKey(suite, account, bytes('1'))).toEqual(
      pseudonymKey(suite, account, bytes('1')),
    );
    expect(pseudonymKey(suite, account, bytes('1')).publicKey).not.toEqual(
      pseudonymKey(suite, account, bytes('2')).publicKey,
    );
    expect(pseudonymKey(suite, randomSecret(), bytes('1')).publicKey).not.toEqual(
      pseudonymKey(suite, account, bytes('1')).publicKey,
    );
    expect(contactKey(suite, account, 1)).toEqual(contactKey(suite, account, 1));
    expect(contactKey(suite, account, 1)).not.toEqual(contactKey(suite, account, 2));
  });
});

test('the connection key changes with its generation, and what follows from it with the key', () => {
  const account = randomSecret();
  const [first, second] = [connectionKey(account, 1), connectionKey(account, 2)];
  const all = [first, second, claimToken(first), claimToken(second), linkKeySeal(first)].map(hex);
  expect(new Set(all).size).toBe(5);
  expect(hex(claimTokenHash(claimToken(first)))).not.toBe(hex(claimToken(first)));
  expect(connectionKey(account, 1)).toEqual(first);
});

test('each place of a stock has a claim token of its own, which is no other of the account', () => {
  const [one, other] = [randomSecret(), randomSecret()].map((secret) => connectionKey(secret, 0));
  const tokens = [one, other].flatMap((key) => [
    claimToken(key as Uint8Array),
    ...Array.from({ length: CLAIM_SLOTS + 1 }, (_, slot) =>
      claimSlotToken(key as Uint8Array, slot),
    ),
  ]);
  expect(new Set(tokens.map(hex)).size).toBe(2 * (CLAIM_SLOTS + 2));
});

test('a user pseudonym names its key: 16 bytes of a hash, at the domain of the provider', () => {
  const { publicKey } = generateSignatureKeyPair(1);
  const { kind, domain, id } = parseMimiUri(userPseudonym('a.example', publicKey));
  expect({ kind, domain }).toEqual({ kind: 'user', domain: 'a.example' });
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(userPseudonym('a.example', publicKey)).toBe(`mimi://a.example/u/${id}`);
  expect(userPseudonym('a.example', generateSignatureKeyPair(1).publicKey)).not.toContain(id);
});

test('a client pseudonym is never the same twice', () => {
  expect(newClientPseudonym('a.example')).not.toBe(newClientPseudonym('a.example'));
});

describe.each(suites)('a pseudonymous credential, suite %i', (suite) => {
  const alice = pseudonymous('alice', suite);
  const read = (content: Uint8Array, leaf = alice.leafSignatureKey) =>
    readPseudonymCredential(content, leaf, suite);
  const fields = decodePseudonymCredential(alice.credential.bytes);
  const changed = (change: Partial<typeof fields>) =>
    encodePseudonymCredential({ ...fields, ...change });

  test('says for whom its leaf stands, by pseudonyms', () => {
    expect(alice.credential.type).toBe(PSEUDONYM_CREDENTIAL);
    const participant = read(alice.credential.bytes);
    expect(participant).toEqual(alice.participant);
    expect(participant.user).toBe(userPseudonym('a.example', alice.pseudonymKey.publicKey));
  });

  test('counts for its own leaf only', () => {
    const other = generateSignatureKeyPair(suite).publicKey;
    expect(ruleOf(() => read(alice.credential.bytes, other))).toBe('badSignature pseudonym');
  });

  test('that claims the pseudonym of another is refused: it is that of a key', () => {
    const mallory = pseudonymous('mallory', suite);
    const claim = changed({ pseudonymKey: mallory.pseudonymKey.publicKey });
    expect(ruleOf(() => read(claim))).toBe('badCredential pseudonym');
    const { user } = mallory.participant;
    expect(ruleOf(() => read(changed({ user })))).toBe('badCredential pseudonym');
    const stolen = changed({ user, pseudonymKey: mallory.pseudonymKey.publicKey });
    expect(ruleOf(() => read(stolen))).toBe('badSignature pseudonym');
  });

  test('of two providers is refused', () => {
    const client = newClientPseudonym('b.example');
    expect(ruleOf(() => read(changed({ client })))).toBe('badCredential domain');
  });

  test('whose client pseudonym could carry a name is refused', () => {
    const client = asClientUri('mimi://a.example/d/alices-phone');
    expect(ruleOf(() => read(changed({ client })))).toBe('badCredential client');
  });

  test('with another client pseudonym or link key hash than U signed is refused', () => {
    const client = newClientPseudonym('a.example');
    expect(codeOf(() => read(changed({ client })))).toBe('badSignature');
    const hash = linkKeyHash(randomSecret());
    expect(codeOf(() => read(changed({ linkKeyHash: hash })))).toBe('badSignature');
  });

  test('whose link has another length than all others is refused', () => {
    const identityLink = new Uint8Array(IDENTITY_LINK_BYTES + 1);
    expect(ruleOf(() => read(changed({ identityLink })))).toBe('badCredential linkLength');
  });

  test('that is not one struct is refused', () => {
    expect(codeOf(() => read(bytes('nonsense')))).toBe('malformed');
    expect(codeOf(() => read(Uint8Array.of(...alice.credential.bytes, 0)))).toBe('malformed');
    const user = asUserUri('mimi://a.example/u/x') as string as ReturnType<typeof asClientUri>;
    expect(codeOf(() => read(changed({ client: user })))).toBe('malformed');
  });
});

test('the length of a credential does not tell the name behind it', () => {
  const lengthOf = (name: string) => pseudonymous(name).credential.bytes.length;
  expect(lengthOf('bo')).toBe(lengthOf('bartholomew.the.third.of.somewhere'));
});

test('a name too long for the one length of all links is refused, not made visible', () => {
  const domain = `${'x'.repeat(60)}.${'y'.repeat(60)}.example`;
  const input = {
    suite: 1,
    domain,
    pseudonymKey: pseudonymKey(1, randomSecret(), bytes('1')),
    leafSignatureKey: generateSignatureKeyPair(1).publicKey,
  } as const;
  makeCredential({ ...input, real: person('x'.repeat(20), 1, domain) });
  const real = person('x'.repeat(100), 1, domain);
  expect(codeOf(() => makeCredential({ ...input, real }))).toBe('tooLarge');
});

describe.each(suites)('an identity link, suite %i', (suite) => {
  const alice = pseudonymous('alice', suite);
  const { linkKey, leafSignatureKey } = alice;
  const input = { suite, credential: alice.credential.bytes, leafSignatureKey, linkKey };
  const fields = decodePseudonymCredential(alice.credential.bytes);
  const binding = { ...alice.participant, leafSignatureKey };
  /** The credential of alice with another link in it. */
  const linked = (identityLink: Uint8Array) =>
    encodePseudonymCredential({ ...fields, identityLink });

  test('opens to the real user, client and key', () => {
    const { user, client, signatureKey } = openLink(input);
    expect({ user, client }).toEqual({
      user: 'mimi://a.example/u/alice',
      client: 'mimi://a.example/d/alice-phone',
    });
    expect(signatureKey).toEqual(alice.real.signatureKey);
  });

  test('does not open with another key', () => {
    expect(codeOf(() => openLink({ ...input, linkKey: randomSecret() }))).toBe('wrongLinkKey');
    expect(codeOf(() => openLink({ ...input, linkKey: new Uint8Array(5) }))).toBe(
      'invalidArgument',
    );
  });

  test('that is not sealed under the key of the credential is refused', () => {
    const credential = linked(new Uint8Array(IDENTITY_LINK_BYTES));
    expect(codeOf(() => openLink({ ...input, credential }))).toBe('malformed');
    const damaged = fields.identityLink.slice();
    damaged[100] = (damaged[100] as number) ^ 1;
    expect(codeOf(() => openLink({ ...input, credential: linked(damaged) }))).toBe('undecryptable');
  });

  test('copied from another credential is recognised as that', () => {
    // Mallory knows alice's k, takes link and H(k) as they are, and makes a credential of his own of them.
    const mallory = pseudonymous('mallory', suite);
    const own = decodePseudonymCredential(mallory.credential.bytes);
    const credential = encodePseudonymCredential({
      ...own,
      linkKeyHash: fields.linkKeyHash,
      identityLink: fields.identityLink,
    });
    const copied = { suite, credential, leafSignatureKey: mallory.leafSignatureKey, linkKey };
    expect(codeOf(() => openLink(copied))).toBe('foreignLink');
    // And a link of alice's in her own other leaf is one too.
    const otherLeaf = generateSignatureKeyPair(suite).publicKey;
    expect(codeOf(() => openLink({ ...input, leafSignatureKey: otherLeaf }))).toBe('foreignLink');
  });

  test('that names alice and is signed by another key is refused', () => {
    const mallory = person('mallory', suite);
    const { credential, signatureKey } = alice.real;
    const forged = sealLink(binding, linkKey, { credential, signatureKey, sign: mallory.sign });
    expect(ruleOf(() => openLink({ ...input, credential: linked(forged) }))).toBe(
      'badSignature identity link',
    );
  });

  test('that names alice with the key of another opens to that key, for the reader to judge', () => {
    const mallory = person('mallory', suite);
    const { credential } = alice.real;
    const { signatureKey, sign } = mallory;
    const claimed = sealLink(binding, linkKey, { credential, signatureKey, sign });
    const opened = openLink({ ...input, credential: linked(claimed) });
    expect(opened.signatureKey).toEqual(mallory.signatureKey);
  });

  test('is not made of a real credential that names no user, or one of another provider', () => {
    const { signatureKey, sign } = alice.real;
    const nobody = { credential: { type: 1, bytes: bytes('?') }, signatureKey, sign };
    expect(ruleOf(() => sealLink(binding, linkKey, nobody))).toBe('badRealCredential content');
    const typed = { ...alice.real, credential: { ...alice.real.credential, type: 2 } };
    expect(ruleOf(() => sealLink(binding, linkKey, typed))).toBe('badRealCredential type');
    const foreign = person('alice', suite, 'b.example');
    expect(ruleOf(() => sealLink(binding, linkKey, foreign))).toBe('badRealCredential domain');
  });

  test('of two credentials of one person has nothing in common with the other', () => {
    const make = () =>
      makeCredential({
        suite,
        domain: 'a.example',
        pseudonymKey: alice.pseudonymKey,
        leafSignatureKey,
        real: alice.real,
      });
    const [one, two] = [make(), make()].map(({ credential }) =>
      decodePseudonymCredential(credential.bytes),
    );
    expect(one?.user).toBe(two?.user);
    expect(one?.client).not.toBe(two?.client);
    expect(one?.linkKeyHash).not.toEqual(two?.linkKeyHash);
    expect(one?.identityLink).not.toEqual(two?.identityLink);
  });
});

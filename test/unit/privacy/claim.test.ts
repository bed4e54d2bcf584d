// Sealed claims of key packages and their answers, with real key packages.

import { describe, expect, test } from 'vitest';
import { generateHpkeKeyPair } from '../../../ts/mls/index.ts';
import {
  openClaim,
  openClaimAnswer,
  openClaimedLinkKey,
  sealClaim,
  sealClaimAnswer,
  sealClaimedLinkKey,
} from '../../../ts/privacy/parts/claim.ts';
import { claimToken, connectionKey } from '../../../ts/privacy/parts/pseudonym.ts';
import { randomSecret } from '../../../ts/privacy/parts/seal.ts';
import { device, keyPackageOf } from '../mls/devices.ts';
import { bytes, suites } from './support/people.ts';
import { codeOf, ruleOf } from './support/refusal.ts';

const now = 1_800_000_000_000;

describe.each(suites)('a claim of key packages, suite %i', (suite) => {
  const provider = generateHpkeKeyPair(1);
  const target = { suite: 1, domain: 'b.example', publicKey: provider.publicKey } as const;
  const reader = { suite: 1, domain: 'b.example', privateKey: provider.privateKey, now } as const;
  const connection = connectionKey(randomSecret(), 1);
  const token = claimToken(connection);
  const wanted = { token, expiry: now + 60_000, kind: 'pseudonymous', suite } as const;
  const { sealed, pending } = sealClaim(target, wanted);
  const keyPackage = keyPackageOf(device(suite, 'bob'));
  const linkKey = randomSecret();
  const entry = { keyPackage, sealedKey: sealClaimedLinkKey(connection, keyPackage, linkKey) };

  test('is read by the provider that it is for', () => {
    const { digest, responseKey, ...claim } = openClaim(reader, sealed);
    expect(claim).toEqual(wanted);
    expect(digest).toEqual(pending.digest);
  });

  test('says nothing on its way, and looks like any other', () => {
    expect(Buffer.from(sealed).includes(Buffer.from(token))).toBe(false);
    const other = sealClaim(target, { ...wanted, kind: 'real', expiry: 0 });
    expect(other.sealed.length).toBe(sealed.length);
    expect(other.sealed).not.toEqual(sealed);
  });

  test('is read by no other provider, and by none under another domain', () => {
    const other = generateHpkeKeyPair(1).privateKey;
    expect(codeOf(() => openClaim({ ...reader, privateKey: other }, sealed))).toBe('undecryptable');
    expect(codeOf(() => openClaim({ ...reader, domain: 'c.example' }, sealed))).toBe(
      'undecryptable',
    );
  });

  test('ends at its expiry', () => {
    expect(openClaim({ ...reader, now: wanted.expiry }, sealed).expiry).toBe(wanted.expiry);
    expect(ruleOf(() => openClaim({ ...reader, now: wanted.expiry + 1 }, sealed))).toBe(
      'expired expiry',
    );
  });

  test('is answered for its sender alone', () => {
    const answer = sealClaimAnswer(openClaim(reader, sealed), [entry]);
    expect(openClaimAnswer(pending, answer)).toEqual([entry]);
    expect(Buffer.from(answer).includes(Buffer.from(keyPackage.subarray(0, 64)))).toBe(false);
    const other = sealClaim(target, wanted).pending;
    expect(codeOf(() => openClaimAnswer(other, answer))).toBe('undecryptable');
  });

  test('takes no answer to another claim with the same key', () => {
    const answer = sealClaimAnswer(openClaim(reader, sealed), [entry]);
    const digest = new Uint8Array(32);
    expect(codeOf(() => openClaimAnswer({ ...pending, digest }, answer))).toBe('undecryptable');
  });

  test('may be answered with nothing', () => {
    expect(openClaimAnswer(pending, sealClaimAnswer(openClaim(reader, sealed), []))).toEqual([]);
  });

  test('with a response key that is none cannot be answered', () => {
    const claim = { ...openClaim(reader, sealed), responseKey: bytes('?') };
    expect(codeOf(() => sealClaimAnswer(claim, []))).toBe('badKey');
  });

  test('gives the link key to who is connected, for this key package only', () => {
    expect(openClaimedLinkKey(connection, entry)).toEqual(linkKey);
    expect(codeOf(() => openClaimedLinkKey(randomSecret(), entry))).toBe('undecryptable');
    const other = { ...entry, keyPackage: keyPackageOf(device(suite, 'bob')) };
    expect(codeOf(() => openClaimedLinkKey(connection, other))).toBe('undecryptable');
    const none = { keyPackage, sealedKey: new Uint8Array() };
    expect(codeOf(() => openClaimedLinkKey(connection, none))).toBe('malformed');
    const junk = { ...entry, keyPackage: bytes('?') };
    expect(codeOf(() => openClaimedLinkKey(connection, junk))).toBe('malformed');
  });
});

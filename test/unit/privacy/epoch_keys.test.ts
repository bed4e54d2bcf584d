// The keys of an epoch and their announcement.

import { describe, expect, test } from 'vitest';
import {
  decryptWithLabel,
  encryptWithLabel,
  generateSignatureKeyPair,
} from '../../../ts/mls/index.ts';
import {
  contextHash,
  decodeAnnouncement,
  makeAnnouncement,
  verifyAnnouncement,
} from '../../../ts/privacy/parts/announcement.ts';
import {
  decodeEpochKeys,
  deriveEpochKeys,
  encodeEpochKeys,
  eraseEpochKeys,
} from '../../../ts/privacy/parts/epoch_root.ts';
import { signerOf } from '../../../ts/privacy/parts/hpke.ts';
import { bytes, groupId, otherGroupId, suites } from './support/people.ts';
import { codeOf, ruleOf } from './support/refusal.ts';

const root = () => Uint8Array.from({ length: 32 }, (_, index) => index);

describe.each(suites)('the keys of an epoch, suite %i', (suite) => {
  test('follow from its root alone, so that all members have the same', () => {
    expect(deriveEpochKeys(suite, root())).toEqual(deriveEpochKeys(suite, root()));
    const other = root();
    other[0] = 0xff;
    expect(deriveEpochKeys(suite, other).publicKey).not.toEqual(
      deriveEpochKeys(suite, root()).publicKey,
    );
  });

  test('are three that do not follow from each other', () => {
    const { privateKey, writeKey, wrapperSeal } = deriveEpochKeys(suite, root());
    const all = [privateKey, writeKey, wrapperSeal, root()].map((key) => bytesText(key));
    expect(new Set(all).size).toBe(4);
  });

  test('hold an HPKE key pair of the suite', () => {
    const { publicKey, privateKey } = deriveEpochKeys(suite, root());
    const sealed = encryptWithLabel(suite, publicKey, 'x', bytes(''), bytes('content'));
    expect(decryptWithLabel(suite, privateKey, 'x', bytes(''), sealed)).toEqual(bytes('content'));
  });

  test('leave no root behind', () => {
    const used = root();
    deriveEpochKeys(suite, used);
    expect(used).toEqual(new Uint8Array(32));
  });

  test('are stored and erased', () => {
    const keys = deriveEpochKeys(suite, root());
    const row = encodeEpochKeys(keys);
    const again = decodeEpochKeys(row);
    expect(again).toEqual(keys);
    eraseEpochKeys(again);
    expect(again.privateKey.every((octet) => octet === 0)).toBe(true);
    expect(again.writeKey.every((octet) => octet === 0)).toBe(true);
    expect(again.wrapperSeal.every((octet) => octet === 0)).toBe(true);
    expect(decodeEpochKeys(row)).toEqual(keys);
  });
});

const bytesText = (value: Uint8Array) => Buffer.from(value).toString('hex');

test('the keys of an epoch are not those of another suite with the same root', () => {
  expect(deriveEpochKeys(1, root()).publicKey).not.toEqual(deriveEpochKeys(3, root()).publicKey);
});

test('a root of another length makes no keys', () => {
  expect(codeOf(() => deriveEpochKeys(1, new Uint8Array(31)))).toBe('invalidArgument');
});

test('stored keys of an unknown suite are refused', () => {
  const row = encodeEpochKeys(deriveEpochKeys(1, root()));
  row[1] = 9;
  expect(codeOf(() => decodeEpochKeys(row))).toBe('malformed');
});

describe.each(suites)('the announcement of an epoch key, suite %i', (suite) => {
  const leaf = generateSignatureKeyPair(suite);
  const key = {
    groupId,
    epoch: 8n,
    contextHash: contextHash(bytes('context 8')),
    publicKey: bytes('public key'),
    leafIndex: 3,
  };
  const announced = makeAnnouncement(key, signerOf(suite, leaf.privateKey));
  const { publicKey: _, ...epoch } = { ...key, suite, signatureKey: leaf.publicKey };

  test('gives the key to who knows the epoch and the committer', () => {
    const { signature, ...verified } = verifyAnnouncement(announced, epoch);
    expect(verified).toEqual(key);
    expect(signature.length).toBeGreaterThan(0);
  });

  test('counts for no other room, epoch, state or leaf', () => {
    const verify = (change: object) =>
      ruleOf(() => verifyAnnouncement(announced, { ...epoch, ...change }));
    expect(verify({ groupId: otherGroupId })).toBe('wrongContext groupId');
    expect(verify({ epoch: 9n })).toBe('wrongContext epoch');
    expect(verify({ contextHash: contextHash(bytes('other')) })).toBe('wrongContext contextHash');
    expect(verify({ leafIndex: 4 })).toBe('wrongContext leafIndex');
    const other = generateSignatureKeyPair(suite).publicKey;
    expect(verify({ signatureKey: other })).toBe('badSignature epoch key announcement');
  });

  test('is signed over the key: one who swaps it is found out', () => {
    const { signature } = decodeAnnouncement(announced);
    const forged = makeAnnouncement({ ...key, publicKey: bytes('mine') }, () => signature);
    expect(codeOf(() => verifyAnnouncement(forged, epoch))).toBe('badSignature');
  });
});

// Join links: the text, the record for joiners, the proof and the secret for members.

import { describe, expect, test } from 'vitest';
import { contextHash } from '../../../ts/privacy/parts/announcement.ts';
import {
  checkGroupInfo,
  createLink,
  encodeLink,
  joinProof,
  linkToken,
  openJoinRecord,
  openSecretForMembers,
  parseLink,
  sealJoinRecord,
  sealSecretForMembers,
  secretHash,
  verifyJoinProof,
} from '../../../ts/privacy/parts/join_link.ts';
import { randomSecret } from '../../../ts/privacy/parts/seal.ts';
import { newWrapper } from '../../../ts/privacy/parts/wrapper.ts';
import { decodeGroupInfo, roomUri } from '../../../ts/wire/index.ts';
import { bytes, groupId, groupMessages, otherGroupId } from './support/people.ts';
import { codeOf, refusal, ruleOf } from './support/refusal.ts';

const link = createLink(roomUri('a.example', 'club'), 'pseudonymous', 7n);
const { secret } = link;
const slot = { groupId, linkId: link.id };
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

describe('the text of a join link', () => {
  const text = encodeLink(link);

  test('gives the link back', () => {
    expect(parseLink(text)).toEqual(link);
  });

  test('has the secret in the fragment, which no server is sent', () => {
    const url = new URL(text);
    expect(url.hash).toBe(`#${hex(secret)}`);
    expect(text.slice(0, text.indexOf('#'))).not.toContain(hex(secret));
  });

  test('has one spelling', () => {
    const changes: readonly ((text: string) => string)[] = [
      (all) => `${all} `,
      (all) => all.toUpperCase(),
      (all) => all.replace('from=7', 'from=07'),
      (all) => all.replace('from=7', 'from=18446744073709551616'),
      (all) => all.replace('%3A', ':'),
      (all) => all.replace('%2Fr%2F', '%2Fu%2F'),
      (all) => all.replace('mimi-link:', 'https:'),
      (all) => all.slice(0, -1),
      (all) => all.slice(0, all.indexOf('#')),
      (all) => all.replace('club', `club${'%20'.repeat(500)}`),
    ];
    for (const change of changes) expect(codeOf(() => parseLink(change(text)))).toBe('malformed');
  });

  test('with a fault is refused without a word of the secret', () => {
    const error = refusal(() => parseLink(`${text}0`));
    const told = `${error.message} ${JSON.stringify(error.details)} ${error.cause}`;
    expect(told).not.toContain(hex(secret).slice(0, 8));
  });
});

test('two links share neither id nor secret', () => {
  const other = createLink(link.room, 'pseudonymous', 7n);
  expect(other.id).not.toEqual(link.id);
  expect(other.secret).not.toEqual(link.secret);
});

test('hash and token of a secret are not each other, and do not give it', () => {
  expect(new Set([secret, secretHash(secret), linkToken(secret)].map(hex)).size).toBe(3);
});

describe('the record for joiners', () => {
  const record = {
    epoch: 7n,
    contextHash: contextHash(bytes('context')),
    epochKey: bytes('epoch key'),
    wrapper: newWrapper(),
  };
  const sealed = sealJoinRecord(slot, secret, record);

  test('opens with the secret of the link', () => {
    expect(openJoinRecord(slot, link, sealed)).toEqual({ ...record, state: undefined });
  });

  test('carries the group where the hub cannot', () => {
    const state = { groupInfo: bytes('info'), ratchetTree: bytes('tree') };
    const full = { ...record, wrapper: undefined, state };
    expect(openJoinRecord(slot, link, sealJoinRecord(slot, secret, full))).toEqual(full);
  });

  test('opens with no other secret, link or room', () => {
    const other = { ...link, secret: randomSecret() };
    expect(codeOf(() => openJoinRecord(slot, other, sealed))).toBe('undecryptable');
    const elsewhere = { ...slot, groupId: otherGroupId };
    expect(codeOf(() => openJoinRecord(elsewhere, link, sealed))).toBe('undecryptable');
    const otherLink = { ...slot, linkId: new Uint8Array(16) };
    expect(codeOf(() => openJoinRecord(otherLink, link, sealed))).toBe('undecryptable');
  });

  test('older than the link is refused', () => {
    expect(codeOf(() => openJoinRecord(slot, { ...link, epochFloor: 8n }, sealed))).toBe(
      'outdated',
    );
  });

  test('fits one GroupInfo: another state, epoch or group is refused', () => {
    const { groupInfo, groupId: id, epoch } = groupMessages();
    const { groupContext } = decodeGroupInfo(groupInfo);
    const fitting = { ...record, epoch, contextHash: contextHash(groupContext.bytes) };
    checkGroupInfo(fitting, id, groupInfo);
    const check = (change: object, of = id) =>
      ruleOf(() => checkGroupInfo({ ...fitting, ...change }, of, groupInfo));
    expect(check({ contextHash: record.contextHash })).toBe('wrongContext contextHash');
    expect(check({ epoch: epoch + 1n })).toBe('wrongContext epoch');
    expect(check({}, otherGroupId)).toBe('wrongContext groupId');
    expect(codeOf(() => checkGroupInfo(fitting, id, bytes('?')))).toBe('malformed');
  });
});

describe('the proof of a joiner', () => {
  const claim = { ...slot, epoch: 7n, leafSignatureKey: bytes('leaf key') };
  const proof = joinProof(secret, claim);

  test('shows that it has the secret', () => {
    expect(() => verifyJoinProof(secret, claim, proof)).not.toThrow();
  });

  test('is of use for no other leaf, epoch, link, room or secret', () => {
    const verify = (change: object, by = secret) =>
      codeOf(() => verifyJoinProof(by, { ...claim, ...change }, proof));
    expect(verify({ leafSignatureKey: bytes('other key') })).toBe('badMac');
    expect(verify({ epoch: 8n })).toBe('badMac');
    expect(verify({ linkId: new Uint8Array(16) })).toBe('badMac');
    expect(verify({ groupId: otherGroupId })).toBe('badMac');
    expect(verify({}, randomSecret())).toBe('badMac');
    expect(codeOf(() => verifyJoinProof(secret, claim, proof.subarray(1)))).toBe('badMac');
  });

  test('is not the token that the hub is shown', () => {
    expect(codeOf(() => verifyJoinProof(secret, claim, linkToken(secret)))).toBe('badMac');
  });
});

describe('the secret for members', () => {
  const wrapper = newWrapper();
  const sealed = sealSecretForMembers(slot, wrapper, secret);

  test('opens with the key that members share', () => {
    expect(openSecretForMembers(slot, wrapper, secretHash(secret), sealed)).toEqual(secret);
  });

  test('that is not the one whose hash the room holds is refused', () => {
    const other = secretHash(randomSecret());
    expect(codeOf(() => openSecretForMembers(slot, wrapper, other, sealed))).toBe('wrongSecret');
  });

  test('opens with no other key, link or room', () => {
    const open = (where: typeof slot, key: Uint8Array) =>
      codeOf(() => openSecretForMembers(where, key, secretHash(secret), sealed));
    expect(open(slot, newWrapper())).toBe('undecryptable');
    expect(open({ ...slot, groupId: otherGroupId }, wrapper)).toBe('undecryptable');
    expect(open({ ...slot, linkId: new Uint8Array(16) }, wrapper)).toBe('undecryptable');
  });
});

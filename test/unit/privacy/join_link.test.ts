// Join links: the text, the record for joiners, the proof, and what members have of a link.

import { describe, expect, test } from 'vitest';
import { generateHpkeKeyPair } from '../../../ts/mls/index.ts';
import { sealedHubParts } from '../../../ts/privacy/enveloped_handshakes.ts';
import { joinSlot } from '../../../ts/privacy/member/member_slots.ts';
import { contextHash } from '../../../ts/privacy/parts/announcement.ts';
import {
  checkGroupInfo,
  createLink,
  decodeLinkPublic,
  encodeLink,
  joinProof,
  joinTokenSlot,
  linkPublic,
  linkToken,
  openJoinRecord,
  parseLink,
  sealJoinRecord,
  verifyJoinProof,
} from '../../../ts/privacy/parts/join_link.ts';
import { randomSecret } from '../../../ts/privacy/parts/seal.ts';
import { newWrapper } from '../../../ts/privacy/parts/wrapper.ts';
import { sealNextWriteKey } from '../../../ts/privacy/parts/write_key.ts';
import { decodeGroupInfo, hubPartOf, roomUri } from '../../../ts/wire/index.ts';
import { bytes, groupId, groupMessages, otherGroupId, suites } from './support/people.ts';
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

describe.each(suites)('what the room holds of a link, suite %i', (suite) => {
  const encoded = linkPublic(suite, secret);

  test('follows from the secret, and names the slot of its token', () => {
    expect(linkPublic(suite, secret)).toEqual(encoded);
    expect(decodeLinkPublic(encoded).slot).toEqual(joinTokenSlot(linkToken(secret)));
    expect(linkPublic(suite, randomSecret())).not.toEqual(encoded);
  });

  test('has neither the secret nor the token in it', () => {
    expect(hex(encoded)).not.toContain(hex(secret));
    expect(hex(encoded)).not.toContain(hex(linkToken(secret)));
  });

  test('that is none is refused', () => {
    expect(codeOf(() => decodeLinkPublic(encoded.subarray(1)))).toBe('malformed');
    expect(codeOf(() => linkPublic(suite, secret.subarray(1)))).toBe('invalidArgument');
  });

  test('opens no record and makes no proof', () => {
    const record = {
      epoch: 7n,
      contextHash: contextHash(bytes('context')),
      epochKey: bytes('key'),
    };
    const { slot: name, signatureKey, sealingKey } = decodeLinkPublic(encoded);
    const sealed = sealJoinRecord(suite, slot, { sealingKey }, record);
    const claim = { ...slot, epoch: 7n, leafSignatureKey: bytes('leaf key') };
    for (const known of [name, linkToken(secret), contextHash(sealingKey)]) {
      const guess = { ...link, secret: known };
      expect(codeOf(() => openJoinRecord(suite, slot, guess, sealed))).toBe('undecryptable');
      const proof = joinProof(suite, known, claim);
      expect(codeOf(() => verifyJoinProof(suite, { signatureKey }, claim, proof))).toBe(
        'badSignature',
      );
    }
  });

  test('with a key that is none takes no record', () => {
    const sealingKey = new Uint8Array(5);
    const record = {
      epoch: 7n,
      contextHash: contextHash(bytes('context')),
      epochKey: bytes('key'),
    };
    expect(codeOf(() => sealJoinRecord(suite, slot, { sealingKey }, record))).toBe('badKey');
  });
});

describe.each(suites)('the record for joiners, suite %i', (suite) => {
  const keys = decodeLinkPublic(linkPublic(suite, secret));
  const record = {
    epoch: 7n,
    contextHash: contextHash(bytes('context')),
    epochKey: bytes('epoch key'),
    wrapper: newWrapper(),
  };
  const sealed = sealJoinRecord(suite, slot, keys, record);

  test('opens with the secret of the link', () => {
    expect(openJoinRecord(suite, slot, link, sealed)).toEqual({ ...record, state: undefined });
  });

  test('carries the group where the hub cannot', () => {
    const state = { groupInfo: bytes('info'), ratchetTree: bytes('tree') };
    const full = { ...record, wrapper: undefined, state };
    expect(openJoinRecord(suite, slot, link, sealJoinRecord(suite, slot, keys, full))).toEqual(
      full,
    );
  });

  test('is as large in the sealed part for the hub as by itself: it is not padded to twice its class', () => {
    const state = { groupInfo: new Uint8Array(20_000), ratchetTree: new Uint8Array(40_000) };
    const value = sealJoinRecord(suite, slot, keys, { ...record, wrapper: undefined, state });
    const at = { groupId, epoch: 7n };
    const nextWriteKey = sealNextWriteKey(randomSecret(), at, randomSecret());
    const part = hubPartOf({ nextWriteKey, slots: [{ ...joinSlot(keys.slot), value }] });
    const hub = { id: bytes('1'), publicKey: generateHpkeKeyPair(1).publicKey };
    const sealedPart = sealedHubParts.seal(part, { ...at, suite, kind: 'commit' }, hub);
    expect(value.length).toBeLessThan(1 << 16);
    expect(sealedPart.length - (1 << 16)).toBeLessThan(64);
  });

  test('opens with no other secret, link or room', () => {
    const other = { ...link, secret: randomSecret() };
    expect(codeOf(() => openJoinRecord(suite, slot, other, sealed))).toBe('undecryptable');
    const elsewhere = { ...slot, groupId: otherGroupId };
    expect(codeOf(() => openJoinRecord(suite, elsewhere, link, sealed))).toBe('undecryptable');
    const otherLink = { ...slot, linkId: new Uint8Array(16) };
    expect(codeOf(() => openJoinRecord(suite, otherLink, link, sealed))).toBe('undecryptable');
  });

  test('older than the link is refused', () => {
    expect(codeOf(() => openJoinRecord(suite, slot, { ...link, epochFloor: 8n }, sealed))).toBe(
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

describe.each(suites)('the proof of a joiner, suite %i', (suite) => {
  const keys = decodeLinkPublic(linkPublic(suite, secret));
  const claim = { ...slot, epoch: 7n, leafSignatureKey: bytes('leaf key') };
  const proof = joinProof(suite, secret, claim);

  test('shows that it has the secret', () => {
    expect(() => verifyJoinProof(suite, keys, claim, proof)).not.toThrow();
  });

  test('is of use for no other leaf, epoch, link, room or secret', () => {
    const verify = (change: object, by = keys) =>
      codeOf(() => verifyJoinProof(suite, by, { ...claim, ...change }, proof));
    expect(verify({ leafSignatureKey: bytes('other key') })).toBe('badSignature');
    expect(verify({ epoch: 8n })).toBe('badSignature');
    expect(verify({ linkId: new Uint8Array(16) })).toBe('badSignature');
    expect(verify({ groupId: otherGroupId })).toBe('badSignature');
    expect(verify({}, decodeLinkPublic(linkPublic(suite, randomSecret())))).toBe('badSignature');
    expect(codeOf(() => verifyJoinProof(suite, keys, claim, proof.subarray(1)))).toBe(
      'badSignature',
    );
  });

  test('is not the token that the hub is shown', () => {
    expect(codeOf(() => verifyJoinProof(suite, keys, claim, linkToken(secret)))).toBe(
      'badSignature',
    );
  });
});

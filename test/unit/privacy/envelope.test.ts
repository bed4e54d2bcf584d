// The hub-visible envelope and the sealed join, around handshakes of real groups.

import { describe, expect, test } from 'vitest';
import { generateHpkeKeyPair } from '../../../ts/mls/index.ts';
import { type HandshakeType, headerOf } from '../../../ts/privacy/parts/committed_seal.ts';
import {
  decodeEnvelope,
  openAsHub,
  openAsMember,
  reseal,
  sealEnvelope,
} from '../../../ts/privacy/parts/envelope.ts';
import { sealTo } from '../../../ts/privacy/parts/hpke.ts';
import { randomSecret } from '../../../ts/privacy/parts/seal.ts';
import { decodeSealedJoin, openJoin, sealJoin } from '../../../ts/privacy/parts/sealed_join.ts';
import { encodeHpkeCiphertext } from '../../../ts/wire/index.ts';
import { bytes, groupMessages, otherGroupId, suites } from './support/people.ts';
import { codeOf, ruleOf } from './support/refusal.ts';

/** Puts another wrap in the place of one of the same length. */
function withWrap(envelope: Uint8Array, old: Uint8Array, wrap: Uint8Array): Uint8Array {
  const at = Buffer.from(envelope).indexOf(old);
  if (at < 0 || old.length !== wrap.length) throw new Error('The wrap does not fit.');
  const changed = envelope.slice();
  changed.set(wrap, at);
  return changed;
}

describe.each(suites)('an envelope, suite %i', (suite) => {
  const messages = groupMessages(suite);
  const { groupId, epoch } = messages;
  const hub = generateHpkeKeyPair(1);
  const members = generateHpkeKeyPair(suite);
  const hubKeyId = bytes('hub key 1');
  const input = {
    suite,
    groupId,
    epoch,
    hubSuite: 1,
    hubKeyId,
    hubKey: hub.publicKey,
    memberKeys: [members.publicKey],
  } as const;
  const seal = (contentType: HandshakeType, message: Uint8Array, change: object = {}) =>
    sealEnvelope({ ...input, contentType, message, ...change });
  const asHub = { suite: 1, groupId, epoch, privateKey: hub.privateKey } as const;
  const asMember = { suite, groupId, epoch, privateKey: members.privateKey };
  const envelope = seal('commit', messages.commit, { attached: bytes('attached') });

  test('shows hub and members the same handshake', () => {
    const opened = openAsHub(asHub, envelope);
    expect(opened.message?.bytes).toEqual(messages.commit);
    expect(opened.attached).toEqual(bytes('attached'));
    const { message, attached, key } = openAsMember(asMember, envelope);
    expect(message?.bytes).toEqual(messages.commit);
    expect(attached).toEqual(bytes('attached'));
    expect(key).toEqual(opened.key);
  });

  test('goes around proposals, external commits and what is no handshake in the same way', () => {
    const proposal = seal('proposal', messages.proposal);
    expect(openAsHub(asHub, proposal).message?.bytes).toEqual(messages.proposal);
    const join = seal('commit', messages.externalCommit);
    expect(openAsMember(asMember, join).message?.sender.type).toBe('newMemberCommit');
    const slots = seal('slots', bytes(''), { attached: bytes('slots') });
    expect(openAsMember(asMember, slots)).toMatchObject({ attached: bytes('slots') });
    expect(openAsHub(asHub, slots).message).toBeUndefined();
  });

  test('shows others group, epoch, content type, hub key and a size class', () => {
    const { wrapHub, wrapsMembers, commitment, ciphertext, ...clear } = decodeEnvelope(envelope);
    expect(clear).toEqual({ groupId, epoch, contentType: 'commit', keyId: hubKeyId });
    expect(Math.log2(ciphertext.length - 16) % 1).toBe(0);
    expect(seal('commit', messages.commit).length).toBe(envelope.length);
  });

  test('is sealed under a fresh key each time', () => {
    const [one, two] = [envelope, seal('commit', messages.commit)].map(decodeEnvelope);
    expect(one?.commitment).not.toEqual(two?.commitment);
  });

  test('of another room or epoch, or for another key, is refused', () => {
    expect(ruleOf(() => openAsHub({ ...asHub, groupId: otherGroupId }, envelope))).toBe(
      'wrongContext groupId',
    );
    expect(ruleOf(() => openAsMember({ ...asMember, epoch: epoch + 1n }, envelope))).toBe(
      'wrongContext epoch',
    );
    expect(codeOf(() => openAsHub({ ...asHub, privateKey: members.privateKey }, envelope))).toBe(
      'undecryptable',
    );
    const stranger = generateHpkeKeyPair(suite).privateKey;
    expect(codeOf(() => openAsMember({ ...asMember, privateKey: stranger }, envelope))).toBe(
      'undecryptable',
    );
  });

  test('whose wraps are exchanged for each other is refused: hub and members have labels', () => {
    const same = generateHpkeKeyPair(1);
    const both = seal('commit', messages.commit, {
      suite: 1,
      hubKey: same.publicKey,
      memberKeys: [same.publicKey],
    });
    const { wrapHub, wrapsMembers } = decodeEnvelope(both);
    const [wrapMembers = wrapHub] = wrapsMembers;
    const swapped = withWrap(
      both,
      encodeHpkeCiphertext(wrapHub),
      encodeHpkeCiphertext(wrapMembers),
    );
    expect(codeOf(() => openAsHub({ ...asHub, privateKey: same.privateKey }, swapped))).toBe(
      'undecryptable',
    );
  });

  test('that gives hub and members different keys is refused by the one with the wrong key', () => {
    const view = decodeEnvelope(envelope);
    const header = headerOf('envelope', view);
    const forHub = sealTo(1, hub.publicKey, 'hub', header, randomSecret());
    const hubMisled = withWrap(
      envelope,
      encodeHpkeCiphertext(view.wrapHub),
      encodeHpkeCiphertext(forHub),
    );
    expect(codeOf(() => openAsHub(asHub, hubMisled))).toBe('badCommitment');
    expect(openAsMember(asMember, hubMisled).message?.bytes).toEqual(messages.commit);

    const [wrap = view.wrapHub] = view.wrapsMembers;
    const forMembers = sealTo(suite, members.publicKey, 'members', header, randomSecret());
    const membersMisled = withWrap(
      envelope,
      encodeHpkeCiphertext(wrap),
      encodeHpkeCiphertext(forMembers),
    );
    expect(codeOf(() => openAsMember(asMember, membersMisled))).toBe('badCommitment');
    // The hub holds the right key and helps.
    const { key } = openAsHub(asHub, membersMisled);
    const healed = reseal(suite, membersMisled, key, [members.publicKey]);
    expect(openAsMember(asMember, healed).message?.bytes).toEqual(messages.commit);
  });

  test('with a key of another length behind the wrap is refused', () => {
    const view = decodeEnvelope(envelope);
    const padded = Uint8Array.of(...randomSecret(), 0);
    const wrapHub = sealTo(1, hub.publicKey, 'hub', headerOf('envelope', view), padded);
    const at = Buffer.from(envelope).indexOf(encodeHpkeCiphertext(view.wrapHub));
    const after = at + encodeHpkeCiphertext(view.wrapHub).length;
    const changed = Uint8Array.of(
      ...envelope.subarray(0, at),
      ...encodeHpkeCiphertext(wrapHub),
      ...envelope.subarray(after),
    );
    expect(codeOf(() => openAsHub(asHub, changed))).toBe('badCommitment');
  });

  test('is sealed anew by nobody who does not hold its key', () => {
    const wrong = () => reseal(suite, envelope, randomSecret(), [members.publicKey]);
    expect(codeOf(wrong)).toBe('badCommitment');
  });

  test('opens for whichever of several announced keys is the right one', () => {
    const keys = [1, 2, 3, 4].map(() => generateHpkeKeyPair(suite));
    const memberKeys = keys.map(({ publicKey }) => publicKey);
    const sealed = seal('commit', messages.externalCommit, { memberKeys });
    for (const { privateKey } of keys) {
      const { message } = openAsMember({ ...asMember, privateKey }, sealed);
      expect(message?.bytes).toEqual(messages.externalCommit);
    }
    expect(ruleOf(() => seal('commit', messages.commit, { memberKeys: [] }))).toBe(
      'invalidArgument memberKeys',
    );
    const five = [...memberKeys, members.publicKey];
    expect(ruleOf(() => seal('commit', messages.commit, { memberKeys: five }))).toBe(
      'invalidArgument memberKeys',
    );
  });

  test('holds a handshake of its own group, epoch and type, and nothing else', () => {
    expect(ruleOf(() => seal('proposal', messages.commit))).toBe('wrongContent contentType');
    expect(ruleOf(() => seal('slots', messages.commit))).toBe('wrongContent contentType');
    expect(ruleOf(() => seal('commit', messages.application))).toBe('wrongContent wireFormat');
    expect(ruleOf(() => seal('commit', messages.commit, { epoch: 9n }))).toBe('wrongContent epoch');
    expect(ruleOf(() => seal('commit', messages.commit, { groupId: otherGroupId }))).toBe(
      'wrongContent groupId',
    );
    expect(codeOf(() => seal('commit', bytes('nonsense')))).toBe('malformed');
  });

  test('to a key from outside that is none is refused as typed', () => {
    expect(codeOf(() => seal('commit', messages.commit, { hubKey: bytes('?') }))).toBe('badKey');
  });
});

describe.each(suites)('a sealed join, suite %i', (suite) => {
  const messages = groupMessages(suite);
  const { groupId, epoch } = messages;
  const keys = generateHpkeKeyPair(suite);
  const input = { suite, groupId, epoch, epochKey: keys.publicKey };
  const sealed = sealJoin({ ...input, commit: messages.externalCommit, attached: bytes('more') });
  const opener = { suite, groupId, epoch, privateKey: keys.privateKey };

  test('opens for the members of the epoch', () => {
    const { message, attached } = openJoin(opener, sealed);
    expect(message.bytes).toEqual(messages.externalCommit);
    expect(attached).toEqual(bytes('more'));
  });

  test('shows others group, epoch and a size class', () => {
    const { wrap, commitment, ciphertext, ...clear } = decodeSealedJoin(sealed);
    expect(clear).toEqual({ groupId, epoch });
    expect(Math.log2(ciphertext.length - 16) % 1).toBe(0);
    expect(Buffer.from(sealed).includes('carol')).toBe(false);
  });

  test('for the wrong epoch or room, or forged, is refused', () => {
    expect(ruleOf(() => openJoin({ ...opener, epoch: epoch + 1n }, sealed))).toBe(
      'wrongContext epoch',
    );
    expect(ruleOf(() => openJoin({ ...opener, groupId: otherGroupId }, sealed))).toBe(
      'wrongContext groupId',
    );
    const other = generateHpkeKeyPair(suite).privateKey;
    expect(codeOf(() => openJoin({ ...opener, privateKey: other }, sealed))).toBe('undecryptable');
    expect(codeOf(() => sealJoin({ ...input, epoch: 7n, commit: messages.externalCommit }))).toBe(
      'wrongContent',
    );
  });

  test('of a member, whose commits travel as PrivateMessage, is refused', () => {
    const byMember = sealJoin({ ...input, commit: messages.commit });
    expect(ruleOf(() => openJoin(opener, byMember))).toBe('wrongContent sender');
  });
});

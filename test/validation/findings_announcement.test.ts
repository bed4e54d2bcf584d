// What draft-mahy-mls-private-external-01 says on announcing the key of an epoch, put to the test: docs/findings.md, 1 to 3.

import { expect, test } from 'vitest';
import { generateSignatureKeyPair, signWithLabel, verifyWithLabel } from '../../ts/mls/index.ts';
import {
  contextHash,
  deriveEpochKeys,
  makeAnnouncement,
  ROOT_COMPONENT,
  signerOf,
  verifyAnnouncement,
} from '../../ts/privacy/index.ts';
import { Writer } from '../../ts/wire/index.ts';
import { bytes, type MemberDevice } from '../unit/mls/devices.ts';
import { change, follow, lastWins, NAME, pair, required, room } from '../unit/mls/rooms.ts';
import { refusal } from '../unit/privacy/support/refusal.ts';

const components = [{ id: NAME, data: bytes('before') }];
const NOTHING = new Uint8Array();

/** A commit that holds nothing random: no path, one change, these authenticated data. Gives it and its epoch's key. */
function announce({ group }: MemberDevice, aad: Uint8Array) {
  const { commit } = group.commit({ components: [change(NAME, 'after')], aad });
  const { publicKey } = deriveEpochKeys(1, group.exportPending(ROOT_COMPONENT));
  return { commit, publicKey };
}

test.each(['public', 'private'] as const)(
  'a commit cannot carry the key of its own epoch: its authenticated data change that key (%s)',
  (handshakes) => {
    const [alice, bob] = pair({ components, required, handshakes });
    const drawn = (aad: Uint8Array) => {
      const { publicKey } = announce(alice, aad);
      alice.group.discardPending();
      return publicKey;
    };
    // Nothing but the authenticated data makes a difference.
    expect(drawn(NOTHING)).toEqual(drawn(NOTHING));
    let key = drawn(NOTHING);
    for (let round = 0; round < 8; round++) {
      const next = drawn(key);
      expect(next).not.toEqual(key);
      key = next;
    }
    // Members find the key that the commit led to, not the one that it carries.
    const { commit, publicKey } = announce(alice, key);
    follow(commit, bob);
    const found = deriveEpochKeys(1, bob.group.exportSafely(ROOT_COMPONENT));
    expect(found.publicKey).toEqual(publicKey);
    expect(found.publicKey).not.toEqual(key);
  },
);

test('a key that a commit puts into the room’s state is read by those whom the commit removes', () => {
  const [alice, bob, carol] = room(
    { components, required, handshakes: 'private' },
    'alice',
    'bob',
    'carol',
  );
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error('nobody');
  const fresh = 'a signature key for the members of the next epoch';
  const { commit } = alice.group.commit({
    remove: [carol.group.ownLeafIndex],
    components: [change(NAME, fresh)],
  });
  let read: Uint8Array | undefined;
  const processed = carol.group.process(commit, (changes) => {
    read = changes[0]?.updates[0]?.update;
    return lastWins(changes);
  });
  expect(read).toEqual(bytes(fresh));
  expect(processed).toMatchObject({ kind: 'commit', summary: { selfRemoved: true } });
});

/** ExternalEncryptionInfoTBS. */
function infoTBS(groupId: Uint8Array, epoch: bigint, key: Uint8Array, signatureKey: Uint8Array) {
  const writer = new Writer();
  writer.u16(1, 'version');
  writer.opaque(groupId, 'group_id');
  writer.u64(epoch, 'epoch');
  writer.u16(1, 'ciphersuite');
  writer.opaque(key, 'external_encryption_public_key');
  writer.opaque(signatureKey, 'root_public_signature_key');
  return writer.finish();
}

test('a signature that is verified by the key beside it is made by anybody; that of a leaf is not', () => {
  const [alice] = pair({ components, required });
  const { groupId, epoch } = alice.group;
  const label = 'ExternalEncryptionInfoTBS';
  const stranger = generateSignatureKeyPair(1);
  const key = deriveEpochKeys(1, new Uint8Array(32).fill(7)).publicKey;
  const forged = infoTBS(groupId, epoch, key, stranger.publicKey);
  const signature = signWithLabel(1, stranger.privateKey, label, forged);
  // All that an outsider is told to verify.
  expect(verifyWithLabel(1, stranger.publicKey, label, forged, signature)).toBe(true);

  const leafIndex = alice.group.ownLeafIndex;
  const hash = contextHash(alice.group.groupContext());
  const content = { groupId, epoch, contextHash: hash, publicKey: key, leafIndex };
  const { signatureKey } = alice.identity;
  const expected = {
    suite: 1,
    groupId,
    epoch,
    contextHash: hash,
    leafIndex,
    signatureKey,
  } as const;
  const ours = makeAnnouncement(content, signerOf(1, stranger.privateKey));
  expect(refusal(() => verifyAnnouncement(ours, expected)).code).toBe('badSignature');
  const real = makeAnnouncement(content, (name, what) => alice.identity.sign(name, what));
  expect(verifyAnnouncement(real, expected).publicKey).toEqual(key);
});

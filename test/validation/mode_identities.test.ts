// Who stands behind a pseudonym: links that do not open or say something else, keys that are not left for the members,
// leaves that claim another's pseudonym. spec/privacy-modes.md, "pseudonymous".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fetchGroupInfo } from '../../ts/client/group_info.ts';
import { Account, Device, memoryKeyValue } from '../../ts/client/index.ts';
import { Group, generateSignatureKeyPair } from '../../ts/mls/index.ts';
import { modeNamed } from '../../ts/privacy/index.ts';
import { decodePseudonymCredential } from '../../ts/privacy/parts/credential_struct.ts';
import { sealLink } from '../../ts/privacy/parts/identity_link.ts';
import { newClientPseudonym } from '../../ts/privacy/parts/pseudonym.ts';
import {
  asClientUri,
  asUserUri,
  clientUri,
  decodeHandshakePayload,
  decodeUpdateRoomResponse,
  decodeUploadKeyPackageSets,
  encodeHandshakePayload,
  encodeHubPart,
  encodeModeUpdate,
  encodeUploadKeyPackageSets,
  type HandshakePayload,
  hubPartOf,
  providerUri,
  userUri,
} from '../../ts/wire/index.ts';
import { hostileEntry, hostileLeaf, type Lie, signerFor } from '../support/hostile_credential.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { lying, withoutSlots } from '../support/lying_sender.ts';
import { accept, connect } from '../support/meeting.ts';
import { Between, damaged, heard, reaches, three } from '../support/mode_tampering.ts';

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
});
afterEach(() => world[Symbol.asyncDispose]());

describe('in mode pseudonymous', () => {
  const mode = 'pseudonymous';
  const wrongLinkKeys = ({ handshake, slots }: HandshakePayload): HandshakePayload => ({
    handshake,
    slots: slots.map((slot) =>
      slot.lifetime === 'client' ? { ...slot, value: damaged(slot.value) } : slot,
    ),
  });

  test.each([
    ['is left out', withoutSlots('client')],
    ['is a wrong one', wrongLinkKeys],
  ] as const)(
    'a newcomer by a link whose link key %s takes part without a name, and the room goes on',
    async (_, payload) => {
      const { alice, bob, carol, room, bobs, problems, settle: rest } = await three(world, mode);
      const link = await room.createJoinLink();
      await rest();
      const dora = await world.device('c.example', 'dora-1');
      const doras = await lying(mode, { payload }, () => dora.joinByLink(link));
      const all = () => settle(alice, bob, carol, dora);
      await all();
      await doras.send(new TextEncoder().encode('who am I'));
      await all();
      expect(await heard(bobs)).toEqual(['who am I']);
      // Nobody is found by a name that nobody has proved.
      const { epoch } = room;
      await expect(room.remove(dora.account.user)).rejects.toMatchObject({
        details: { rule: 'notFound' },
      });
      expect(room.epoch).toBe(epoch);
      expect(problems).toEqual({ alice: [], bob: [], carol: [] });
      expect(await reaches(room, bobs, all)).toBe(true);
    },
  );

  test('a user whose link key its adder has not left takes part without a name, and the room goes on', async () => {
    const { alice, bob, carol, room, bobs } = await three(world, mode);
    const dora = await world.device('c.example', 'dora-1');
    await dora.connections.publish(2);
    await connect(alice, dora);
    const payload = withoutSlots('client');
    await lying(mode, { payload }, () => room.invite(dora.account.user));
    const all = () => settle(alice, bob, carol, dora);
    await all();
    const doras = await accept(dora, room.uri);
    await doras.send(new TextEncoder().encode('who am I'));
    await all();
    expect(await heard(bobs)).toEqual(['who am I']);
    expect(await reaches(bobs, doras, all)).toBe(true);
  });

  test.each([
    ['left out', withoutSlots('client')],
    ['exchanged', wrongLinkKeys],
  ] as const)(
    'the hub refuses a newcomer by a link whose link key was %s on the way, and the room goes on',
    async (_, change) => {
      const { room, bobs, settle: rest } = await three(world, mode);
      const link = await room.createJoinLink();
      await rest();
      const { epoch } = room;
      const between = new Between();
      const dora = await world.device('c.example', 'dora-1', { wrap: between.wrap });
      between.update = (update) => ({
        ...update,
        payloads: update.payloads.map((payload) =>
          encodeHandshakePayload(change(decodeHandshakePayload(payload))),
        ),
      });
      await expect(dora.joinByLink(link)).rejects.toMatchObject({
        code: 'refused',
        details: { rule: 'leafProof' },
      });
      await rest();
      expect(room.epoch).toBe(epoch);
      expect(await reaches(room, bobs, rest)).toBe(true);
    },
  );
});

describe.each(['pseudonymous', 'hub-visible'])('in mode %s', (mode) => {
  const mallorys = () => signerFor('b.example', 'mallory');
  const lies: readonly (readonly [string, string, () => Omit<Lie, 'pseudonymKey'>])[] = [
    ['undecryptable', 'does not open', () => ({ real: mallorys(), link: damaged })],
    ['identity', 'opens to somebody else', () => ({ real: signerFor('b.example', 'victim') })],
    [
      'badSignature',
      'is signed by another key than it names',
      () => ({ real: { ...mallorys(), sign: mallorys().sign } }),
    ],
    [
      'foreignLink',
      'was made for another credential',
      () => ({
        real: mallorys(),
        link: (_, binding, linkKey) =>
          sealLink({ ...binding, client: newClientPseudonym('b.example') }, linkKey, mallorys()),
      }),
    ],
  ];

  test.each(lies)(
    'by %s nobody is added whose identity link %s, and the room goes on',
    async (rule, _, lie) => {
      const { alice, room, bobs, settle: rest } = await three(world, mode);
      const secret = crypto.getRandomValues(new Uint8Array(32));
      const between = new Between();
      between.request = (operation, body) => {
        if (operation !== 'uploadKeyPackageSets') return body;
        const upload = decodeUploadKeyPackageSets(body);
        const entries = upload.entries.map((entry) =>
          entry.kind === 'pseudonymous' ? hostileEntry(entry, secret, 'b.example', lie()) : entry,
        );
        return encodeUploadKeyPackageSets({ ...upload, entries });
      };
      const user = asUserUri(userUri('b.example', 'mallory'));
      const mallory = await Device.open({
        account: new Account({ user, provider: providerUri('b.example'), secret }),
        client: asClientUri(clientUri('b.example', 'mallory-1')),
        connection: between.wrap(world.connection('b.example', user, 'mallory-1')),
        storage: memoryKeyValue(),
      });
      world.devices.add(mallory);
      await mallory.connections.publish(1);
      await connect(alice, mallory);
      const { epoch } = room;
      await expect(room.invite(user)).rejects.toMatchObject({
        code: 'wrongKeyPackage',
        details: { rule },
      });
      expect(room.epoch).toBe(epoch);
      expect(await reaches(room, bobs, rest)).toBe(true);
    },
  );
});

describe('in mode pseudonymous a leaf that claims the pseudonym of another', () => {
  /** The owner's pseudonym, and U, as everybody can read them. */
  function ownerOf(group: Group) {
    const [owner] = group.members();
    return decodePseudonymCredential(owner?.credential.bytes ?? new Uint8Array());
  }

  test.each([
    ['badCredential', 'with a key of its own', false],
    ['badSignature', 'with the key of the other, which it does not have', true],
  ] as const)('is refused by the hub by %s: one %s', async (code, _, copiesKey) => {
    const { room, bobs, settle: rest } = await three(world, 'pseudonymous');
    const real = signerFor('a.example', 'mallory');
    const user = asUserUri(userUri('a.example', 'mallory'));
    const client = asClientUri(clientUri('a.example', 'mallory-1'));
    const connection = world.connection('a.example', user, 'mallory-1');
    // The state comes to a leaf that is as it should be: a link is enough for that.
    const link = await room.createJoinLink();
    await rest();
    const linkId = Uint8Array.from(Buffer.from(/id=([0-9a-f]+)/.exec(link)?.[1] ?? '', 'hex'));
    const honest = hostileLeaf('a.example', { real, pseudonymKey: generateSignatureKeyPair(1) });
    const mode = modeNamed('pseudonymous');
    const asker = { mode, identity: honest.identity, linkId };
    const { groupInfo, ratchetTree } = await fetchGroupInfo(connection, room.uri, asker);
    const seen = Group.joinExternally(honest.store, honest.identity, groupInfo, ratchetTree);
    const owner = ownerOf(seen.group);

    const own = generateSignatureKeyPair(1);
    const thief = hostileLeaf('a.example', {
      real,
      pseudonymKey: copiesKey ? { ...own, publicKey: owner.pseudonymKey } : own,
      user: owner.user,
      client: owner.client,
    });
    const { group, ...bundle } = Group.joinExternally(
      thief.store,
      thief.identity,
      groupInfo,
      ratchetTree,
    );
    const update = encodeModeUpdate({
      mode: mode.name,
      groupId: group.groupId,
      epoch: bundle.newEpoch - 1n,
      kind: 'commit',
      joins: true,
      payloads: [encodeHandshakePayload({ handshake: bundle.commit, slots: [] })],
      hubPart: encodeHubPart(hubPartOf({ groupInfo: bundle.groupInfo })),
      welcomes: [],
      proof: new Uint8Array(),
    });
    const reply = await world
      .provider('a.example')
      .fromDevice({ user, client }, 'update', room.uri, update);
    expect(decodeUpdateRoomResponse(reply.body)).toMatchObject({
      code: 'notAllowed',
      errorDescription: `badCredential: ${code}`,
    });
    await expect(
      fetchGroupInfo(connection, room.uri, { mode, identity: thief.identity }),
    ).rejects.toMatchObject({ code: 'refused', details: { code } });
    await rest();
    expect(await reaches(bobs, room, rest)).toBe(true);
  });
});

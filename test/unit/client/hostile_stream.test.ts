// A device against events that a hub should never have let pass: members made by hand, served by a script.

import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  Account,
  Device,
  memoryKeyValue,
  type Problem,
  type Room,
} from '../../../ts/client/index.ts';
import {
  type CommitBundle,
  createKeyPackage,
  type Group,
  Identity,
  init,
  MemberStore,
} from '../../../ts/mls/index.ts';
import {
  clientUri,
  decodeMlsMessage,
  type FanoutMessage,
  providerUri,
  roomUri,
  userUri,
} from '../../../ts/wire/index.ts';
import { type MemberCommit, MlsMember } from '../../support/mls_member.ts';
import { ScriptedProvider } from '../../support/scripted_provider.ts';

const club = roomUri('a.example', 'club');
/** A member without the client around it; it sends nothing. */
const member = (name: string) =>
  new MlsMember(
    async () => {
      throw new Error('a hand-made member calls nobody');
    },
    'a.example',
    `${name}-1`,
  );

const keyPackageOf = ({ store, identity }: MlsMember) =>
  createKeyPackage(store, identity).keyPackage;

/** A key package under any credential. */
function keyPackageAs(credential: Uint8Array): Uint8Array {
  const store = MemberStore.create();
  const identity = Identity.create(store, 1, { type: 1, bytes: credential });
  return createKeyPackage(store, identity).keyPackage;
}

let provider: ScriptedProvider;
let device: Device;
let alice: MlsMember;
let group: Group;
let problems: Problem[];
beforeEach(async () => {
  await init();
  provider = new ScriptedProvider();
  device = await Device.open({
    account: new Account({
      user: userUri('a.example', 'bob'),
      provider: providerUri('a.example'),
    }),
    client: clientUri('a.example', 'bob-1'),
    connection: provider,
    storage: memoryKeyValue(),
  });
  await device.publishKeyPackages(2);
  problems = [];
  device.on('problem', (problem) => problems.push(problem));
  alice = member('alice');
  group = alice.createGroup(club);
});
afterEach(() => device.close());

const handshake = (bytes: Uint8Array) =>
  ({
    kind: 'commit',
    timestamp: 1n,
    message: decodeMlsMessage(bytes),
    externalProposals: [],
  }) as FanoutMessage;

/** Commits by hand, merges, and gives the commit's event and the Welcome's. */
const commit = (options: MemberCommit) => merge(alice.commit(options));

/** The same where the participant list cannot follow: a leaf that names nobody is added. */
const commitNobody = (credential: Uint8Array) =>
  merge(group.commit({ add: [keyPackageAs(credential)] }));

function merge(bundle: CommitBundle) {
  group.acceptPending();
  const welcome = bundle.welcome && {
    kind: 'welcome',
    timestamp: 1n,
    message: decodeMlsMessage(bundle.welcome),
    ratchetTree: { representation: 'full', ratchetTree: group.ratchetTree() },
  };
  return { event: handshake(bundle.commit), welcome: welcome as FanoutMessage };
}

const invitation = () => commit({ add: [provider.keyPackages.shift() as Uint8Array] });

async function inRoom(): Promise<Room> {
  provider.push(club, invitation().welcome);
  await device.sync();
  return (await device.invitations()[0]?.accept()) as Room;
}

test('a device joins a group of hand-made members like any other', async () => {
  const room = await inRoom();
  provider.push(club, commit({ update: true }).event);
  await device.sync();

  expect(room.epoch).toBe(2n);
  expect(problems).toEqual([]);
});

test('a commit that adds a leaf which names nobody makes the room stale', async () => {
  const room = await inRoom();
  provider.push(club, commitNobody(new TextEncoder().encode('who knows')).event);
  await device.sync();

  expect(room.status).toBe('stale');
  expect(problems).toEqual([expect.objectContaining({ room: club, code: 'badCredential' })]);
});

test('a commit that adds a second leaf of a client makes the room stale', async () => {
  const room = await inRoom();
  provider.push(club, commit({ add: [keyPackageOf(member('bob'))] }).event);
  await device.sync();

  expect(room.status).toBe('stale');
  expect(problems).toEqual([expect.objectContaining({ code: 'R2-one-leaf-per-client' })]);
});

test('an invitation to a group with a leaf that names nobody is not shown', async () => {
  commitNobody(new Uint8Array());
  provider.push(club, invitation().welcome);
  await device.sync();

  expect(device.invitations()).toEqual([]);
  expect(device.room(club)).toBeUndefined();
  expect(problems).toEqual([expect.objectContaining({ room: club, code: 'badCredential' })]);
});

test('a Welcome to the group of another room than it comes for is not used', async () => {
  const other = roomUri('a.example', 'other');
  provider.push(other, invitation().welcome);
  await device.sync();

  expect(device.invitations()).toEqual([]);
  expect(problems).toEqual([expect.objectContaining({ room: other, code: 'wrongGroup' })]);
});

test('a Welcome for a key package of somebody else is named, and nothing comes of it', async () => {
  provider.push(club, commit({ add: [keyPackageOf(member('carol'))] }).welcome);
  await device.sync();

  expect(device.invitations()).toEqual([]);
  expect(problems).toEqual([expect.objectContaining({ code: 'noKeyPackage' })]);
});

test('a commit of a later epoch shows that one is missing, and makes the room stale', async () => {
  const room = await inRoom();
  commit({ update: true });
  provider.push(club, commit({ update: true }).event);
  await device.sync();

  expect(room.status).toBe('stale');
  expect(problems).toEqual([expect.objectContaining({ code: 'wrongEpoch' })]);
});

test('a message that the provider gives twice, at two places, is in the history once', async () => {
  const room = await inRoom();
  const message = decodeMlsMessage(group.encrypt(Uint8Array.of(1, 2, 3)));
  const event = { kind: 'application', timestamp: 5n, message } as FanoutMessage;
  provider.push(club, event);
  provider.push(club, event);
  await device.sync();

  expect((await room.messages()).map(({ content }) => [...content])).toEqual([[1, 2, 3]]);
  expect(await room.gaps()).toEqual([expect.objectContaining({ code: 'secretReuse' })]);
});

test('two syncs at once deal with each event once', async () => {
  const room = await inRoom();
  const told: string[] = [];
  device.on('members', () => told.push('members'));
  provider.push(club, commit({ update: true }).event);
  provider.push(club, new Uint8Array(3));
  await Promise.all([device.sync(), device.sync(), device.sync()]);

  expect(room.epoch).toBe(2n);
  expect(told).toEqual(['members']);
  expect(problems).toHaveLength(1);
});

test('events of rooms that the device is not in leave no trace', async () => {
  const event = commit({ update: true }).event;
  provider.push(club, event);
  provider.push('not a room', event);
  await device.sync();

  expect(device.rooms()).toEqual([]);
  expect(device.room(club)).toBeUndefined();
  expect(problems).toEqual([expect.objectContaining({ code: 'invalidUri' })]);
});

test('a Welcome does not replace the group of a member, who would have seen that it was removed', async () => {
  const room = await inRoom();
  const own = group.members().find(({ leafIndex }) => leafIndex !== group.ownLeafIndex);
  const { epoch } = room;
  const removal = commit({ remove: [own?.leafIndex ?? 0] });
  const { welcome } = invitation();
  provider.push(club, welcome);
  await device.sync();
  expect(problems).toEqual([expect.objectContaining({ code: 'roomExists' })]);
  expect([room.status, room.epoch]).toEqual(['active', epoch]);
  expect(device.invitations()).toEqual([]);

  provider.push(club, removal.event);
  provider.push(club, welcome);
  await device.sync();
  expect(room.status).toBe('invited');
  await device.invitations()[0]?.accept();
  provider.push(club, commit({ update: true }).event);
  await device.sync();
  expect(room.epoch).toBe(group.epoch);
});

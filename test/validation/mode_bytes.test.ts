// What no hub and no follower may have: searched for in every byte that they are sent, answer and store during the life
// of a room. docs/modes, "What must be shown": W, k and s in no byte; real identities where the mode hides them.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Device, Room } from '../../ts/client/index.ts';
import { Needles } from '../../ts/evidence/audit/needles.ts';
import { addAccount, addLink, collectingStorage } from '../../ts/evidence/audit/secrets.ts';
import { modeNamed } from '../../ts/privacy/index.ts';
import { domainOf, roomUri } from '../../ts/wire/index.ts';
import { type Recorded, recordProviders } from '../support/byte_record.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { accept, connect } from '../support/meeting.ts';

const DOMAINS = ['a.example', 'b.example', 'c.example'] as const;
const [HUB, FOLLOWER, OTHER] = DOMAINS;
const bytes = (content: string) => new TextEncoder().encode(content);

let world: World;
let recorded: Recorded[];
let secrets: Needles;
let devices: Device[];

beforeEach(async () => {
  world = await World.open(...DOMAINS);
  recorded = recordProviders(world);
  secrets = new Needles();
  devices = [];
});
afterEach(() => world[Symbol.asyncDispose]());

/** A device of somebody; all that a mode needs is published, and no more. */
async function person(domain: string, name: string, mode: string): Promise<Device> {
  const writeKey = modeNamed(mode).hub === 'verifies';
  const device = await world.reopen(domain, name, {
    storage: collectingStorage(secrets, { writeKey }),
  });
  if (mode === 'open') await device.publishKeyPackages(2);
  await device.connections.publish(2);
  addAccount(secrets, device);
  devices.push(device);
  return device;
}

async function befriend(one: Device, other: Device, mode: string): Promise<void> {
  if (mode === 'open') await other.allow(one.account.user);
  await connect(one, other);
}

/** Additions, messages, links, a second device, removals, a ban, one who leaves, a lost device. */
async function life(mode: string): Promise<Room> {
  const orders = modeNamed(mode).hub === 'orders';
  const alice = await person(HUB, 'alice-1', mode);
  const bob = await person(FOLLOWER, 'bob-1', mode);
  const carol = await person(OTHER, 'carol-1', mode);
  await befriend(alice, bob, mode);
  await befriend(alice, carol, mode);
  const room = await alice.createRoom(roomUri(HUB, 'club'), { mode });
  for (const guest of [bob, carol]) await room.invite(guest.account.user);
  await settle(...devices);
  const bobs = await accept(bob, room.uri);
  const carols = await accept(carol, room.uri);
  await carols.send(bytes('hello'));
  const link = await room.createJoinLink();
  addLink(secrets, link);
  await settle(...devices);

  const dave = await person(FOLLOWER, 'dave-1', mode);
  const daves = await dave.joinByLink(link);
  await settle(...devices);
  const phone = await person(FOLLOWER, 'bob-2', mode);
  if (orders) {
    await bobs.invite(bob.account.user);
    await settle(...devices);
  }
  const phones = orders
    ? await accept(phone, room.uri)
    : await phone.joinExternally(room.uri, { mode });
  await settle(...devices);
  await phones.send(bytes('from a phone'));
  await bobs.selfUpdate();
  await settle(...devices);

  await room.remove(carol.account.user);
  await settle(...devices);
  await room.setRole(bob.account.user, 3);
  await settle(...devices);
  const second = await bobs.createJoinLink();
  addLink(secrets, second);
  const erin = await person(OTHER, 'erin-1', mode);
  const erins = await erin.joinByLink(second);
  await settle(...devices);
  await erins.send(bytes('new here'));
  await room.ban(dave.account.user);
  await settle(...devices);
  expect(daves.status).toBe('removed');
  await erins.leave();
  await settle(...devices);
  await room.commitPending();
  await settle(...devices);
  await room.retireJoinLinks();
  await room.send(bytes('over'));
  await settle(...devices);
  expect(room.members()).toHaveLength(3);
  return room;
}

/** Where which needles were found. */
function findings(needles: Needles, among: readonly Recorded[]): string[] {
  const found = new Set<string>();
  for (const { domain, by, what, bytes: haystack } of among) {
    for (const name of needles.in(haystack)) found.add(`${name} at ${domain}: ${by} ${what}`);
  }
  return [...found];
}

/** How many kinds of secrets a mode has in such a life, at least. */
const kinds = {
  open: ['account secret', 'connection key', 'join secret'],
  pseudonymous: ['wrapper key', 'link key', 'join secret', 'private key of an epoch', 'write key'],
  'hub-visible': ['wrapper key', 'link key', 'join secret', 'private key of an epoch', 'write key'],
  'members-only': ['join secret', 'private key of an epoch'],
} as const;

describe.each(['open', 'pseudonymous', 'hub-visible', 'members-only'] as const)(
  'in mode %s',
  (mode) => {
    test('wrapper keys, link keys, link secrets and keys of accounts occur in no byte at any provider', async () => {
      await life(mode);
      const volume = recorded.reduce((sum, { bytes: { length } }) => sum + length, 0);
      expect(volume).toBeGreaterThan(100_000);
      expect(secrets.names()).toEqual(expect.arrayContaining([...kinds[mode]]));
      expect(findings(secrets, recorded)).toEqual([]);
    });
  },
);

/** Operations of accounts: who registers, or asks a person for a connection, names that person to its own provider. */
const ACCOUNT_OPERATIONS = [
  'register',
  'consent',
  'publishContact',
  'contact',
  'letter',
  'letters',
];
/** Rows by which a provider serves its own devices: subscriptions, their ends, mail, and who is about to join. */
const DEVICE_ROWS = ['u', 'v', 'q', 'j'];

/** Whether a provider may know its own users by this: their accounts, and what it serves their devices. */
function isOwnAccount({ by, what }: Recorded): boolean {
  if (by !== 'row') return by === 'device' && what === 'uploadKeyPackageSets';
  return what.startsWith('accounts ') || DEVICE_ROWS.some((letter) => what.endsWith(` ${letter}`));
}

describe.each(['pseudonymous', 'hub-visible', 'members-only'] as const)('in mode %s', (mode) => {
  test('no provider is sent or stores who the people of a room are, its own accounts apart', async () => {
    const room = await life(mode);
    expect(room.mode).toBe(mode);
    for (const domain of DOMAINS) {
      const own = new Needles();
      const others = new Needles();
      for (const { account, client } of devices) {
        const needles = domainOf(client) === domain ? own : others;
        needles.addText(account.user, account.user);
        needles.addText(client, client);
      }
      const here = recorded.filter((item) => item.domain === domain);
      const ofRooms = here.filter(
        ({ by, what }) => by === 'row' || by === 'log' || !ACCOUNT_OPERATIONS.includes(what),
      );
      expect(findings(others, ofRooms)).toEqual([]);
      expect(
        findings(
          own,
          ofRooms.filter((item) => !isOwnAccount(item)),
        ),
      ).toEqual([]);
    }
  });
});

describe('the search', () => {
  const encodings: [string, (secret: Buffer) => Buffer][] = [
    ['as it is', (secret) => secret],
    ['in hexadecimal', (secret) => Buffer.from(secret.toString('hex'))],
    ['in capital hexadecimal', (secret) => Buffer.from(secret.toString('hex').toUpperCase())],
    ['in base64', (secret) => Buffer.from(secret.toString('base64'))],
    ['in base64url', (secret) => Buffer.from(secret.toString('base64url'))],
    [
      'in base64 behind an octet',
      (secret) => Buffer.from(Buffer.concat([bytes('x'), secret]).toString('base64')),
    ],
    [
      'in base64 behind two octets',
      (secret) => Buffer.from(Buffer.concat([bytes('xy'), secret]).toString('base64')),
    ],
  ];

  test('finds a wrapper key that was planted, however it is written', async () => {
    await life('pseudonymous');
    const [wrapper] = secrets.valuesOf('wrapper key');
    for (const [form, encode] of encodings) {
      const planted = Buffer.concat([
        bytes('before'),
        encode(Buffer.from(wrapper ?? [])),
        bytes('after'),
      ]);
      const item = { domain: HUB, by: 'device', what: 'update', bytes: planted } as const;
      expect(findings(secrets, [item]), form).toEqual([`wrapper key at ${HUB}: device update`]);
    }
  });

  test('finds what a device is sent, and what a provider stores', async () => {
    // In mode open the join secret and the names of people are no secrets: the same search finds them everywhere.
    await life('open');
    const people = new Needles();
    for (const { account } of devices) people.addText(account.user, account.user);
    const found = findings(people, recorded).join('\n');
    for (const place of ['device update', 'peer notify', 'peer update', 'log ', 'device sync']) {
      expect(found).toContain(place);
    }
  });
});

// A mode is one file: two that are registered from here, made of parts or with a handshake form of their own, live the
// same life through client, hub and follower, none of which knows their names.

import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Device, Room } from '../../../ts/client/index.ts';
import { clearHubParts } from '../../../ts/privacy/clear_handshakes.ts';
import { envelopedHandshakes, sealedHubParts } from '../../../ts/privacy/enveloped_handshakes.ts';
import { type Handshakes, type Mode, modeNames, registerMode } from '../../../ts/privacy/index.ts';
import { pseudonymousCredentials } from '../../../ts/privacy/pseudonymous_credentials.ts';
import { realCredentials } from '../../../ts/privacy/real_credentials.ts';
import { decodeHandshakePayload, encodeHandshakePayload, roomUri } from '../../../ts/wire/index.ts';
import { settle, World } from '../../support/in_process_connection.ts';
import { accept, connect } from '../../support/meeting.ts';

/** Real people in rooms whose handshakes only members and the hub can open. */
const openEnvelope: Mode = {
  name: 'open-envelope',
  credentials: realCredentials('real'),
  handshakes: envelopedHandshakes,
  hubParts: sealedHubParts,
  hub: 'verifies',
  framing: 'mode',
};

const flip = (bytes: Uint8Array): Uint8Array => bytes.map((octet) => octet ^ 0xff);

/** A form that hides nothing, but that no other code can read. */
const flipped: Handshakes = {
  form: 'public',
  wrap: (payload) => flip(encodeHandshakePayload(payload)),
  openAsMember: (bytes) => decodeHandshakePayload(flip(bytes)),
  openAsHub: (bytes) => decodeHandshakePayload(flip(bytes)),
};

/** Pseudonyms in rooms whose handshakes travel upside down. */
const flippedPseudonyms: Mode = {
  name: 'flipped-pseudonyms',
  credentials: pseudonymousCredentials,
  handshakes: flipped,
  hubParts: clearHubParts,
  hub: 'verifies',
  framing: 'mode',
};

const DOMAINS = ['a.example', 'b.example', 'c.example'] as const;
const [HUB, FOLLOWER, OTHER] = DOMAINS;
const bytes = (content: string) => new TextEncoder().encode(content);
const asText = (content: Uint8Array) => new TextDecoder().decode(content);

let world: World;
let alice: Device;
let bob: Device;
let carol: Device;
const problems: string[] = [];

beforeAll(() => {
  for (const mode of [openEnvelope, flippedPseudonyms]) registerMode(mode);
});
beforeEach(async () => {
  problems.length = 0;
  world = await World.open(...DOMAINS);
  alice = await person(HUB, 'alice-1');
  bob = await person(FOLLOWER, 'bob-1');
  carol = await person(OTHER, 'carol-1');
  await connect(alice, bob);
  await connect(alice, carol);
});
afterEach(() => world[Symbol.asyncDispose]());

async function person(domain: string, name: string): Promise<Device> {
  const device = await world.reopen(domain, name);
  await device.connections.publish(3);
  device.on('problem', ({ code }) => problems.push(`${name}: ${code}`));
  return device;
}

async function heard(room: Room): Promise<string[]> {
  return (await room.messages()).map(
    ({ real, sender, content }) => `${real?.user ?? sender}: ${asText(content)}`,
  );
}

test('a mode is known once it is registered, and a name is taken once', () => {
  expect(modeNames()).toEqual(expect.arrayContaining(['open-envelope', 'flipped-pseudonyms']));
  expect(() => registerMode(openEnvelope)).toThrow(expect.objectContaining({ code: 'modeExists' }));
});

describe.each([openEnvelope, flippedPseudonyms])('in mode $name', ({ name, credentials }) => {
  test('a room lives its life: add, talk, renew, second device, remove, link, role, ban, leave, restart', async () => {
    const room = await alice.createRoom(roomUri(HUB, 'club'), { mode: name });
    for (const guest of [bob, carol]) await room.invite(guest.account.user);
    await settle(alice, bob, carol);
    const bobs = await accept(bob, room.uri);
    const carols = await accept(carol, room.uri);
    await room.send(bytes('hello'));
    await settle(alice, bob, carol);
    await carols.send(bytes('hi'));
    await bobs.selfUpdate();
    await world.restart(HUB);
    await settle(alice, bob, carol);

    const phone = await person(FOLLOWER, 'bob-2');
    const phones = await phone.joinExternally(room.uri, { mode: name });
    await settle(alice, bob, carol, phone);
    await phones.send(bytes('from my phone'));
    await settle(alice, bob, carol, phone);
    expect(await heard(room)).toEqual([
      `${alice.account.user}: hello`,
      `${carol.account.user}: hi`,
      `${bob.account.user}: from my phone`,
    ]);
    expect(room.members()).toHaveLength(4);
    expect(room.users()).toHaveLength(3);

    await room.remove(carol.account.user);
    await settle(alice, bob, carol, phone);
    expect(carols.status).toBe('removed');
    const link = await room.createJoinLink();
    const again = await carol.joinByLink(link);
    await settle(alice, bob, carol, phone);
    await again.send(bytes('back'));
    await settle(alice, bob, carol, phone);
    for (const seat of [room, bobs, phones]) {
      expect((await heard(seat)).at(-1)).toBe(`${carol.account.user}: back`);
    }

    await expect(again.ban(bob.account.user)).rejects.toMatchObject({
      code: 'refused',
      details: { rule: 'R17-ban' },
    });
    await room.setRole(carol.account.user, 3);
    await settle(alice, bob, carol, phone);
    await again.ban(bob.account.user);
    await settle(alice, bob, carol, phone);
    expect([bobs.status, phones.status]).toEqual(['removed', 'removed']);
    await again.leave();
    await settle(alice, carol);
    await room.commitPending();
    await settle(alice, carol);
    expect(again.status).toBe('left');
    expect(room.members()).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  test('the hub follows the group and judges, and knows the people by what the credentials name', async () => {
    const room = await alice.createRoom(roomUri(HUB, 'club'), { mode: name });
    await room.invite(bob.account.user);
    await settle(alice, bob);
    const bobs = await accept(bob, room.uri);
    await settle(alice, bob);
    const { members, epoch } = await world.provider(HUB).inspect(room.uri);
    expect(epoch).toBe(Number(room.epoch));
    expect(members.map(({ user }) => user)).toEqual(bobs.members().map(({ user }) => user));
    expect(members.some(({ user }) => user === bob.account.user)).toBe(
      !credentials.hidesIdentities,
    );
    await expect(bobs.createJoinLink()).rejects.toMatchObject({
      code: 'refused',
      details: { rule: 'R23-join-link' },
    });
  });

  test('its rooms and those of others do not mix: a device that says another mode is refused', async () => {
    const room = await alice.createRoom(roomUri(HUB, 'club'), { mode: name });
    const other = await person(HUB, 'alice-2');
    await expect(other.joinExternally(room.uri, { mode: 'pseudonymous' })).rejects.toMatchObject({
      code: expect.stringMatching(/badGroupInfo|refused/),
    });
    expect(room.members()).toHaveLength(1);
  });
});

test('followers cannot read the handshakes of the enveloped mode, and see no member in them', async () => {
  const room = await alice.createRoom(roomUri(HUB, 'club'), { mode: openEnvelope.name });
  await room.invite(bob.account.user);
  await settle(alice, bob);
  const bobs = await accept(bob, room.uri);
  await bobs.selfUpdate();
  await settle(alice, bob);
  const { entries } = await world.provider(FOLLOWER).inspect(room.uri);
  expect(entries.map(({ what }) => what)).toContain('commit');
  expect(entries.flatMap(({ inClear }) => inClear)).toEqual([]);
});

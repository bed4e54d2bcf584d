// What must hold of random lives of rooms whenever all devices are in step: one group, one history, real identities for
// members, and for hub and followers what the mode promises and no more. docs/modes, "What each party sees".

import { expect } from 'vitest';
import { senderIn } from '../../ts/client/member_room.ts';
import { type HistoryRow, historyRows } from '../../ts/client/state/history_row.ts';
import { roomKey } from '../../ts/client/state/keys.ts';
import { askForSlots, identify, Membership, modeNamed, openSlots } from '../../ts/privacy/index.ts';
import { readFormerWrappers, readLinkKey } from '../../ts/privacy/member/member_slots.ts';
import { readPseudonymCredential } from '../../ts/privacy/parts/pseudonym_credential.ts';
import type { RoomInspection } from '../../ts/provider/index.ts';
import { type ClientUri, domainOf, groupIdOf, type Slot } from '../../ts/wire/index.ts';
import type { Walk } from './mode_walk.ts';
import { DOMAINS, type Seat, type WalkRoom } from './mode_walk_world.ts';
import { peek } from './peek.ts';

/** How long devices may take to come to rest, in milliseconds. */
const REST_MS = 60_000;

/** Lets providers deliver and devices sync until nothing is on its way any more. */
async function settle(walk: Walk): Promise<void> {
  const providers = [...walk.world.providers.values()];
  const deadline = Date.now() + REST_MS;
  for (let quiet = 0; quiet < 2; ) {
    if (Date.now() > deadline) throw walk.failure('the devices do not come to rest');
    for (const provider of providers) await provider.deliver();
    let events = 0;
    for (const { device } of walk.seats) events += (await device.sync()).events;
    const behind = providers.some((one) => one.backlog().some(({ records }) => records > 0));
    quiet = behind || events > 0 ? 0 : quiet + 1;
    if (behind) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Everybody comes online, answers its invitations, and what was proposed is committed. */
async function bringTogether(walk: Walk): Promise<void> {
  for (const seat of walk.seats) seat.online = true;
  await settle(walk);
  for (let round = 0; ; round++) {
    if (round > 10) throw walk.failure('the rooms do not come to rest');
    let open = false;
    for (const seat of walk.seats) {
      while (seat.device.invitations().length > 0) {
        await walk.answer(seat, 'accept');
        open = true;
      }
    }
    await settle(walk);
    for (const room of walk.rooms) {
      const [seat] = walk.activeIn(room);
      const own = seat && walk.roomOf(seat, room);
      if (own === undefined || own.pendingProposals === 0) continue;
      walk.log.push(`commitPending ${seat?.name}`);
      await own.commitPending();
      await settle(walk);
      open = true;
    }
    if (!open) return;
  }
}

/** Brings all devices in step and checks all rooms. */
export async function checkpoint(walk: Walk): Promise<void> {
  walk.log.push('checkpoint');
  try {
    await bringTogether(walk);
    for (const room of walk.rooms) await checkRoom(walk, room);
    for (const { name, problems, replaced } of walk.seats) {
      // Who is taken out with messages unsent hears of that.
      const expected = ['notSent', ...(replaced ? ['noKeyPackage'] : [])];
      const others = problems.filter(({ code }) => !expected.includes(code));
      expect(
        others.map(({ code, error }) => `${code}: ${error}`),
        `problems of ${name}`,
      ).toEqual([]);
    }
  } catch (error) {
    throw walk.failure(error instanceof Error ? error.message : String(error), error);
  }
}

async function checkRoom(walk: Walk, room: WalkRoom): Promise<void> {
  const seats = walk.activeIn(room);
  // Where nobody is left to commit it, a removal stays proposed.
  const outside = seats.length === 0 ? ['removed', 'left', 'leaving'] : ['removed', 'left'];
  for (const { name, device, problems } of walk.seats) {
    const status = device.room(room.uri)?.status ?? 'removed';
    const why = problems.map(({ code, error }) => `${code}: ${error}`).join();
    expect(['active', ...outside], `status of ${name} (${why})`).toContain(status);
  }
  if (seats.length === 0) return;
  checkAgreement(walk, room, seats);
  await checkMembers(walk, room, seats);
  for (const seat of seats) await walk.send(seat, room);
  await settle(walk);
  await checkHistories(walk, room);
  await checkIdentities(walk, room, seats);
  await checkProviders(walk, room, seats);
  await checkRemoved(walk, room, seats);
}

/** All members are in one epoch, with the same roster, participants and nothing waiting. */
function checkAgreement(walk: Walk, room: WalkRoom, seats: readonly Seat[]): void {
  const views = seats.map((seat) => {
    const own = walk.roomOf(seat, room);
    return {
      epoch: own?.epoch,
      members: [...(own?.members() ?? [])].sort((one, other) => one.leafIndex - other.leafIndex),
      participants: own?.participants(),
      waiting: own?.pendingProposals,
      unsent: own?.unsent,
      refused: own?.refusedCommit,
    };
  });
  for (const view of views) expect(view).toEqual({ ...views[0], waiting: 0, unsent: 0 });
}

/** The members are the devices that take part, and those that were lost and not taken out. */
async function checkMembers(walk: Walk, room: WalkRoom, seats: readonly Seat[]): Promise<void> {
  for (const seat of seats) await walk.noteStint(seat, room);
  const present = seats.map((seat) => seat.stints.get(room.uri)?.at(-1)?.client as ClientUri);
  const members = (walk.roomOf(seats[0] as Seat, room)?.members() ?? []).map(
    ({ client }) => client,
  );
  expect(new Set(members).size, 'one leaf a client').toBe(members.length);
  for (const client of present) expect(members).toContain(client);
  const others = members.filter((client) => !present.includes(client));
  const unknown = others.filter((client) => !room.ghosts.has(client));
  expect(unknown.slice(room.unseen), 'members that are no device').toEqual([]);
}

/** What a device shows of a room, or, of one that it has forgotten, what it has stored. */
async function historyOf({ device, storage }: Seat, { uri }: WalkRoom): Promise<HistoryRow[]> {
  const own = device.room(uri);
  if (own === undefined) {
    const rows = await storage.load(roomKey('history', uri));
    return rows.map(({ value }) => historyRows.decode(value));
  }
  const messages = (await own.messages()).map((message) => ({ kind: 'message', message }) as const);
  const gaps = (await own.gaps()).map((gap) => ({ kind: 'gap', gap }) as const);
  return [...messages, ...gaps];
}

const asText = (content: Uint8Array): string => new TextDecoder().decode(content);

interface Said {
  readonly text: string;
  readonly epoch: bigint;
  readonly client: string;
}

/** One log for all: each then-member has each message once, nobody else has it, and it is of who says so. */
async function checkHistories(walk: Walk, room: WalkRoom): Promise<void> {
  const log = new Map<string, Said>();
  const histories = new Map<Seat, string[]>();
  for (const seat of walk.seats) {
    const own = walk.roomOf(seat, room);
    const members = new Set<string>(own?.members().map(({ client }) => client));
    histories.set(seat, readHistory(seat, await historyOf(seat, room), members, log));
  }
  const texts = [...log.values()].map(({ text }) => text);
  expect(new Set(texts).size, 'each message once').toBe(texts.length);
  expect([...room.accepted].filter((text) => !texts.includes(text))).toEqual([]);
  for (const [seat, ids] of histories) {
    const stints = seat.stints.get(room.uri) ?? [];
    for (const [id, { text, epoch }] of log) {
      const roster = room.rosters.get(epoch);
      if (roster === undefined) continue;
      const stint = stints.findLast(({ since }) => epoch >= since);
      if (stint?.declined === true) continue;
      const was = stint !== undefined && roster.includes(stint.client);
      expect(ids.includes(id), `"${text}" of epoch ${epoch} for ${seat.name}`).toBe(was);
    }
    for (const other of histories.values()) {
      const common = ids.filter((id) => other.includes(id));
      expect(
        other.filter((id) => ids.includes(id)),
        'one order',
      ).toEqual(common);
    }
  }
}

/**
 * The ids of the messages of a history, in order; what they say goes into the log. Who sent is known of those who are
 * members with this device; of others it can have stayed unknown.
 */
function readHistory(
  seat: Seat,
  rows: readonly HistoryRow[],
  members: ReadonlySet<string>,
  log: Map<string, Said>,
): string[] {
  const ids: string[] = [];
  for (const row of rows) {
    if (row.kind === 'gap') throw new Error(`gap of ${seat.name}: ${row.gap.code}`);
    const { id, epoch, client, content, real, own } = row.message;
    const said = { text: asText(content), epoch, client };
    expect(said, `for ${seat.name}`).toEqual(log.get(id) ?? said);
    const who = nameOf(real?.client ?? client);
    const named = said.text.startsWith(`${who} says`);
    const unknown = /^[0-9a-f]{32}$/.test(who) && !members.has(client);
    expect(named || unknown, `${seat.name}: ${who} said "${said.text}"`).toBe(true);
    expect(own).toBe(said.text.startsWith(`${nameOf(seat.device.client)} says`));
    log.set(id, said);
    ids.push(id);
  }
  expect(new Set(ids).size, `messages of ${seat.name}`).toBe(ids.length);
  return ids;
}

const nameOf = (uri: string): string => uri.slice(uri.lastIndexOf('/') + 1);

/** Each member knows who each member is. */
async function checkIdentities(walk: Walk, room: WalkRoom, seats: readonly Seat[]): Promise<void> {
  const { hidesIdentities } = modeNamed(walk.mode).credentials;
  const devices = new Map(
    seats.map((seat) => [seat.stints.get(room.uri)?.at(-1)?.client, seat] as const),
  );
  for (const seat of seats) {
    await peek(seat, (state) => {
      const { group, membership, roster } = state.room(room.uri);
      if (group === undefined || membership === undefined) throw new Error('no group');
      for (const leaf of group.members()) {
        const entry = roster.get(leaf.leafIndex);
        const who = entry && devices.get(entry.client);
        if (entry === undefined || who === undefined) continue;
        const expected = { user: who.device.account.user, client: who.device.client };
        if (!hidesIdentities) {
          expect(entry).toMatchObject(expected);
          continue;
        }
        const found = identify(membership, group.suite, entry.client, leaf);
        expect(found, `${who.name} as ${seat.name} knows it`).toMatchObject({
          status: 'verified',
          real: expected,
        });
      }
    });
  }
}

/** The hub and each follower see what the mode promises. */
async function checkProviders(walk: Walk, room: WalkRoom, seats: readonly Seat[]): Promise<void> {
  const { world, mode } = walk;
  const { hub, credentials, handshakes } = modeNamed(mode);
  const hubDomain = domainOf(room.uri);
  const seen = await world.provider(hubDomain).inspect(room.uri);
  const own = walk.roomOf(seats[0] as Seat, room);
  expect(seen).toMatchObject({ role: 'hub', epoch: Number(own?.epoch) });
  const members = own
    ?.members()
    .map(({ user, client }) => ({ user: user as string, client: client as string }));
  expect(byClient(seen.members)).toEqual(hub === 'orders' ? [] : byClient(members ?? []));
  const real = realUris(walk);
  const hides = credentials.hidesIdentities || hub === 'orders';
  if (hides) expect(intersection(urisOf(seen), real), 'real URIs at the hub').toEqual([]);
  if (hub === 'orders') expect([...urisOf(seen)], 'URIs at the hub').toEqual([]);
  for (const domain of DOMAINS.filter((other) => other !== hubDomain)) {
    const inbox = await world
      .provider(domain)
      .inspect(room.uri)
      .catch(() => undefined);
    if (inbox === undefined) continue;
    if (hides) expect(intersection(urisOf(inbox), real), `real URIs at ${domain}`).toEqual([]);
    const sealed = handshakes.form === 'private' || mode === 'hub-visible';
    if (sealed) expect([...urisOf(inbox)], `URIs at ${domain}`).toEqual([]);
  }
}

const byClient = (members: readonly { user: string; client: string }[]) =>
  [...members].sort((one, other) => (one.client < other.client ? -1 : 1));

function realUris(walk: Walk): Set<string> {
  return new Set(walk.seats.flatMap(({ device }) => [device.account.user, device.client]));
}

/** User and client URIs that a provider can tell of a room. */
function urisOf({ members, entries }: RoomInspection): Set<string> {
  return new Set([
    ...members.flatMap(({ user, client }) => [user, client]),
    ...entries
      .flatMap(({ from, inClear }) => [from, ...inClear])
      .filter((uri) => /\/[ud]\//.test(uri)),
  ]);
}

const intersection = (found: ReadonlySet<string>, with_: ReadonlySet<string>): string[] =>
  [...found].filter((one) => with_.has(one));

/** Who was removed cannot open the identity links of those who came later, and members can. */
async function checkRemoved(walk: Walk, room: WalkRoom, seats: readonly Seat[]): Promise<void> {
  if (!modeNamed(walk.mode).credentials.hidesIdentities) return;
  const [member] = seats as [Seat];
  const slots = await slotsOf(walk, room, member);
  const groupId = groupIdOf(room.uri);
  const leaves = await peek(member, (state) => {
    const { group, membership } = state.room(room.uri);
    if (group === undefined || membership === undefined) throw new Error('no group');
    return group
      .members()
      .map((leaf) => ({
        ...readPseudonymCredential(leaf.credential.bytes, leaf.signatureKey, group.suite),
        wrapper: membership.current.wrapper,
      }))
      .filter(({ client }) => membership.current.linkKeys.has(client));
  });
  for (const [name, { stint, row }] of room.kept) {
    const gone = goneAt(room, stint);
    if (gone === undefined) continue;
    const { wrapper } = Membership.decode(row).current;
    if (wrapper === undefined) continue;
    for (const { client, linkKeyHash, wrapper: present } of leaves) {
      const came = cameAt(room, client);
      if (came === undefined || came <= gone) continue;
      const readableBy = (key: Uint8Array): boolean => {
        const keys = [key, ...readFormerWrappers(slots, groupId, key)];
        return readLinkKey(slots, groupId, keys, client, linkKeyHash) !== undefined;
      };
      expect(readableBy(wrapper), `the link of ${client} for ${name}, who was removed`).toBe(false);
      expect(present && readableBy(present), `the link of ${client} for members`).toBe(true);
      walk.laterLinks += 1;
    }
  }
  for (const seat of seats) {
    const rows = await seat.storage.load(roomKey('membership', room.uri));
    const stint = seat.stints.get(room.uri)?.at(-1);
    if (rows[0] && stint)
      room.kept.set(`${seat.name} ${stint.client}`, { stint, row: rows[0].value });
  }
}

/** The first epoch without a client after its stint began. */
function goneAt({ rosters }: WalkRoom, { client, since }: { client: ClientUri; since: bigint }) {
  return [...rosters.keys()]
    .sort((one, other) => Number(one - other))
    .find((epoch) => epoch > since && rosters.get(epoch)?.includes(client) === false);
}

/** The first epoch that shows a client. */
function cameAt({ rosters }: WalkRoom, client: ClientUri): bigint | undefined {
  return [...rosters.keys()]
    .sort((one, other) => Number(one - other))
    .find((epoch) => rosters.get(epoch)?.includes(client));
}

async function slotsOf(walk: Walk, { uri }: WalkRoom, seat: Seat): Promise<readonly Slot[]> {
  const { domain, device } = seat;
  const asked = await peek(seat, (state) => askForSlots(senderIn(state, state.room(uri)), uri));
  // As through a queue: where the provider must not map pseudonyms it is not taken from the device of an account.
  const connection = walk.world.connection(domain, device.account.user, `q-${'0'.repeat(32)}`);
  const answer = await connection.call('roomSlots', uri, asked.request);
  return openSlots(uri, asked.keys, answer).slots;
}

// Slots of a room: ciphertext that members leave for each other at the hub. A slot takes a few versions, each once;
// nothing is overwritten, so that nobody can undo what another member has left.

import { mayReadSlots, PrivacyError, sealSlots } from '../../privacy/index.ts';
import {
  type ClientUri,
  clientSlotNames,
  encodeRoomSlots,
  type RoomSlots,
  type RoomSlotsRequest,
  type RoomUri,
  type Slot,
  type SlotLifetime,
  type SlotWrite,
} from '../../wire/index.ts';
import { sameBytes, toHex } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { decodeSlotRow, encodeSlotRow, type SlotRow } from '../records/room_rows.ts';
import { lastNumber, prefixes, roomRows } from '../rows.ts';
import type { Input, ShardReader } from '../shard.ts';
import type { StoreRow } from '../store.ts';
import type { HubContext } from './context.ts';
import { type HubRoom, readersOf } from './hub_room.ts';

/** How many versions of a slot are kept: one honest member is enough to bring the right one. */
const MAX_VERSIONS = 4;
/**
 * How many slots of the room, and of the epoch, are kept: no member fills the store. A further one changes nothing, so that
 * it cannot keep a commit out either; those of clients are bounded by the clients.
 */
const MAX_SLOTS = 1024;
/** Longest name of a slot, in bytes: that of a client is the longest. */
const MAX_NAME = 512;

const LIFETIMES: readonly SlotLifetime[] = ['epoch', 'client', 'room'];

/** The slots that an update touches, as the store has them. */
export interface SlotTable {
  /** By key, as hex. */
  readonly rows: ReadonlyMap<string, SlotRow>;
  /** Keys of slots that end with the epoch. */
  readonly ending: readonly Uint8Array[];
  /** Lifetimes of which the room has as many slots as it may. */
  readonly full: ReadonlySet<SlotLifetime>;
}

/** The epoch that a slot is kept for: 0 for those that belong to none. */
function epochOf(lifetime: SlotLifetime, epoch: bigint): bigint {
  return lifetime === 'epoch' ? epoch : 0n;
}

/** Reads what an update needs of a room's slots; `epoch` is the one that its slots are of. */
export async function readSlots(
  reader: ShardReader,
  uri: RoomUri,
  writes: readonly SlotWrite[],
  epoch: bigint,
): Promise<SlotTable> {
  const rows = new Map<string, SlotRow>();
  for (const write of writes) {
    const key = roomRows.slot(uri, write, epochOf(write.lifetime, epoch));
    const value = await reader.get(key);
    if (value !== undefined) rows.set(toHex(key), decodeSlotRow(value));
  }
  const ofEpochs = await reader.under(prefixes.slots(uri, 'epoch'));
  const ending = ofEpochs.map(({ key }) => key).filter((key) => epochOfKey(key) < epoch);
  const full = new Set<SlotLifetime>();
  if (ofEpochs.length - ending.length >= MAX_SLOTS) full.add('epoch');
  if (writes.some(({ lifetime }) => lifetime === 'room')) {
    const ofRoom = await reader.under(prefixes.slots(uri, 'room'));
    if (ofRoom.length >= MAX_SLOTS) full.add('room');
  }
  return { rows, ending, full };
}

/** The epoch in a slot's key: before the hash of 32 bytes. */
function epochOfKey(key: Uint8Array): bigint {
  return BigInt(lastNumber(key.subarray(0, key.length - 32)));
}

/** Why slots are refused, or `undefined`. */
export function slotFault(writes: readonly SlotWrite[], limits: Limits): string | undefined {
  if (writes.length > limits.slotsPerUpdate) return `more than ${limits.slotsPerUpdate} slots`;
  for (const { name, value } of writes) {
    if (name.length === 0 || name.length > MAX_NAME) return 'a slot without a usable name';
    if (value.length > limits.slotBytes) return `a slot of more than ${limits.slotBytes} bytes`;
  }
  return undefined;
}

/** What slots say of who is not among these, or `undefined`: nobody fills the store for clients that are none. */
export function foreignSlot(
  writes: readonly SlotWrite[],
  clients: Iterable<{ readonly client: string }>,
): string | undefined {
  const names = new Set(
    [...clients].flatMap(({ client }) => clientSlotNames(client as ClientUri).map(toHex)),
  );
  const foreign = writes.some(
    ({ lifetime, name }) => lifetime === 'client' && !names.has(toHex(name)),
  );
  return foreign ? 'a slot of a client that is not in the room' : undefined;
}

/** The rows that append to slots; a version that is there, or one too many, changes nothing. */
export function slotRows(
  uri: RoomUri,
  { rows, full }: SlotTable,
  writes: readonly SlotWrite[],
  epoch: bigint,
): StoreRow[] {
  const changed = new Map<string, { key: Uint8Array; row: SlotRow }>();
  for (const write of writes) {
    const key = roomRows.slot(uri, write, epochOf(write.lifetime, epoch));
    const text = toHex(key);
    const there = changed.get(text)?.row ?? rows.get(text);
    if (there === undefined && full.has(write.lifetime)) continue;
    const row = there ?? { name: write.name, versions: [] };
    const known = row.versions.some((version) => sameBytes(version, write.value));
    if (known || row.versions.length >= MAX_VERSIONS) continue;
    changed.set(text, { key, row: { ...row, versions: [...row.versions, write.value] } });
  }
  return [...changed.values()].map(({ key, row }) => ({ key, value: encodeSlotRow(row) }));
}

/** The rows that end with an epoch, or with the clients that left. */
export function endedSlotRows(
  uri: RoomUri,
  { ending }: SlotTable,
  gone: readonly ClientUri[],
): StoreRow[] {
  const ofClients = gone
    .flatMap(clientSlotNames)
    .map((name) => roomRows.slot(uri, { lifetime: 'client', name }, 0n));
  return [...ending, ...ofClients].map((key) => ({ key, value: undefined }));
}

/**
 * The input for a `roomSlots` request. All slots are for members; one of the epoch is for whoever can name it, such as the
 * holder of a join link.
 * @throws ProviderError `unknownRoom`, `tooLarge`, `badRequest`.
 */
export function giveSlots(
  context: HubContext,
  uri: RoomUri,
  request: RoomSlotsRequest,
): Input<Uint8Array> {
  let answer: Uint8Array;
  return {
    owner: uri,
    prepare: async (reader) => {
      const room = await context.directory.hubRoom(uri);
      answer = request.all
        ? await allFor(reader, room, request)
        : encodeRoomSlots(await namedSlots(context, reader, room, request.names));
    },
    decide: () => ({ answer }),
  };
}

async function allFor(
  reader: ShardReader,
  room: HubRoom,
  { responseKey, proof }: Extract<RoomSlotsRequest, { all: true }>,
): Promise<Uint8Array> {
  const { uri, epoch } = room;
  if (!mayReadSlots(readersOf(room), uri, responseKey, proof))
    throw new ProviderError('unknownRoom');
  try {
    return sealSlots(uri, responseKey, { epoch, slots: await allSlots(reader, room) });
  } catch (error) {
    if (!(error instanceof PrivacyError) || error.kind === 'bug') throw error;
    throw new ProviderError('badRequest', 'There is no answer to this key.', { cause: error });
  }
}

async function namedSlots(
  { limits }: HubContext,
  reader: ShardReader,
  { uri, epoch }: HubRoom,
  names: readonly Uint8Array[],
): Promise<RoomSlots> {
  const limit = limits.slotsPerUpdate;
  if (names.length > limit) throw new ProviderError('tooLarge', undefined, { details: { limit } });
  const slots: Slot[] = [];
  for (const name of names) {
    const value = await reader.get(roomRows.slot(uri, { lifetime: 'epoch', name }, epoch));
    if (value !== undefined) slots.push({ lifetime: 'epoch', epoch, ...decodeSlotRow(value) });
  }
  return { epoch, slots };
}

async function allSlots(reader: ShardReader, room: HubRoom): Promise<Slot[]> {
  const slots: Slot[] = [];
  for (const lifetime of LIFETIMES) {
    for (const { key, value } of await reader.under(prefixes.slots(room.uri, lifetime))) {
      slots.push({ lifetime, epoch: epochOfKey(key), ...decodeSlotRow(value) });
    }
  }
  return slots;
}

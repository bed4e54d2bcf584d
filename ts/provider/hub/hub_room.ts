// A room as its hub holds it in memory: its mode, what the mode lets the hub follow, the last sequence number.
// All of it can be rebuilt from the store: the last snapshot, then the handshakes after it.

import { HubGroup, type HubProcessed, type KeyPair, type Member } from '../../mls/index.ts';
import {
  type Mode,
  modeNamed,
  OrderedGroup,
  type Readers,
  RosterReader,
  resolveChanges,
} from '../../privacy/index.ts';
import { type RoomView, type RosterEntry, stateOf } from '../../room/index.ts';
import {
  decodeFanoutMessages,
  domainOf,
  type FanoutMessage,
  groupIdOf,
  type RoomUri,
} from '../../wire/index.ts';
import { ProviderError } from '../errors.ts';
import { decodeLogRecord, type LogRecord } from '../records/log_record.ts';
import { decodeOpenMandate, type OpenMandate } from '../records/mandate_row.ts';
import {
  decodeHeldGroupInfo,
  decodeRoomHead,
  decodeWaiting,
  type WaitingProposal,
} from '../records/room_rows.ts';
import { roomRows } from '../rows.ts';
import type { Store } from '../store.ts';

/** A group that the hub follows, handshake by handshake. */
export interface FollowedGroup {
  readonly kind: 'followed';
  readonly group: HubGroup;
  /** The GroupInfo of the current epoch, as the last committer uploaded it. */
  groupInfo: Uint8Array;
  /** What members have announced of the current epoch's key, for those who join by themselves. */
  announcements: readonly Uint8Array[];
}

/** A group of which the hub sees nothing but the order. */
export interface HiddenGroup {
  readonly kind: 'hidden';
  readonly group: OrderedGroup;
}

/** What the policy decides on, with the names that the mode's credentials give. */
export type HubView = RoomView & { readonly roster: ReadonlyMap<number, RosterEntry> };

/** What was in the store, or what a creation begins with. */
export interface HubRoomState {
  readonly seq: number;
  readonly acceptedAt: number;
  readonly replay: readonly number[];
  readonly waiting: readonly WaitingProposal[];
  readonly mandate?: OpenMandate | undefined;
}

/** The hub's memory of one room. Only the room's shard changes it. */
export class HubRoom implements Disposable {
  readonly uri: RoomUri;
  readonly mode: Mode;
  readonly sight: FollowedGroup | HiddenGroup;
  seq: number;
  acceptedAt: number;
  /** Positions in the shard's log of the handshakes since the snapshot, in order. */
  replay: readonly number[];
  waiting: readonly WaitingProposal[];
  /** The mandate that waits for a commit. */
  mandate: OpenMandate | undefined;
  readonly #rosters: RosterReader;
  #members: readonly Member[] | undefined;
  #view: HubView | undefined;

  constructor(uri: RoomUri, mode: Mode, sight: FollowedGroup | HiddenGroup, state: HubRoomState) {
    this.uri = uri;
    this.mode = mode;
    this.sight = sight;
    this.seq = state.seq;
    this.acceptedAt = state.acceptedAt;
    this.replay = state.replay;
    this.waiting = state.waiting;
    this.mandate = state.mandate;
    this.#rosters = new RosterReader(mode.credentials);
  }

  get epoch(): bigint {
    return this.sight.group.epoch;
  }

  /** The leaves, as far as the hub sees them; read of the core once an epoch. */
  get members(): readonly Member[] {
    if (this.sight.kind === 'hidden') return [];
    this.#members ??= this.sight.group.members();
    return this.#members;
  }

  /** What the policy decides on; `undefined` where the hub sees no state. */
  get view(): HubView | undefined {
    if (this.sight.kind === 'hidden') return undefined;
    const { group } = this.sight;
    this.#view ??= {
      state: stateOf(group.components()),
      roster: this.#rosters.read(this.members, group.suite),
    };
    return this.#view;
  }

  /** The participants by leaf, as far as the hub sees them. */
  get roster(): ReadonlyMap<number, RosterEntry> {
    return this.view?.roster ?? new Map();
  }

  /** The providers that take part. */
  get domains(): Set<string> {
    if (this.sight.kind === 'hidden') return new Set(this.sight.group.domains);
    return new Set([...this.roster.values()].map(({ user }) => domainOf(user)));
  }

  /** Checks a handshake against the group. Throws MlsError, RoomError. */
  process(group: HubGroup, handshake: Uint8Array): HubProcessed {
    return group.process(handshake, resolveChanges);
  }

  /** Applies what `process` found. */
  apply(group: HubGroup, processed: HubProcessed): void {
    group.apply(processed);
    this.#members = undefined;
    this.#view = undefined;
  }

  /** Drops what was read of the group, which has changed. */
  changed(): void {
    this.#members = undefined;
    this.#view = undefined;
  }

  [Symbol.dispose](): void {
    if (this.sight.kind === 'followed') this.sight.group[Symbol.dispose]();
  }
}

/** Reads a record of a shard's log. @throws ProviderError `corruptRecord`. */
export async function readRecord(
  store: Store,
  shard: string,
  position: number,
): Promise<LogRecord> {
  const [stored] = await store.read(shard, position, 1);
  if (stored?.position !== position) {
    throw new ProviderError('corruptRecord', `The log lacks its record ${position}.`);
  }
  return openRecord(stored.bytes);
}

/** Decodes a record. @throws ProviderError `corruptRecord`. */
export function openRecord(bytes: Uint8Array): LogRecord {
  try {
    return decodeLogRecord(bytes);
  } catch (cause) {
    throw new ProviderError('corruptRecord', undefined, { cause });
  }
}

/** Where rooms are rebuilt from. */
export interface RoomSource {
  readonly store: Store;
  readonly shard: string;
  /** The hub's own keys, by which it opens what was sealed to it. */
  readonly keys: KeyPair;
}

/**
 * Rebuilds a room from the store; `undefined` when this provider is not its hub.
 * @throws ProviderError `corruptRecord`; PrivacyError `unknownMode`.
 */
export async function loadHubRoom(source: RoomSource, uri: RoomUri): Promise<HubRoom | undefined> {
  const { store, shard } = source;
  const headRow = await store.get(shard, roomRows.head(uri));
  if (headRow === undefined) return undefined;
  const head = decodeRoomHead(headRow);
  if (head.role !== 'hub') return undefined;
  const mode = modeNamed(head.mode);
  const [snapshot, info, waiting, mandate] = await Promise.all([
    store.get(shard, roomRows.snapshot(uri)),
    store.get(shard, roomRows.groupInfo(uri)),
    store.get(shard, roomRows.pending(uri)),
    store.get(shard, roomRows.mandate(uri)),
  ]);
  const state = {
    ...head,
    waiting: waiting === undefined ? [] : decodeWaiting(waiting),
    mandate: mandate && decodeOpenMandate(mandate),
  };
  if (snapshot === undefined || (mode.hub === 'verifies' && info === undefined)) {
    throw new ProviderError('corruptRecord', 'A room lacks its snapshot or its GroupInfo.');
  }
  if (info === undefined) {
    const group = OrderedGroup.restore(snapshot);
    return new HubRoom(uri, mode, { kind: 'hidden', group }, state);
  }
  const group = HubGroup.restore(snapshot);
  const room = new HubRoom(
    uri,
    mode,
    { kind: 'followed', group, ...decodeHeldGroupInfo(info) },
    state,
  );
  try {
    await replay(source, room, group);
  } catch (error) {
    room[Symbol.dispose]();
    throw error;
  }
  return room;
}

/** Applies the handshakes that the log holds after the snapshot. */
async function replay(source: RoomSource, room: HubRoom, group: HubGroup): Promise<void> {
  for (const position of room.replay) {
    const record = await readRecord(source.store, source.shard, position);
    for (const fanout of decodeFanoutMessages(record.fanout)) {
      for (const handshake of handshakesOf(room, fanout, source.keys)) {
        room.apply(group, room.process(group, handshake));
      }
    }
  }
}

/** The MLSMessages of an event, opened as the hub opened them when it accepted them. */
function handshakesOf(room: HubRoom, fanout: FanoutMessage, keys: KeyPair): Uint8Array[] {
  switch (fanout.kind) {
    case 'commit':
      return [fanout.message.bytes];
    case 'proposal':
      return [fanout.message, ...fanout.moreProposals].map(({ bytes }) => bytes);
    case 'modeHandshake': {
      const { suite } = room.sight.group;
      const address = { ...fanout, suite, kind: fanout.handshake };
      return fanout.payloads.map(
        (payload) => room.mode.handshakes.openAsHub(payload, address, keys).handshake,
      );
    }
    default:
      return [];
  }
}

/** By what the hub of a room tells that a member makes a request. */
export function readersOf({ uri, sight, epoch, members }: HubRoom): Readers {
  return sight.kind === 'hidden'
    ? { groupId: groupIdOf(uri), epoch, writeKey: sight.group.writeKey }
    : { members, suite: sight.group.suite };
}

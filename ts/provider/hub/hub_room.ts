// A room as its hub holds it in memory: the group, the participants, the last sequence number.
// All of it can be rebuilt from the store: the last snapshot, then the handshakes after it.

import { HubGroup, type HubProcessed } from '../../mls/index.ts';
import { type RoomView, type RosterEntry, rosterOf } from '../../room/index.ts';
import { decodeFanoutMessages, domainOf, type RoomUri, type UserUri } from '../../wire/index.ts';
import { ProviderError } from '../errors.ts';
import { decodeLogRecord, type LogRecord } from '../records/log_record.ts';
import { decodeRoomHead, decodeWaiting, type WaitingProposal } from '../records/room_rows.ts';
import { roomRows } from '../rows.ts';
import type { Store } from '../store.ts';

/** The hub's memory of one room. Only the room's shard changes it. */
export class HubRoom implements Disposable {
  readonly uri: RoomUri;
  readonly creator: UserUri;
  readonly group: HubGroup;
  seq: number;
  acceptedAt: number;
  /** Positions in the shard's log of the handshakes since the snapshot, in order. */
  replay: readonly number[];
  groupInfo: Uint8Array;
  waiting: WaitingProposal[];
  #roster: Map<number, RosterEntry> | undefined;

  constructor(
    uri: RoomUri,
    creator: UserUri,
    group: HubGroup,
    state: {
      readonly seq: number;
      readonly acceptedAt: number;
      readonly replay: readonly number[];
      readonly groupInfo: Uint8Array;
      readonly waiting: WaitingProposal[];
    },
  ) {
    this.uri = uri;
    this.creator = creator;
    this.group = group;
    this.seq = state.seq;
    this.acceptedAt = state.acceptedAt;
    this.replay = state.replay;
    this.groupInfo = state.groupInfo;
    this.waiting = state.waiting;
  }

  /** The participants by leaf. */
  get roster(): ReadonlyMap<number, RosterEntry> {
    this.#roster ??= rosterOf(this.group.members());
    return this.#roster;
  }

  /** What the policy decides on. */
  get view(): RoomView {
    return { creator: this.creator, roster: this.roster };
  }

  /** The providers that have clients in the group. */
  get domains(): Set<string> {
    return new Set([...this.roster.values()].map(({ user }) => domainOf(user)));
  }

  /** Applies what `group.process` found. */
  apply(processed: HubProcessed): void {
    this.group.apply(processed);
    this.#roster = undefined;
  }

  [Symbol.dispose](): void {
    this.group[Symbol.dispose]();
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

/**
 * Rebuilds a room from the store; `undefined` when this provider is not its hub.
 * @throws ProviderError `corruptRecord`.
 */
export async function loadHubRoom(
  store: Store,
  shard: string,
  uri: RoomUri,
): Promise<HubRoom | undefined> {
  const headRow = await store.get(shard, roomRows.head(uri));
  if (headRow === undefined) return undefined;
  const head = decodeRoomHead(headRow);
  if (head.role !== 'hub') return undefined;
  const [snapshot, groupInfo, waiting] = await Promise.all([
    store.get(shard, roomRows.snapshot(uri)),
    store.get(shard, roomRows.groupInfo(uri)),
    store.get(shard, roomRows.pending(uri)),
  ]);
  if (snapshot === undefined || groupInfo === undefined) {
    throw new ProviderError('corruptRecord', 'A room lacks its snapshot or its GroupInfo.');
  }
  const room = new HubRoom(uri, head.creator, HubGroup.restore(snapshot), {
    seq: head.seq,
    acceptedAt: head.acceptedAt,
    replay: head.replay,
    groupInfo,
    waiting: waiting === undefined ? [] : decodeWaiting(waiting),
  });
  try {
    await replay(store, shard, room);
  } catch (error) {
    room[Symbol.dispose]();
    throw error;
  }
  return room;
}

/** Applies the handshakes that the log holds after the snapshot. */
async function replay(store: Store, shard: string, room: HubRoom): Promise<void> {
  for (const position of room.replay) {
    const record = await readRecord(store, shard, position);
    for (const fanout of decodeFanoutMessages(record.fanout)) {
      const messages = [
        fanout.message,
        ...(fanout.kind === 'proposal' ? fanout.moreProposals : []),
      ];
      for (const message of messages) room.apply(room.group.process(message.bytes));
    }
  }
}

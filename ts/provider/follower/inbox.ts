// A follower takes what the hub of a room fans out: stored in order, each message once, before it is confirmed.
// draft-ietf-mimi-protocol-06, "Fanout Messages and Room Events".

import { hash } from '../../mls/index.ts';
import {
  type ClientUri,
  domainOf,
  encodeFanoutMessage,
  type FanoutMessage,
  type RoomUri,
} from '../../wire/index.ts';
import { toHex } from '../bytes.ts';
import type { Directory } from '../directory.ts';
import { ProviderError } from '../errors.ts';
import { localClient } from '../hub/welcome.ts';
import type { Limits } from '../limits.ts';
import { encodeLogRecord } from '../records/log_record.ts';
import {
  decodeEventIndex,
  decodeRoomHead,
  encodeEventIndex,
  encodeRoomHead,
} from '../records/room_rows.ts';
import { prefixes, rangeOf, roomRows } from '../rows.ts';
import type { Decision, Input, Turn } from '../shard.ts';
import type { AppendRecord, Store, StoreRow } from '../store.ts';
import { subscribeRows, welcomeRows } from '../subscription.ts';

/** What a follower's inboxes need of the provider. */
export interface FollowerContext {
  readonly domain: string;
  readonly store: Store;
  readonly directory: Directory;
  readonly limits: Limits;
}

/** A message that was received, with what decides whether it is new and for whom it is. */
interface Received {
  readonly fanout: FanoutMessage;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  /** Own clients that a Welcome is for. */
  readonly clients: readonly ClientUri[];
}

/** The memory of one followed room. */
interface Inbox {
  seq: number;
  /** Hashes of the last messages, oldest first. */
  readonly known: Map<string, true>;
}

/** The rooms of other hubs in which this provider has users. */
export class Inboxes {
  readonly #context: FollowerContext;
  readonly #held = new Map<RoomUri, Inbox>();

  constructor(context: FollowerContext) {
    this.#context = context;
  }

  /**
   * Stores messages of a hub and gives the own clients that got mail. Repeats are dropped.
   * @throws ProviderError `wrongPeer`, `unknownRoom`.
   */
  async receive(
    source: string,
    uri: RoomUri,
    messages: readonly FanoutMessage[],
  ): Promise<readonly ClientUri[]> {
    if (domainOf(uri) !== source) throw new ProviderError('wrongPeer');
    const received = await Promise.all(messages.map((fanout) => this.#receive(fanout)));
    return this.#context.directory.shardOf(uri).run(this.#store(uri, received));
  }

  /** Serves a local device the events of a room from now on, before it joins by itself. */
  async subscribe(client: ClientUri, uri: RoomUri): Promise<void> {
    let inbox: Inbox;
    await this.#context.directory.shardOf(uri).run({
      owner: uri,
      prepare: async () => {
        inbox = (await this.#load(uri)) ?? { seq: 0, known: new Map() };
      },
      decide: () => {
        this.#held.set(uri, inbox);
        return {
          answer: undefined,
          rows: [headRow(uri, inbox.seq), ...subscribeRows(client, uri, inbox.seq + 1)],
        };
      },
    });
  }

  /** Drops what is held of a room in memory. */
  forget(uri: RoomUri): void {
    this.#held.delete(uri);
  }

  async #receive(fanout: FanoutMessage): Promise<Received> {
    const bytes = encodeFanoutMessage(fanout);
    const clients: ClientUri[] = [];
    if (fanout.kind === 'welcome') {
      for (const ref of fanout.message.welcome.newMembers) {
        const client = await localClient(this.#context, ref);
        if (client !== undefined) clients.push(client);
      }
    }
    return { fanout, bytes, hash: hash(1, bytes), clients };
  }

  #store(uri: RoomUri, received: readonly Received[]): Input<readonly ClientUri[]> {
    let inbox: Inbox | undefined;
    return {
      owner: uri,
      prepare: async () => {
        inbox = await this.#load(uri);
      },
      decide: (turn) => {
        const invited = received.some(({ clients }) => clients.length > 0);
        if (inbox === undefined && !invited) throw new ProviderError('unknownRoom');
        const known = inbox ?? { seq: 0, known: new Map() };
        this.#held.set(uri, known);
        return this.#append(uri, known, received, turn);
      },
    };
  }

  #append(
    uri: RoomUri,
    inbox: Inbox,
    received: readonly Received[],
    turn: Turn,
  ): Decision<readonly ClientUri[]> {
    const records: AppendRecord[] = [];
    const rows: StoreRow[] = [];
    const mailed: ClientUri[] = [];
    for (const item of received) {
      if (inbox.known.has(toHex(item.hash))) continue;
      inbox.seq += 1;
      this.#know(inbox, item.hash);
      const position = turn.position + records.length;
      records.push({ bytes: recordOf(uri, inbox.seq, item) });
      rows.push({
        key: roomRows.event(uri, inbox.seq),
        value: encodeEventIndex({ position, hash: item.hash }),
      });
      for (const client of item.clients) {
        rows.push(...welcomeRows(client, uri, inbox.seq, position));
        mailed.push(client);
      }
    }
    if (records.length === 0) return { answer: mailed };
    rows.push(headRow(uri, inbox.seq));
    return { answer: mailed, records, rows };
  }

  #know(inbox: Inbox, messageHash: Uint8Array): void {
    inbox.known.set(toHex(messageHash), true);
    if (inbox.known.size > this.#context.limits.inboxWindow) {
      const oldest = inbox.known.keys().next();
      if (!oldest.done) inbox.known.delete(oldest.value);
    }
  }

  async #load(uri: RoomUri): Promise<Inbox | undefined> {
    const held = this.#held.get(uri);
    if (held !== undefined) return held;
    const { store, directory, limits } = this.#context;
    const shard = directory.shardOf(uri).name;
    const row = await store.get(shard, roomRows.head(uri));
    if (row === undefined) return undefined;
    const { seq } = decodeRoomHead(row);
    const range = rangeOf(prefixes.events(uri));
    const last = await store.range(shard, { ...range, reverse: true, limit: limits.inboxWindow });
    const inbox: Inbox = { seq, known: new Map() };
    for (const { value } of last.reverse()) this.#know(inbox, decodeEventIndex(value).hash);
    return inbox;
  }
}

function headRow(uri: RoomUri, seq: number): StoreRow {
  return { key: roomRows.head(uri), value: encodeRoomHead({ role: 'inbox', seq }) };
}

function recordOf(uri: RoomUri, seq: number, { fanout, bytes }: Received): Uint8Array {
  const isWelcome = fanout.kind === 'welcome';
  const none = new Uint8Array();
  return encodeLogRecord({
    kind: 'inbox',
    room: uri,
    seq,
    epoch: 0n,
    acceptedAt: Number(fanout.timestamp),
    from: domainOf(uri),
    fanout: isWelcome ? none : bytes,
    welcome: isWelcome ? bytes : none,
    followers: [],
    welcomed: [],
  });
}

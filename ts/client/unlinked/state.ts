// The rows of an unlinked connection in memory: read when it opens, changed in memory once a change is stored.

import { hash } from '../../mls/index.ts';
import type { RoomUri } from '../../wire/index.ts';
import { equalBytes, hex } from '../bytes.ts';
import { ClientError } from '../errors.ts';
import type { KeyValue, KeyValueChange } from '../key_value.ts';
import {
  kinds,
  type QueueRow,
  queueRowKey,
  queueRows,
  roomRowKey,
  selfRowKey,
  tokenRowKey,
} from './rows.ts';

/** Changes that are stored together. */
export interface StateChange {
  readonly addTokens?: readonly Uint8Array[];
  readonly dropToken?: Uint8Array | undefined;
  readonly putQueues?: readonly QueueRow[];
  readonly dropQueue?: QueueRow | undefined;
  /** Rooms that the queue with this id serves from now on. */
  readonly serve?: { readonly queue: Uint8Array; readonly rooms: readonly RoomUri[] } | undefined;
  readonly dropRoom?: RoomUri | undefined;
}

const SELF_BYTES = 16;

export class UnlinkedState {
  /** Names these rows: a cursor that goes on from them says so. */
  readonly self: Uint8Array;
  readonly #storage: KeyValue;
  readonly #tokens = new Map<string, Uint8Array>();
  readonly #queues = new Map<string, QueueRow>();
  /** The hexadecimal ids of queues by the rooms that they serve. */
  readonly #rooms = new Map<RoomUri, string>();

  private constructor(storage: KeyValue, self: Uint8Array) {
    this.#storage = storage;
    this.self = self;
  }

  /** Reads the rows; where there are none, begins them. Throws ClientError `storageFailed`, `wrongStorage`. */
  static async load(
    storage: KeyValue,
    random: (length: number) => Uint8Array,
  ): Promise<UnlinkedState> {
    const rows = await storing(() => storage.load());
    const key = selfRowKey();
    const known = rows.find((row) => equalBytes(row.key, key))?.value;
    const self = known ?? random(SELF_BYTES);
    if (known === undefined) await storing(() => storage.write([{ key, value: self }]));
    const state = new UnlinkedState(storage, self);
    for (const { key, value } of rows) {
      const rest = key.subarray(1);
      if (key[0] === kinds.token) state.#tokens.set(hex(rest), value);
      if (key[0] === kinds.queue) state.#queues.set(hex(rest), queueRows.decode(value));
      if (key[0] === kinds.room) {
        state.#rooms.set(new TextDecoder().decode(rest) as RoomUri, hex(value));
      }
    }
    return state;
  }

  /** How many tokens are in stock. */
  get stock(): number {
    return this.#tokens.size;
  }

  /** A token of the stock; it is still there until it is dropped. */
  get nextToken(): Uint8Array | undefined {
    return this.#tokens.values().next().value;
  }

  /** All queues, the oldest first. */
  get queues(): readonly QueueRow[] {
    return [...this.#queues.values()];
  }

  /** A queue by its id, as it is now. */
  queue(id: Uint8Array): QueueRow | undefined {
    return this.#queues.get(hex(id));
  }

  /** The queue that serves a room. */
  queueOf(room: RoomUri): QueueRow | undefined {
    const id = this.#rooms.get(room);
    return id === undefined ? undefined : this.#queues.get(id);
  }

  /** The queue through which the set under a token goes up. */
  queueOfSet(tokenHash: Uint8Array): QueueRow | undefined {
    return this.queues.find(
      ({ set }) => set?.replacedAt === 0 && equalBytes(set.tokenHash, tokenHash),
    );
  }

  /** Whether a queue serves any room. */
  servesRooms({ id }: QueueRow): boolean {
    return [...this.#rooms.values()].includes(hex(id));
  }

  /** Stores changes, all or none. Throws ClientError `storageFailed`. */
  async change(change: StateChange): Promise<void> {
    const { addTokens = [], dropToken, putQueues = [], dropQueue, serve, dropRoom } = change;
    const changes: KeyValueChange[] = [];
    const put = (key: Uint8Array, value: Uint8Array | undefined) => changes.push({ key, value });
    for (const token of addTokens) put(tokenRowKey(tokenId(token)), token);
    if (dropToken !== undefined) put(tokenRowKey(tokenId(dropToken)), undefined);
    for (const queue of putQueues) put(queueRowKey(queue.id), queueRows.encode(queue));
    if (dropQueue !== undefined) put(queueRowKey(dropQueue.id), undefined);
    for (const room of serve?.rooms ?? []) put(roomRowKey(room), serve?.queue);
    const dropped = [...this.#rooms].flatMap(([room, id]) =>
      room === dropRoom || (dropQueue !== undefined && id === hex(dropQueue.id)) ? [room] : [],
    );
    for (const room of dropped) put(roomRowKey(room), undefined);
    await storing(() => this.#storage.write(changes));
    for (const token of addTokens) this.#tokens.set(hex(tokenId(token)), token);
    if (dropToken !== undefined) this.#tokens.delete(hex(tokenId(dropToken)));
    for (const queue of putQueues) this.#queues.set(hex(queue.id), queue);
    if (dropQueue !== undefined) this.#queues.delete(hex(dropQueue.id));
    if (serve !== undefined)
      for (const room of serve.rooms) this.#rooms.set(room, hex(serve.queue));
    for (const room of dropped) this.#rooms.delete(room);
  }
}

const tokenId = (token: Uint8Array): Uint8Array => hash(1, token);

async function storing<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    throw new ClientError('storageFailed', undefined, { cause });
  }
}

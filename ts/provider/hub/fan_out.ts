// Fan-out: each follower gets, in the order of the log, what it is to get, from a durable cursor.
// draft-ietf-mimi-protocol-06, "Fanout Messages and Room Events". A follower that is away holds up nobody else.

import { ExedraError } from '../../errors.ts';
import { decodeFanoutMessages, encodeFanoutMessage, type RoomUri } from '../../wire/index.ts';
import { concat } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { PeerTransport } from '../peers.ts';
import type { Shard } from '../shard.ts';
import type { Store, StoredRecord } from '../store.ts';
import type { ProviderEvent } from './context.ts';
import { openRecord } from './hub_room.ts';

/** How long to wait after the first failure, and at most; doubled between, with up to half added at random. */
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 30_000;
/** One stretch of the log: so many records, or bytes; they are read in small steps, since records can be large. */
const STRETCH_RECORDS = 256;
const STRETCH_BYTES = 8 << 20;
const STEP_RECORDS = 16;
/** Requests to one follower at once, so that none waits long for its turn at the transport. */
const REQUESTS = 8;
/** A cursor that has only passed over foreign records is written after so many. */
const IDLE_ADVANCE = 4096;

export interface FanOutDeps {
  readonly store: Store;
  readonly shards: readonly Shard[];
  readonly peers: PeerTransport;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly limits: Limits;
  readonly report: (event: ProviderEvent) => void;
}

/** One shard's log on its way to one follower. */
interface Lane {
  readonly shard: Shard;
  readonly follower: string;
  /** Served and durable. */
  stored: number;
  /** Served. */
  position: number;
  running: boolean;
  failures: number;
  retryAt: number;
}

/** Part of a room's messages for one request, in order. */
interface Parcel {
  readonly room: RoomUri;
  readonly messages: Uint8Array[];
  bytes: number;
}

/** The deliveries of a hub. */
export class FanOut {
  readonly #deps: FanOutDeps;
  readonly #lanes: Lane[] = [];
  #closed = false;

  private constructor(deps: FanOutDeps) {
    this.#deps = deps;
  }

  /** Opens a lane per shard and configured peer, each at its stored cursor. */
  static async open(deps: FanOutDeps): Promise<FanOut> {
    const fanOut = new FanOut(deps);
    for (const shard of deps.shards) {
      const cursors = await deps.store.cursors(shard.name);
      for (const follower of deps.peers.domains) {
        const position = cursors.get(follower) ?? 0;
        fanOut.#lanes.push({
          shard,
          follower,
          stored: position,
          position,
          running: false,
          failures: 0,
          retryAt: 0,
        });
      }
    }
    return fanOut;
  }

  /** Delivers what can be delivered now. Lanes that are under way, or wait to retry, are left alone. */
  async deliver(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => this.#run(lane)));
  }

  /** When the next retry is due, in milliseconds since the epoch of UNIX; `undefined` when none is. */
  get nextRetryAt(): number | undefined {
    let next: number | undefined;
    for (const { failures, retryAt } of this.#lanes) {
      if (failures > 0 && (next === undefined || retryAt < next)) next = retryAt;
    }
    return next;
  }

  /** How far each follower is behind, in records of the log. */
  backlog(): { readonly shard: string; readonly follower: string; readonly records: number }[] {
    return this.#lanes.map(({ shard, follower, position }) => ({
      shard: shard.name,
      follower,
      records: shard.head - position,
    }));
  }

  /** Ends after the requests that are under way. */
  close(): void {
    this.#closed = true;
  }

  async #run(lane: Lane): Promise<void> {
    if (lane.running || this.#deps.clock() < lane.retryAt) return;
    lane.running = true;
    try {
      while (!this.#closed && lane.position < lane.shard.head) await this.#step(lane);
      lane.failures = 0;
    } catch (error) {
      this.#postpone(lane, error);
    } finally {
      lane.running = false;
    }
  }

  /** Delivers one stretch of the log and moves the cursor over it. */
  async #step(lane: Lane): Promise<void> {
    const { store, limits } = this.#deps;
    const stored = await this.#read(lane);
    const last = stored.at(-1);
    if (last === undefined)
      throw new ProviderError('corruptRecord', 'The log ends before its head.');
    const parcels: Parcel[] = [];
    const open = new Map<RoomUri, Parcel>();
    for (const { bytes } of stored) {
      const record = openRecord(bytes);
      const messages: Uint8Array[] = [];
      if (record.followers.includes(lane.follower)) messages.push(record.fanout);
      if (record.welcomed.includes(lane.follower)) {
        messages.push(...welcomesFor(record.welcome, lane.follower));
      }
      for (const message of messages) pack(parcels, open, record.room, message, limits);
    }
    await this.#send(lane, parcels);
    lane.position = last.position;
    lane.failures = 0;
    if (parcels.length > 0 || lane.position - lane.stored >= IDLE_ADVANCE) {
      await store.advance(lane.shard.name, [lane]);
      lane.stored = lane.position;
    }
  }

  async #read({ shard, position }: Lane): Promise<StoredRecord[]> {
    const stretch: StoredRecord[] = [];
    let bytes = 0;
    while (stretch.length < STRETCH_RECORDS && bytes < STRETCH_BYTES) {
      const from = (stretch.at(-1)?.position ?? position) + 1;
      const step = await this.#deps.store.read(shard.name, from, STEP_RECORDS);
      for (const record of step) bytes += record.bytes.length;
      stretch.push(...step);
      if (step.length < STEP_RECORDS) break;
    }
    return stretch;
  }

  /**
   * Some rooms go side by side, the parcels of one room one after the other. What a follower cannot take of one
   * room does not keep it from others; when it cannot be reached, the rest is left for later.
   */
  async #send(lane: Lane, parcels: readonly Parcel[]): Promise<void> {
    const rooms = new Map<RoomUri, Parcel[]>();
    for (const parcel of parcels) {
      const queue = rooms.get(parcel.room);
      if (queue === undefined) rooms.set(parcel.room, [parcel]);
      else queue.push(parcel);
    }
    const waiting = [...rooms.values()];
    const failures: unknown[] = [];
    const work = async () => {
      for (let queue = waiting.shift(); queue !== undefined; queue = waiting.shift()) {
        try {
          for (const parcel of queue) await this.#post(lane, parcel);
        } catch (error) {
          failures.push(error);
          if (!(error instanceof Postponed)) waiting.length = 0;
        }
      }
    };
    await Promise.all(Array.from({ length: REQUESTS }, work));
    if (failures.length > 0) throw failures[0];
  }

  async #post(lane: Lane, { room, messages }: Pick<Parcel, 'room' | 'messages'>): Promise<void> {
    const { peers, report } = this.#deps;
    const { status, retryAfterMs } = await peers.post(
      lane.follower,
      'notify',
      room,
      concat(messages),
    );
    if (status >= 200 && status < 300) {
      report({ type: 'delivered', to: lane.follower, messages: messages.length });
      return;
    }
    if (status === TOO_LARGE && messages.length > 1) {
      const half = Math.ceil(messages.length / 2);
      await this.#post(lane, { room, messages: messages.slice(0, half) });
      await this.#post(lane, { room, messages: messages.slice(half) });
      return;
    }
    if (isFinal(status)) {
      // The follower has read the request and will not take it: the same bytes again change nothing.
      report({ type: 'deliveryRefused', to: lane.follower, room, status });
      return;
    }
    throw new Postponed(`it answered ${status}`, retryAfterMs);
  }

  #postpone(lane: Lane, error: unknown): void {
    if (!(error instanceof Postponed || error instanceof ExedraError)) throw error;
    lane.failures += 1;
    const doubled = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (lane.failures - 1));
    const jitter = ((this.#deps.random(1)[0] as number) / 512) * doubled;
    const asked = error instanceof Postponed ? (error.retryAfterMs ?? 0) : 0;
    const retryInMs = Math.max(asked, Math.round(doubled + jitter));
    lane.retryAt = this.#deps.clock() + retryInMs;
    this.#deps.report({
      type: 'deliveryFailed',
      to: lane.follower,
      attempts: lane.failures,
      retryInMs,
      reason: error.message,
    });
  }
}

/** Of Welcomes that are each for one client, a follower gets those of its own clients. */
function welcomesFor(welcome: Uint8Array, follower: string): Uint8Array[] {
  return decodeFanoutMessages(welcome).flatMap((message) =>
    message.kind === 'modeWelcome' && message.welcome.domain !== follower
      ? []
      : [encodeFanoutMessage(message)],
  );
}

/** A delivery that is to be tried again. */
class Postponed extends Error {
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs: number | undefined) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** HTTP: the follower takes less at once. */
const TOO_LARGE = 413;

/** Answers that repeating the request cannot change: malformed, forbidden, not here, gone, too large. */
function isFinal(status: number): boolean {
  return [400, 403, 404, 410, TOO_LARGE, 415, 422].includes(status);
}

function pack(
  parcels: Parcel[],
  open: Map<RoomUri, Parcel>,
  room: RoomUri,
  message: Uint8Array,
  { fanoutMessages, fanoutBytes }: Limits,
): void {
  let parcel = open.get(room);
  const full =
    parcel !== undefined &&
    (parcel.messages.length >= fanoutMessages || parcel.bytes + message.length > fanoutBytes);
  if (parcel === undefined || full) {
    parcel = { room, messages: [], bytes: 0 };
    parcels.push(parcel);
    open.set(room, parcel);
  }
  parcel.messages.push(message);
  parcel.bytes += message.length;
}

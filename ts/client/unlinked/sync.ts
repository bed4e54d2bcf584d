// One `sync` over the account and all queues: asked at once, answered with what came from any of them. What one of them does
// not answer is asked again from where it was, so that the others' events wait for nobody.

import {
  decodeFanoutMessage,
  decodeSyncRequest,
  decodeSyncResponse,
  encodeSyncRequest,
  encodeSyncResponse,
  type RoomUri,
  type SyncEvent,
  type SyncResponse,
  WireError,
} from '../../wire/index.ts';
import { reading } from '../answers.ts';
import { equalBytes, hex } from '../bytes.ts';
import type { CallOptions, Connection } from '../connection.ts';
import { ClientError } from '../errors.ts';
import { ACCOUNT, decodeCursors, encodeCursors } from './cursor.ts';
import type { DeviceQueues } from './queues.ts';
import type { QueueRow } from './rows.ts';
import type { UnlinkedState } from './state.ts';

/** Bytes of events in one answer, beyond which the rest waits for the next one. */
const MOST_BYTES = 4 << 20;

export interface SyncParts {
  readonly state: UnlinkedState;
  readonly account: Connection;
  readonly queues: DeviceQueues;
}

/** What is asked for events. */
interface Source {
  readonly name: Uint8Array;
  readonly queue: QueueRow | undefined;
  readonly cursor: Uint8Array;
}

/** What a source has answered, or why not. */
type Answer = { readonly source: Source } & (
  | { readonly response: SyncResponse }
  | { readonly error: unknown }
);

export class UnlinkedSync {
  readonly #parts: SyncParts;
  /** Who is heard first moves on, so that a source which always has much keeps no other from its turn. */
  #turn = 0;

  constructor(parts: SyncParts) {
    this.#parts = parts;
  }

  /** Throws what the account's or a queue's call throws, where no events came from any; ClientError `badAnswer`, `wrongStorage`. */
  async sync(body: Uint8Array, { signal }: CallOptions = {}): Promise<Uint8Array> {
    const { cursor, waitMs, limit } = decodeSyncRequest(body);
    const sources = this.#sources(cursor);
    const { answers, cut } = await this.#ask(sources, { waitMs, limit, signal });
    const first = answers.find((answer) => 'error' in answer);
    const places = new Map(
      sources.map(({ name, cursor: at }) => [hex(name), { name, cursor: at }]),
    );
    const events: SyncEvent[] = [];
    let bytes = 0;
    let more = cut;
    for (const answer of this.#inTurn(answers)) {
      if (!('response' in answer)) continue;
      const { source, response } = answer;
      if (events.length > 0 && (events.length >= limit || bytes > MOST_BYTES)) {
        if (response.events.length > 0) more = true;
        continue;
      }
      if (source.queue !== undefined) await this.#learn(source.queue, response.events);
      events.push(...response.events);
      for (const { fanout } of response.events) bytes += fanout.length;
      more ||= response.more;
      places.set(hex(source.name), { name: source.name, cursor: response.cursor });
    }
    if (events.length === 0 && first !== undefined && 'error' in first) throw first.error;
    const { self } = this.#parts.state;
    const next = encodeCursors({ self, places: [...places.values()] });
    return encodeSyncResponse({ cursor: next, more, events });
  }

  #sources(bytes: Uint8Array): Source[] {
    const cursors = reading(() => decodeCursors(bytes, this.#parts.state.self));
    const at = (name: Uint8Array) => cursors.get(hex(name)) ?? new Uint8Array();
    const open = this.#parts.state.queues.filter(({ client }) => client !== '');
    return [
      { name: ACCOUNT, queue: undefined, cursor: at(ACCOUNT) },
      ...open.map((queue) => ({ name: queue.id, queue, cursor: at(queue.id) })),
    ];
  }

  /** Asks all at once; when one has something, or a queue is opened meanwhile, the others need not wait any longer. */
  async #ask(
    sources: readonly Source[],
    { waitMs, limit, signal }: { waitMs: number; limit: number; signal: AbortSignal | undefined },
  ): Promise<{ readonly answers: readonly Answer[]; readonly cut: boolean }> {
    // One for each: on a signal that all share they would be more listeners than a runtime takes for sound.
    const stops = sources.map(() => new AbortController());
    const stopAll = () => {
      for (const each of stops) each.abort();
    };
    let cut = false;
    const enough = () => {
      if (waitMs === 0) return;
      cut = true;
      stopAll();
    };
    const ask = async (source: Source, index: number): Promise<Answer[]> => {
      const request = encodeSyncRequest({ cursor: source.cursor, waitMs, limit });
      const stop = stops[index] as AbortController;
      try {
        const bytes = await this.#call(source, request, stop.signal);
        const response = reading(() => decodeSyncResponse(bytes));
        if (response.events.length > 0) enough();
        return [{ source, response }];
      } catch (error) {
        // One that was told that there is enough has not failed: it is asked again.
        if (cut) return [];
        if (!(error instanceof ClientError)) throw error;
        return [{ source, error }];
      }
    };
    const unhook = this.#parts.queues.onOpened(enough);
    signal?.addEventListener('abort', stopAll);
    if (signal?.aborted === true) stopAll();
    try {
      return { answers: (await Promise.all(sources.map(ask))).flat(), cut };
    } finally {
      unhook();
      signal?.removeEventListener('abort', stopAll);
    }
  }

  #call({ queue }: Source, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const { account, queues } = this.#parts;
    if (queue === undefined) return account.call('sync', undefined, body, { signal });
    return queues.call(queue, 'sync', undefined, body, { signal });
  }

  #inTurn(answers: readonly Answer[]): Answer[] {
    this.#turn += 1;
    const first = answers.length === 0 ? 0 : this.#turn % answers.length;
    return [...answers.slice(first), ...answers.slice(0, first)];
  }

  /** Notes which rooms a queue serves: by a Welcome it takes over a room that another one served before. */
  async #learn(queue: QueueRow, events: readonly SyncEvent[]): Promise<void> {
    const { state } = this.#parts;
    const rooms = new Set<RoomUri>();
    let welcomed = false;
    for (const event of events) {
      const room = event.roomUri as RoomUri;
      const welcomes = isWelcome(event);
      welcomed ||= welcomes;
      if (welcomes || state.queueOf(room) === undefined) rooms.add(room);
    }
    const news = [...rooms].filter((room) => {
      const serving = state.queueOf(room);
      return serving === undefined || !equalBytes(serving.id, queue.id);
    });
    if (news.length === 0) return;
    const now = state.queue(queue.id) ?? queue;
    // A set that was used once serves its room alone from now on; one of last resort is used until it is replaced.
    const used = welcomed && now.set !== undefined && !now.set.lastResort;
    await state.change({
      putQueues: used ? [{ ...now, set: undefined }] : [],
      serve: { queue: queue.id, rooms: news },
    });
  }
}

function isWelcome({ fanout }: SyncEvent): boolean {
  try {
    return decodeFanoutMessage(fanout).kind === 'modeWelcome';
  } catch (error) {
    // The device says what is wrong with it.
    if (error instanceof WireError) return false;
    throw error;
  }
}

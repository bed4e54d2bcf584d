// A shard: one owner that takes inputs in order and makes all that have queued up durable in one write.
// Nothing is answered before the write that carries it is on disk.

import { ExedraError } from '../errors.ts';
import { ProviderError } from './errors.ts';
import type { Limits } from './limits.ts';
import { rangeOf } from './rows.ts';
import type { AppendRecord, Store, StoreRow } from './store.ts';

/** What an input is decided with. */
export interface Turn {
  /** Milliseconds since the epoch of UNIX. */
  readonly now: number;
  /** The position that the first record of this decision will have. */
  readonly position: number;
}

/** What an input leads to: an answer, and what must be durable before the answer is given. */
export interface Decision<Answer> {
  readonly answer: Answer;
  readonly records?: readonly AppendRecord[];
  readonly rows?: readonly StoreRow[];
  /** After this decision the memory of the input's owner is behind the store: forget it and load again. */
  readonly forget?: boolean;
}

/** Reads rows and records as they will be once all that was decided before is durable. */
export interface ShardReader {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** Rows whose keys continue `prefix`, in key order. */
  under(prefix: Uint8Array): Promise<{ key: Uint8Array; value: Uint8Array }[]>;
  /** The last record under a request id. */
  record(requestId: Uint8Array): Promise<Uint8Array | undefined>;
}

/**
 * An input. `prepare` loads what the decision needs and runs in the input's turn, so that it sees all that
 * was decided before. `decide` refuses by throwing a ProviderError, and has changed no memory then; after anything
 * else that it throws the memory of the owner is in doubt and is forgotten.
 */
export interface Input<Answer> {
  /** Whose memory (a room) to forget when the write fails, or `decide` does. */
  readonly owner?: string;
  prepare?(reader: ShardReader): Promise<void>;
  decide(turn: Turn): Decision<Answer>;
}

interface Queued {
  readonly input: Input<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Batch {
  readonly answers: { readonly queued: Queued; readonly answer: unknown }[];
  readonly records: AppendRecord[];
  readonly rows: StoreRow[];
  /** The rows by key, the last of each: what the store does not show yet. */
  readonly unwritten: Map<string, StoreRow>;
  /** How many of the rows `unwritten` has. */
  readonly indexed: { rows: number };
  /** The records by request id. */
  readonly requests: Map<string, Uint8Array>;
  readonly owners: Set<string>;
  /** Whose memory to forget after the write, whatever its outcome. */
  forget: string | undefined;
  bytes: number;
}

/** What a shard asks of its surroundings. */
export interface ShardDeps {
  readonly name: string;
  readonly store: Store;
  readonly clock: () => number;
  readonly limits: Limits;
  /** Drops what is held in memory for an owner of inputs. */
  readonly forget: (owner: string) => void;
  /** Called once when another owner has taken the shard. */
  readonly onLost: (shard: string) => void;
}

/** One shard of a provider. Inputs are decided in the order in which they were given. */
export class Shard {
  readonly name: string;
  readonly #deps: ShardDeps;
  readonly #epoch: number;
  #head: number;
  readonly #queue: Queued[] = [];
  #draining: Promise<void> | undefined;
  #ended: ProviderError | undefined;

  private constructor(deps: ShardDeps, epoch: number, head: number) {
    this.name = deps.name;
    this.#deps = deps;
    this.#epoch = epoch;
    this.#head = head;
  }

  /** Takes the shard. @throws StoreError `held` when another owner has it. */
  static async open(deps: ShardDeps, owner: string): Promise<Shard> {
    const lease = await deps.store.acquire(deps.name, owner, deps.limits.leaseMs);
    return new Shard(deps, lease.epoch, lease.head);
  }

  /** The last durable position. */
  get head(): number {
    return this.#head;
  }

  /**
   * Queues an input and gives its answer once all that it led to is durable.
   * @throws what `prepare` or `decide` throws; ProviderError `storeUnavailable`, `shardLost`, `closed`.
   */
  run<Answer>(input: Input<Answer>): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#queue.length >= this.#deps.limits.queuedInputs) {
      return Promise.reject(
        new ProviderError('storeUnavailable', 'Too many requests wait for the store.', {
          details: { retryAfterMs: 1000 },
        }),
      );
    }
    return new Promise<Answer>((resolve, reject) => {
      this.#queue.push({ input, resolve: resolve as (answer: unknown) => void, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Extends the lease. */
  async renew(): Promise<void> {
    if (this.#ended !== undefined) return;
    try {
      await this.#deps.store.renew(this.name, this.#epoch, this.#deps.limits.leaseMs);
    } catch (error) {
      if (codeOf(error) === 'lost') this.#end(lost(error));
      else throw error;
    }
  }

  /** Decides what has been queued, then gives the shard back. */
  async close(): Promise<void> {
    const closed = new ProviderError('closed');
    this.#ended ??= closed;
    await this.#draining;
    if (this.#ended === closed) await this.#deps.store.release(this.name, this.#epoch);
  }

  async #drain(): Promise<void> {
    // One microtask later, so that inputs given in the same turn of the event loop share a write.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = await this.#decideBatch();
      await this.#commit(batch);
    }
    this.#draining = undefined;
  }

  async #decideBatch(): Promise<Batch> {
    const { limits, clock } = this.#deps;
    const batch: Batch = {
      answers: [],
      records: [],
      rows: [],
      unwritten: new Map(),
      indexed: { rows: 0 },
      requests: new Map(),
      owners: new Set(),
      forget: undefined,
      bytes: 0,
    };
    // Refused inputs count too: who waits for the write must not wait for as long as more of them come.
    for (let taken = 0; taken < limits.batchInputs; taken++) {
      const queued = batch.bytes < limits.batchBytes ? this.#queue.shift() : undefined;
      if (queued === undefined) break;
      const { input } = queued;
      try {
        await input.prepare?.(this.#reader(batch));
      } catch (error) {
        queued.reject(error);
        continue;
      }
      try {
        const position = this.#head + batch.records.length + 1;
        const decision = input.decide({ now: clock(), position });
        this.#take(batch, queued, decision);
      } catch (error) {
        queued.reject(error);
        if (!(error instanceof ProviderError)) batch.forget = input.owner;
      }
      if (batch.forget !== undefined) break;
    }
    return batch;
  }

  #take(batch: Batch, queued: Queued, decision: Decision<unknown>): void {
    const { answer, records = [], rows = [], forget = false } = decision;
    const { owner } = queued.input;
    const limit = this.#deps.limits.writeBytes;
    const bytes = sizeOf(records, rows);
    if (forget || bytes > limit) batch.forget = owner;
    // Refused by itself: the store would refuse the whole batch.
    if (bytes > limit) throw new ProviderError('tooLarge', undefined, { details: { limit } });
    batch.bytes += bytes;
    batch.records.push(...records);
    for (const { bytes: record, requestId } of records) {
      if (requestId !== undefined) batch.requests.set(textOf(requestId), record);
    }
    batch.rows.push(...rows);
    if (owner !== undefined) batch.owners.add(owner);
    batch.answers.push({ queued, answer });
  }

  #reader(batch: Batch): ShardReader {
    const { store } = this.#deps;
    const { requests } = batch;
    return {
      get: async (key) => {
        const row = unwrittenOf(batch).get(textOf(key));
        return row === undefined ? store.get(this.name, key) : row.value;
      },
      under: async (prefix) => {
        const stored = await store.range(this.name, rangeOf(prefix));
        const rows = new Map<string, StoreRow>(stored.map((row) => [textOf(row.key), row]));
        const start = textOf(prefix);
        for (const [text, row] of unwrittenOf(batch))
          if (text.startsWith(start)) rows.set(text, row);
        // Text of one character an octet sorts as its octets do.
        return [...rows.keys()].sort().flatMap((text) => {
          const { key, value } = rows.get(text) as StoreRow;
          return value === undefined ? [] : [{ key, value }];
        });
      },
      record: async (requestId) => {
        const unwrittenRecord = requests.get(textOf(requestId));
        if (unwrittenRecord !== undefined) return unwrittenRecord;
        const position = await store.lookup(this.name, requestId);
        if (position === undefined) return undefined;
        const [stored] = await store.read(this.name, position, 1);
        if (stored?.position !== position) throw new ProviderError('corruptRecord');
        return stored.bytes;
      },
    };
  }

  async #commit(batch: Batch): Promise<void> {
    const writes = batch.records.length > 0 || batch.rows.length > 0;
    const failure = writes ? await this.#write(batch) : undefined;
    const forgotten = new Set(failure === undefined ? [] : batch.owners);
    if (batch.forget !== undefined) forgotten.add(batch.forget);
    for (const owner of forgotten) this.#deps.forget(owner);
    for (const { queued, answer } of batch.answers) {
      if (failure === undefined) queued.resolve(answer);
      else queued.reject(failure);
    }
  }

  /** Writes the batch. Gives the failure that its inputs are answered with. */
  async #write(batch: Batch): Promise<ProviderError | undefined> {
    const { store } = this.#deps;
    const expected = this.#head + batch.records.length;
    try {
      const { head } = await store.append(this.name, this.#epoch, this.#head, batch);
      this.#head = head;
      return undefined;
    } catch (error) {
      const code = codeOf(error);
      if (code === 'unknown' && batch.records.length > 0) {
        // The write is all or nothing and this shard has one owner: the head tells which.
        const head = await store.head(this.name).catch(() => undefined);
        if (head === expected) {
          this.#head = head;
          return undefined;
        }
        if (head === this.#head) return unavailable(error);
        return this.#end(lost(error));
      }
      if (code === 'conflict' || code === 'fenced' || code === 'unknown') {
        return this.#end(lost(error));
      }
      return unavailable(error);
    }
  }

  #end(reason: ProviderError): ProviderError {
    if (this.#ended === undefined) this.#deps.onLost(this.name);
    this.#ended ??= reason;
    for (const queued of this.#queue.splice(0)) queued.reject(this.#ended);
    return this.#ended;
  }
}

/** The rows of a batch by key, brought up to date: most inputs read none, so that it is not kept for each. */
function unwrittenOf({ rows, unwritten, indexed }: Batch): Map<string, StoreRow> {
  for (const row of rows.slice(indexed.rows)) unwritten.set(textOf(row.key), row);
  indexed.rows = rows.length;
  return unwritten;
}

function sizeOf(records: readonly AppendRecord[], rows: readonly StoreRow[]): number {
  let bytes = 0;
  for (const record of records) bytes += record.bytes.length;
  for (const { key, value } of rows) bytes += key.length + (value?.length ?? 0);
  return bytes;
}

/** A key as text, one character an octet. */
function textOf(key: Uint8Array): string {
  return String.fromCharCode(...key);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof ExedraError ? error.code : undefined;
}

function unavailable(cause: unknown): ProviderError {
  return new ProviderError('storeUnavailable', undefined, {
    cause,
    details: { retryAfterMs: 1000 },
  });
}

function lost(cause: unknown): ProviderError {
  return new ProviderError('shardLost', undefined, { cause });
}

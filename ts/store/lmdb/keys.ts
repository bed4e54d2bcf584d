// The layout of an LMDB store: which keys there are and what their values hold. Format version 1.
// A key is a kind byte, the shard's number (4 bytes) and the rest; integers are big-endian, so that LMDB's
// bytewise order is the order of positions. Kinds come first: the small rows of all shards share pages.

export const Kind = {
  format: 0,
  shard: 1,
  record: 2,
  row: 3,
  cursor: 4,
  request: 5,
  device: 6,
} as const;
export type KindByte = (typeof Kind)[keyof typeof Kind];

const NUMBER_BYTES = 4;
export const PREFIX_BYTES = 1 + NUMBER_BYTES;
/** Positions and epochs: 48 bits, exact in a JavaScript number and beyond any log's life. */
const COUNTER_BYTES = 6;

/** What the shard row keeps; the lease's owner and end live in memory only, see store.ts. */
export interface ShardRow {
  /** The shard's number in keys. */
  readonly number: number;
  readonly epoch: number;
  readonly head: number;
  /** Positions up to here are gone. */
  readonly trimmed: number;
}

export function formatKey(): Uint8Array {
  return Uint8Array.of(Kind.format);
}

export function shardKey(name: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + name.length);
  key[0] = Kind.shard;
  key.set(name, 1);
  return key;
}

/** The key of `rest` under a shard; all keys of that kind and shard have it as a prefix when empty. */
export function keyIn(kind: KindByte, shard: number, rest: Uint8Array): Uint8Array {
  const key = new Uint8Array(PREFIX_BYTES + rest.length);
  key[0] = kind;
  writeUint(key, 1, NUMBER_BYTES, shard);
  key.set(rest, PREFIX_BYTES);
  return key;
}

/** The first key after all keys of a kind and shard. */
export function endOf(kind: KindByte, shard: number): Uint8Array {
  return keyIn(kind, shard + 1, new Uint8Array(0));
}

export function recordKey(shard: number, position: number): Uint8Array {
  const key = new Uint8Array(PREFIX_BYTES + COUNTER_BYTES);
  key[0] = Kind.record;
  writeUint(key, 1, NUMBER_BYTES, shard);
  writeUint(key, PREFIX_BYTES, COUNTER_BYTES, position);
  return key;
}

export function encodeCounter(value: number): Uint8Array {
  const bytes = new Uint8Array(COUNTER_BYTES);
  writeUint(bytes, 0, COUNTER_BYTES, value);
  return bytes;
}

export function decodeCounter(bytes: Uint8Array): number {
  return readUint(bytes, 0, COUNTER_BYTES);
}

export function encodeShardRow({ number, epoch, head, trimmed }: ShardRow): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES + 3 * COUNTER_BYTES);
  writeUint(bytes, 0, NUMBER_BYTES, number);
  [epoch, head, trimmed].forEach((value, i) => {
    writeUint(bytes, NUMBER_BYTES + i * COUNTER_BYTES, COUNTER_BYTES, value);
  });
  return bytes;
}

export function decodeShardRow(bytes: Uint8Array): ShardRow {
  const counter = (i: number): number =>
    readUint(bytes, NUMBER_BYTES + i * COUNTER_BYTES, COUNTER_BYTES);
  return {
    number: readUint(bytes, 0, NUMBER_BYTES),
    epoch: counter(0),
    head: counter(1),
    trimmed: counter(2),
  };
}

/**
 * What stands before a record's bytes: the length of its request id (2 bytes, plus one so that zero means
 * none) and the id, which trimming needs in order to forget it.
 */
export function recordHeader(requestId: Uint8Array | undefined): Uint8Array {
  const header = new Uint8Array(2 + (requestId?.length ?? 0));
  if (requestId !== undefined) {
    writeUint(header, 0, 2, requestId.length + 1);
    header.set(requestId, 2);
  }
  return header;
}

export function splitRecord(value: Uint8Array): {
  requestId: Uint8Array | undefined;
  bytes: Uint8Array;
} {
  const marked = readUint(value, 0, 2);
  const end = 2 + Math.max(0, marked - 1);
  return {
    requestId: marked === 0 ? undefined : value.subarray(2, end),
    bytes: value.subarray(end),
  };
}

/** The key of a device's row; these have no shard. */
export function deviceKey(key: Uint8Array): Uint8Array {
  const prefixed = new Uint8Array(1 + key.length);
  prefixed[0] = Kind.device;
  prefixed.set(key, 1);
  return prefixed;
}

/** The keys of all device rows that begin with `prefix`. */
export function deviceRange(prefix: Uint8Array): { start: Uint8Array; end: Uint8Array } {
  const start = deviceKey(prefix);
  // The first key after all with this prefix: the last byte that can be raised, raised.
  // The kind byte always can.
  let last = start.length - 1;
  while (start[last] === 0xff) last -= 1;
  const end = start.slice(0, last + 1);
  end[last] = (start[last] as number) + 1;
  return { start, end };
}

function writeUint(target: Uint8Array, offset: number, length: number, value: number): void {
  let rest = value;
  for (let i = offset + length - 1; i >= offset; i--) {
    target[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function readUint(source: Uint8Array, offset: number, length: number): number {
  let value = 0;
  for (let i = offset; i < offset + length; i++) value = value * 256 + (source[i] ?? 0);
  return value;
}

// Any value inside an extension (draft-ietf-mimi-content-08, "CBOR Data Model and Encoding Restrictions"): checked item
// by item, never built. Bounded: no more than four levels, and every byte is looked at once.

import { MAX_DEPTH } from '../limits.ts';
import type { CborReader, Step } from './reader.ts';
import { Bytes, Major, type Scalar, scanScalar } from './scan.ts';

/** The arguments that an integer key may have: ±(2^53 − 1), of which the negative ones are written as −1 − n. */
const MAX_UINT_KEY = Number.MAX_SAFE_INTEGER;
const MAX_NINT_KEY = Number.MAX_SAFE_INTEGER - 1;
/** Big integers: RFC 8949, section 3.4.3. Typed arrays: RFC 8746, the floating-point ones. */
const bigIntTags = [2, 3];
const isTypedArray = (tag: number | bigint): boolean => tag >= 80 && tag <= 87;
/** The most bytes of a big integer that fits an integer. */
const INT_BYTES = 8;

/** Steps over the value that begins at the reader's place, on this level of the extensions. */
export function skipAny(reader: CborReader, level: number, name: Step): void {
  const start = reader.at;
  const item = scan(reader, start, name);
  reader.at = item.next;
  if (item.major !== Major.array && item.major !== Major.map && item.major !== Major.tag) return;
  if (level > MAX_DEPTH) {
    throw reader.fault('tooDeep', start, name, `at most ${MAX_DEPTH} levels`);
  }
  reader.trail.push(name);
  if (item.major === Major.tag) skipTagged(reader, item, level, start);
  else if (item.major === Major.array) skipItems(reader, item, level);
  else skipPairs(reader, item, level);
  reader.trail.pop();
}

function scan(reader: CborReader, at: number, name: Step): Scalar {
  const item = scanScalar(reader.bytes, at, reader.deterministic);
  if (item.fault === undefined) return item;
  throw reader.fault(item.fault.code, at, name, item.fault.expected);
}

function skipTagged(reader: CborReader, tag: Scalar, level: number, start: number): void {
  const isBigInt = bigIntTags.includes(Number(tag.value));
  if (!isBigInt && !isTypedArray(tag.value)) {
    skipAny(reader, level + 1, 0);
    return;
  }
  const content = scan(reader, reader.at, 0);
  if (content.major !== Major.bytes) {
    throw reader.fault('tagContent', reader.at, 0, 'a byte string');
  }
  const length = Number(content.value);
  if (reader.deterministic && isBigInt) {
    if (length <= INT_BYTES || reader.bytes[content.from] === 0) {
      reader.trail.pop();
      throw reader.fault('bigIntFits', start, '', 'an integer, or no leading zeros');
    }
  }
  reader.at = content.next;
}

function skipItems(reader: CborReader, { value, indefinite }: Scalar, level: number): void {
  const count = indefinite ? -1 : Number(value);
  let done = 0;
  for (; reader.more(count, done); done += 1) skipAny(reader, level + 1, done);
  reader.endContainer(count);
}

function skipPairs(reader: CborReader, { value, indefinite }: Scalar, level: number): void {
  const count = indefinite ? -1 : Number(value);
  const keys = new KeyOrder(reader);
  for (let done = 0; reader.more(count, done); done += 1) {
    skipAny(reader, level + 1, keys.next(true));
  }
  reader.endContainer(count);
}

/** A key of a map; as a step of a path it is its value, which is read only then. */
export class Key {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly item: Scalar;

  constructor(bytes: Uint8Array, start: number, item: Scalar) {
    this.bytes = bytes;
    this.start = start;
    this.item = item;
  }

  /** The key as JavaScript has it; undefined for a byte string. */
  get value(): number | string | undefined {
    const { major, value } = this.item;
    if (major === Major.uint) return Number(value);
    if (major === Major.nint) return -1 - Number(value);
    return major === Major.text ? utf8.decode(Bytes.of(this.bytes, this.item)) : undefined;
  }

  toString(): string {
    const { value } = this;
    return value === undefined ? `h'${hex(Bytes.of(this.bytes, this.item))}'` : String(value);
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Reads the keys of one map, and keeps them in order and apart. */
export class KeyOrder {
  readonly #reader: CborReader;
  #last: Key | undefined;
  /** All keys, where no order tells duplicates. */
  readonly #seen = new Set<string>();

  constructor(reader: CborReader) {
    this.#reader = reader;
  }

  /** The next key; byte strings are keys inside extensions only. */
  next(bytesAllowed: boolean): Key {
    const reader = this.#reader;
    const start = reader.at;
    const item = scan(reader, start, '');
    const fault = bytesAllowed ? innerKeyFault(item) : topKeyFault(item);
    if (fault !== undefined) throw reader.fault('keyNotAllowed', start, '', fault);
    reader.at = item.next;
    const key = new Key(reader.bytes, start, item);
    if (reader.deterministic) this.#checkOrder(key);
    else this.#checkSeen(key);
    this.#last = key;
    return key;
  }

  #checkOrder(key: Key): void {
    const last = this.#last;
    if (last === undefined) return;
    const order = compareBytes(this.#reader.bytes, last, key);
    if (order < 0) return;
    const code = order === 0 ? 'duplicateKey' : 'unsortedKeys';
    throw this.#reader.fault(code, key.start, '', 'a key that sorts behind the one before it');
  }

  #checkSeen(key: Key): void {
    const identity = `${key.item.major} ${key}`;
    if (this.#seen.has(identity)) {
      throw this.#reader.fault('duplicateKey', key.start, '', 'each key once');
    }
    this.#seen.add(identity);
  }
}

function compareBytes(bytes: Uint8Array, left: Key, right: Key): number {
  const [leftLength, rightLength] = [left.item.next - left.start, right.item.next - right.start];
  const length = Math.min(leftLength, rightLength);
  for (let at = 0; at < length; at += 1) {
    const order = (bytes[left.start + at] as number) - (bytes[right.start + at] as number);
    if (order !== 0) return order;
  }
  return leftLength - rightLength;
}

function innerKeyFault({ major, value }: Scalar): string | undefined {
  if (major === Major.uint && value > MAX_UINT_KEY) return 'a key of at most 2^53 − 1';
  if (major === Major.nint && value > MAX_NINT_KEY) return 'a key of at least −(2^53 − 1)';
  return major <= Major.text ? undefined : 'an integer, text or byte string as key';
}

function topKeyFault(item: Scalar): string | undefined {
  if (item.major === Major.bytes) return 'an integer or text as key';
  if (item.major === Major.text && (item.value < 1 || item.value > 255)) {
    return 'a key of 1 to 255 octets';
  }
  return innerKeyFault(item);
}

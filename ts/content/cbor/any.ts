// Any value inside an extension (draft-ietf-mimi-content-08, "CBOR Data Model and Encoding Restrictions"): checked item
// by item, never built. Bounded: no more than four levels, and every byte is looked at once.

import { MAX_DEPTH, MAX_KEY_BYTES } from '../limits.ts';
import type { Step } from '../rules.ts';
import { ARRAY, BYTES, type CborReader, NINT, TAG, TEXT, UINT } from './reader.ts';
import { hex, readText } from './text.ts';

/** The most bytes of a big integer that fits an integer. */
const INT_BYTES = 8;

/** Steps over the value that begins at the reader's place, on this level of the extensions. */
export function skipAny(reader: CborReader, level: number, name: Step): void {
  const start = reader.at;
  const major = reader.item(name);
  if (major < ARRAY || major > TAG) return;
  const count = Number(reader.value);
  if (level > MAX_DEPTH) throw reader.fault('tooDeep', start, name, `at most ${MAX_DEPTH} levels`);
  reader.trail.push(name);
  if (major === TAG) skipTagged(reader, count, level, start);
  else if (major === ARRAY) {
    for (let done = 0; done < count; done += 1) skipAny(reader, level + 1, done);
  } else {
    let last: Key | undefined;
    for (let done = 0; done < count; done += 1) {
      last = readKey(reader, last, BYTES);
      skipAny(reader, level + 1, last);
    }
  }
  reader.trail.pop();
}

/** Big integers (RFC 8949, section 3.4.3) and the floating-point typed arrays of RFC 8746 hold byte strings. */
function skipTagged(reader: CborReader, tag: number, level: number, start: number): void {
  const isBigInt = tag === 2 || tag === 3;
  if (!isBigInt && (tag < 80 || tag > 87)) {
    skipAny(reader, level + 1, 0);
    return;
  }
  const { at } = reader;
  if (reader.item(0) !== BYTES) throw reader.fault('tagContent', at, 0, 'a byte string');
  if (isBigInt && (Number(reader.value) <= INT_BYTES || reader.bytes[reader.from] === 0)) {
    throw reader.fault('bigIntFits', start, '', 'an integer');
  }
}

/** A key of a map; as a step of a path it is its value, which is read only then. */
export class Key {
  readonly bytes: Uint8Array;
  readonly major: number;
  readonly argument: number | bigint;
  /** Where the key begins, its content, and what follows it. */
  readonly start: number;
  readonly from: number;
  readonly end: number;

  constructor({ bytes, value, from, at }: CborReader, major: number, start: number) {
    this.bytes = bytes;
    this.major = major;
    this.argument = value;
    this.start = start;
    this.from = from;
    this.end = at;
  }

  /** The key as JavaScript has it; a byte string in hexadecimal. */
  get value(): number | string {
    if (this.major === UINT) return Number(this.argument);
    if (this.major === NINT) return -1 - Number(this.argument);
    if (this.major === TEXT) return readText(this.bytes, this.from, this.end) as string;
    return `h'${hex(this.bytes.subarray(this.from, this.end))}'`;
  }

  toString(): string {
    return String(this.value);
  }
}

/**
 * Reads a key, which sorts behind the last one: an integer within ±(2^53 − 1), a text, or where `least` is BYTES a byte
 * string. Where it is TEXT, as in the extensions map itself, texts have 1 to 255 octets.
 */
export function readKey(reader: CborReader, last: Key | undefined, least: number): Key {
  const start = reader.at;
  const major = reader.item('');
  const key = new Key(reader, major, start);
  const order = last === undefined ? -1 : compareKeys(reader.bytes, last, key);
  if (order >= 0) {
    const code = order === 0 ? 'duplicateKey' : 'unsortedKeys';
    throw reader.fault(code, start, '', 'a later key');
  }
  const { value } = reader;
  const isInteger = major <= NINT && value <= Number.MAX_SAFE_INTEGER - major;
  const isText = major === TEXT && (least === BYTES || (value > 0 && value <= MAX_KEY_BYTES));
  if (isInteger || isText || (major === BYTES && least === BYTES)) return key;
  throw reader.fault('keyNotAllowed', start, '', 'another key');
}

/** The order of keys: bytewise, of their encodings, none of which is the beginning of another. Zero: they are the same. */
function compareKeys(bytes: Uint8Array, left: Key, right: Key): number {
  for (let at = 0; left.start + at < left.end; at += 1) {
    const order = (bytes[left.start + at] as number) - (bytes[right.start + at] as number);
    if (order !== 0) return order;
  }
  return 0;
}

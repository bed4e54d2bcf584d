// CBOR as a tree of items with their places, and what is wrong with its encoding: RFC 8949, sections 3, 4.2.1 and 5.3,
// and the data model of draft-ietf-mimi-content-08, "CBOR Data Model and Encoding Restrictions". An oracle for tests:
// slow, and apart from the codec, with which it shares nothing.

/** The rules of docs/content.md that are about CBOR itself, and those that content_recheck.ts judges. */
export type Rule = 'C1' | 'C2' | 'C3' | 'C4' | 'C5' | 'C6' | 'C7' | 'C8' | 'C9' | 'C10';

export interface Fault {
  readonly rule: Rule;
  /** Where the faulty item begins. */
  readonly at: number;
}

export const UINT = 0;
export const NINT = 1;
export const BYTES = 2;
export const TEXT = 3;
export const ARRAY = 4;
export const MAP = 5;
export const TAG = 6;
export const OTHER = 7;

export interface Item {
  readonly major: number;
  readonly at: number;
  /** What the head says: a number, a length, a count, a tag; of major type 7 the low five bits of its first byte. */
  readonly argument: bigint;
  /** What is in it: items, keys and values in turn, or what a tag holds; fewer than told where the input is broken. */
  readonly items: Item[];
  /** What a string consists of. */
  octets: Uint8Array;
  /** Where the next item begins; undefined where the input breaks within this one. */
  end: number | undefined;
}

export interface Tree {
  readonly root: Item | undefined;
  readonly faults: Fault[];
}

/** Far more than any rule allows, so that whatever lies deeper comes after another fault. */
const DEEPEST = 40;
const BREAK = 0xff;
const none = new Uint8Array();

/** Where the input cannot be read further. */
class Broken extends Error {}

/** Parses the first item of the input. */
export function parseTree(bytes: Uint8Array): Tree {
  const parser = new TreeParser(bytes);
  try {
    parser.item(0);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
  }
  return parser;
}

class TreeParser implements Tree {
  readonly #bytes: Uint8Array;
  #next = 0;
  root: Item | undefined;
  readonly faults: Fault[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Reads an item, which becomes the next one in `parent` before what is in it is read. */
  item(depth: number, parent?: Item): void {
    const at = this.#next;
    const first = this.#byte(at);
    const [major, info] = [first >> 5, first & 31];
    if (info >= 28 && info <= 30) this.#break(at);
    const indefinite = info === 31;
    if (indefinite && (major < BYTES || major > MAP)) this.#break(at);
    if (major === OTHER) {
      this.#add(parent, this.#other(at, info));
      return;
    }

    const argument = indefinite ? 0n : this.#argument(at, info);
    const item: Item = { major, at, argument, items: [], octets: none, end: undefined };
    this.#add(parent, item);
    if (depth > DEEPEST) throw new Broken();
    if (indefinite) this.#indefinite(item);
    else if (major === BYTES || major === TEXT) item.octets = this.#take(at, argument);
    else if (major === TAG) this.#tag(item, depth);
    else if (major > TEXT) this.#contents(item, depth);
    if (major === TEXT && !isUtf8(item.octets)) this.#fault('C3', at);
    item.end = this.#next;
  }

  #add(parent: Item | undefined, item: Item): void {
    if (parent === undefined) this.root = item;
    else parent.items.push(item);
  }

  #fault(rule: Rule, at: number): void {
    this.faults.push({ rule, at });
  }

  #break(at: number): never {
    this.#fault('C9', at);
    throw new Broken();
  }

  #byte(at: number): number {
    const byte = this.#bytes[this.#next];
    if (byte === undefined) this.#break(at);
    this.#next += 1;
    return byte;
  }

  #take(at: number, length: bigint): Uint8Array {
    if (length > BigInt(this.#bytes.length - this.#next)) this.#break(at);
    const start = this.#next;
    this.#next += Number(length);
    return this.#bytes.subarray(start, this.#next);
  }

  /** Section 3: in the first byte below 24, else in 1, 2, 4 or 8 bytes after it, of which the fewest are to be used. */
  #argument(at: number, info: number): bigint {
    if (info < 24) return BigInt(info);
    const width = 1 << (info - 24);
    let argument = 0n;
    for (const byte of this.#take(at, BigInt(width))) argument = argument * 256n + BigInt(byte);
    const least = [24n, 0x100n, 0x1_0000n, 0x1_0000_0000n][info - 24] ?? 0n;
    if (argument < least) this.#fault('C2', at);
    return argument;
  }

  /** Strings in chunks are read, so that one that is not well-formed is told as such; other items are not needed. */
  #indefinite(item: Item): void {
    const chunks: Uint8Array[] = [];
    if (item.major === BYTES || item.major === TEXT) {
      for (let first = this.#byte(item.at); first !== BREAK; first = this.#byte(item.at)) {
        const info = first & 31;
        if (first >> 5 !== item.major || info > 27) this.#break(item.at);
        chunks.push(this.#take(item.at, this.#argument(item.at, info)));
      }
      item.octets = Buffer.concat(chunks);
      this.#fault('C2', item.at);
      return;
    }
    this.#fault('C2', item.at);
    throw new Broken();
  }

  #contents(item: Item, depth: number): void {
    const count = item.major === MAP ? item.argument * 2n : item.argument;
    // Each item takes a byte at least.
    if (count > BigInt(this.#bytes.length - this.#next)) this.#break(item.at);
    for (let done = 0n; done < count; done += 1n) this.item(depth + 1, item);
  }

  /** Big integers (section 3.4.3) and typed arrays of floats (RFC 8746, section 2.1): known when the content is. */
  #tag(item: Item, depth: number): void {
    const { argument, items } = item;
    const bigInteger = argument === 2n || argument === 3n;
    try {
      this.item(depth + 1, item);
    } finally {
      const [content] = items;
      if (content !== undefined && (bigInteger || (argument >= 80n && argument <= 87n))) {
        if (content.major !== BYTES) this.#fault('C3', content.at);
        else if (bigInteger && (content.octets.length <= 8 || content.octets[0] === 0)) {
          this.#fault('C2', content.at);
        }
      }
    }
  }

  /** Section 3.3: simple values and floats. */
  #other(at: number, info: number): Item {
    if (info === 24) {
      if (this.#byte(at) < 32) this.#break(at);
      this.#fault('C3', at);
    } else if (info >= 25) this.#float(at, this.#take(at, BigInt(1 << (info - 24))));
    else if (info < 20 || info > 22) this.#fault('C3', at);
    const end = this.#next;
    return { major: OTHER, at, argument: BigInt(info), items: [], octets: none, end };
  }

  #float(at: number, octets: Uint8Array): void {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    if (octets.length === 2) {
      if (isHalfNaN(view.getUint16(0)) && view.getUint16(0) !== 0x7e00) this.#fault('C3', at);
      return;
    }
    const single = octets.length === 4;
    const number = single ? view.getFloat32(0) : view.getFloat64(0);
    if (Number.isNaN(number)) {
      const plain = single
        ? view.getUint32(0) === 0x7fc0_0000
        : view.getBigUint64(0) === 0x7ff8_0000_0000_0000n;
      this.#fault(plain ? 'C2' : 'C3', at);
    } else if (halves.has(number) || (!single && Math.fround(number) === number)) {
      this.#fault('C2', at);
    }
  }
}

const isHalfNaN = (bits: number): boolean => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;

/** Every number that has a form of 16 bits, by appendix D. */
const halves: ReadonlySet<number> = new Set(
  Array.from({ length: 0x1_0000 }, (_, bits) => bits)
    .filter((bits) => !isHalfNaN(bits))
    .map((bits) => {
      const exponent = (bits >> 10) & 31;
      const fraction = bits & 0x3ff;
      const sign = bits >> 15 === 0 ? 1 : -1;
      if (exponent === 0) return sign * fraction * 2 ** -24;
      if (exponent === 31) return sign * Number.POSITIVE_INFINITY;
      return sign * (fraction + 1024) * 2 ** (exponent - 25);
    }),
);

/** The Unicode Standard, table 3-7: first byte from, to; second byte from, to; bytes in all. */
const wellFormedUtf8 = [
  [0x00, 0x7f, 0, 0, 1],
  [0xc2, 0xdf, 0x80, 0xbf, 2],
  [0xe0, 0xe0, 0xa0, 0xbf, 3],
  [0xe1, 0xec, 0x80, 0xbf, 3],
  [0xed, 0xed, 0x80, 0x9f, 3],
  [0xee, 0xef, 0x80, 0xbf, 3],
  [0xf0, 0xf0, 0x90, 0xbf, 4],
  [0xf1, 0xf3, 0x80, 0xbf, 4],
  [0xf4, 0xf4, 0x80, 0x8f, 4],
] as const;

function isUtf8(octets: Uint8Array): boolean {
  const within = (at: number, from: number, to: number): boolean =>
    (octets[at] ?? -1) >= from && (octets[at] ?? -1) <= to;
  let at = 0;
  while (at < octets.length) {
    const row = wellFormedUtf8.find(([from, to]) => within(at, from, to));
    if (row === undefined) return false;
    const [, , from, to, length] = row;
    if (length > 1 && !within(at + 1, from, to)) return false;
    if (length > 2 && !within(at + 2, 0x80, 0xbf)) return false;
    if (length > 3 && !within(at + 3, 0x80, 0xbf)) return false;
    at += length;
  }
  return true;
}

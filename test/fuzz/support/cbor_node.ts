// CBOR items to be written as one likes, wrong ways included: RFC 8949, section 3.

export interface Node {
  major: number;
  /** Of integers and tags: 0 to 2^64 − 1. */
  argument: bigint;
  /** Of strings. */
  octets: Uint8Array;
  /** Of arrays, of maps (keys and values in turn) and of tags. */
  items: Node[];
  /** Written instead of all that. */
  raw?: Uint8Array;
  /** Bytes of the argument, where not the fewest. */
  width?: 1 | 2 | 4 | 8;
  /** The length that the head tells, where not the true one. */
  claimed?: bigint;
  indefinite?: boolean;
}

const none = new Uint8Array();
const utf8 = new TextEncoder();

const node = (major: number, more: Partial<Node>): Node => ({
  major,
  argument: 0n,
  octets: none,
  items: [],
  ...more,
});

/** An integer from −2^64 to 2^64 − 1. */
export const integer = (value: number | bigint): Node =>
  value < 0 ? node(1, { argument: -1n - BigInt(value) }) : node(0, { argument: BigInt(value) });
export const octets = (value: Uint8Array): Node => node(2, { octets: value });
export const text = (value: string): Node => node(3, { octets: utf8.encode(value) });
export const array = (items: Node[]): Node => node(4, { items });
export const tagged = (tag: number | bigint, content: Node): Node =>
  node(6, { argument: BigInt(tag), items: [content] });
export const raw = (...bytes: number[]): Node => node(7, { raw: Uint8Array.from(bytes) });
export const rawHex = (hex: string): Node =>
  node(7, { raw: new Uint8Array(Buffer.from(hex, 'hex')) });
export const nil = (): Node => raw(0xf6);

/** Pairs in the bytewise order of their keys, those whose key was there before left out. */
export function map(pairs: readonly (readonly [Node, Node])[]): Node {
  const byKey = new Map(
    pairs.map(([key, value]) => [Buffer.from(bytesOf(key)).toString('hex'), [key, value]]),
  );
  const sorted = [...byKey.entries()].sort(([left], [right]) => (left < right ? -1 : 1));
  return node(5, { items: sorted.flatMap(([, pair]) => pair) });
}

/** The bytes of an item. */
export function bytesOf(root: Node): Uint8Array {
  const writer = new Writer();
  writer.node(root);
  return writer.finish();
}

class Writer {
  #bytes = new Uint8Array(512);
  #length = 0;

  node(item: Node): void {
    if (item.raw !== undefined) {
      this.#bytesIn(item.raw);
      return;
    }
    if (item.indefinite) {
      this.#indefinite(item);
      return;
    }
    this.#head(item, item.claimed ?? natural(item));
    this.#bytesIn(item.octets);
    for (const inner of item.items) this.node(inner);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Strings as one chunk. */
  #indefinite(item: Node): void {
    this.#byte((item.major << 5) | 31);
    if (item.octets.length > 0) this.node({ ...item, indefinite: false });
    for (const inner of item.items) this.node(inner);
    this.#byte(0xff);
  }

  #head({ major, width = 1 }: Node, argument: bigint): void {
    if (argument < 24n && width === 1) {
      this.#byte((major << 5) | Number(argument));
      return;
    }
    const needed = argument < 0x100n ? 1 : argument < 0x1_0000n ? 2 : argument < 2n ** 32n ? 4 : 8;
    const size = Math.max(width, needed);
    this.#byte((major << 5) | (24 + Math.log2(size)));
    for (let shift = BigInt(8 * (size - 1)); shift >= 0n; shift -= 8n) {
      this.#byte(Number((argument >> shift) & 0xffn));
    }
  }

  #byte(value: number): void {
    this.#grow(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  #bytesIn(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #grow(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#length + more));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

function natural({ major, argument, octets, items }: Node): bigint {
  if (major === 2 || major === 3) return BigInt(octets.length);
  if (major === 4) return BigInt(items.length);
  if (major === 5) return BigInt(items.length >> 1);
  return argument;
}

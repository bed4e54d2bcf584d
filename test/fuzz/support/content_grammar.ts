// Valid messages of both profiles at random: draft-ietf-mimi-content, the schemas at -04 and at -08, with its own writer.

import type { Seeded } from '../../support/seed.ts';
import {
  array,
  integer,
  map,
  type Node,
  nil,
  octets,
  raw,
  rawHex,
  tagged,
  text,
} from './cbor_node.ts';

export interface GrammarOptions {
  readonly profile: 'draft04' | 'draft08';
  readonly now?: number;
  readonly expiry?: 'error' | 'warn';
  readonly sender?: string;
  readonly room?: string;
}

const year = 366 * 86_400;
const maxU32 = 2 ** 32 - 1;
/** Where heads turn over, and where numbers do. */
const edges = [0n, 1n, 23n, 24n, 0xffn, 0x100n, 0xffffn, 0x1_0000n, 0xffff_ffffn, 0x1_0000_0000n];
const largeEdges = [2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
const allEdges = [...edges, ...largeEdges];
const lengths = [0, 1, 2, 3, 8, 16, 23, 24, 32, 47, 48, 49, 64, 255, 256];
const texts = [
  '',
  'a',
  'text/plain',
  'é',
  '♥',
  '👩🏽‍💻',
  '\u{feff}',
  'en,de',
  '\u{0}',
  'https://a.example/b?c=d#e',
];
const characters = ['a', 'Z', ' ', 'ß', '♥', '\u{10ffff}', '\u{ffff}'];
/** Floats in their shortest forms. */
const floats = (
  'f90000 f98000 f93c00 f97c00 f9fc00 f97e00 f90001 f903ff f97bff fa47c35000 fa00000001 fa7f7fffff ' +
  'fb3ff199999999999a fb7fefffffffffffff fb0000000000000001 fbbff199999999999a'
).split(' ');
const typedArrays = [80, 81, 82, 83, 84, 85, 86, 87];
const plainTags = [0, 1, 4, 24, 32, 62, 79, 88, 1001, 2n ** 53n, 2n ** 64n - 1n];
/** Of the IANA Named Information Hash Algorithm Registry. */
const hashes = [
  [1, 32],
  [2, 16],
  [6, 4],
  [7, 48],
  [8, 64],
  [10, 32],
  [12, 64],
] as const;

/** What a receiver is told beside the bytes. */
export function someOptions(random: Seeded): GrammarOptions {
  const profile = random.oneIn(2) ? 'draft04' : 'draft08';
  const now = 1000 * random.between(year, maxU32 - year) + random.between(0, 999);
  return {
    profile,
    ...(random.oneIn(3) && { now }),
    ...(random.oneIn(8) && { expiry: 'warn' }),
    ...(random.oneIn(4) && { sender: 'mimi://a.example/u/é' }),
    ...(random.oneIn(4) && { room: 'mimi://a.example/r/1' }),
  };
}

/** A message that a receiver with these options accepts. */
export function someMessage(random: Seeded, options: GrammarOptions): Node {
  return new Grammar(random, options).message();
}

/** Any value that an extension may have, on this level of the extensions. */
export function someValue(random: Seeded, level = 2): Node {
  return new Grammar(random, { profile: 'draft08' }).value(level);
}

class Grammar {
  readonly #random: Seeded;
  readonly #options: GrammarOptions;
  readonly #is04: boolean;
  #parts = 0;

  constructor(random: Seeded, options: GrammarOptions) {
    this.#random = random;
    this.#options = options;
    this.#is04 = options.profile === 'draft04';
  }

  message(): Node {
    const id = (): Node => this.#id();
    const topicId = octets(this.#bytes(this.#random.oneIn(50) ? 4096 : undefined));
    const extensions = this.#extensions();
    const body = this.#part(1);
    if (this.#is04) {
      const reply = (): Node => this.#reply();
      const expires = integer(this.#random.oneIn(2) ? 0 : this.#absolute());
      const lastSeen = array(this.#several(3, id));
      const [replaces, inReplyTo] = [this.#optional(id), this.#optional(reply)];
      return array([replaces, topicId, expires, inReplyTo, lastSeen, extensions, body]);
    }
    const expires = this.#optional(() => this.#expiration());
    const [salt, replaces, inReplyTo] = [
      octets(this.#bytes(16)),
      this.#optional(id),
      this.#optional(id),
    ];
    return array([salt, replaces, topicId, expires, inReplyTo, extensions, body]);
  }

  value(level: number): Node {
    const random = this.#random;
    const kind = random.between(0, level <= 4 ? 9 : 5);
    if (kind === 0) return integer(this.#uint(64));
    if (kind === 1) return integer(-1n - this.#uint(64));
    if (kind === 2) return octets(this.#bytes());
    if (kind === 3) return text(this.#text());
    if (kind === 4) return rawHex(random.pick(floats));
    if (kind === 5) return raw(random.pick([0xf4, 0xf5, 0xf6]));
    if (kind === 6) return array(this.#several(4, () => this.value(level + 1)));
    if (kind === 7) return this.#tag(level);
    return map(this.#several(4, () => [this.#innerKey(), this.value(level + 1)] as const));
  }

  #several<Made>(most: number, make: () => Made): Made[] {
    const count = this.#random.oneIn(100) ? 30 : this.#random.between(0, most);
    return Array.from({ length: count }, make);
  }

  #optional(make: () => Node): Node {
    return this.#random.oneIn(2) ? nil() : make();
  }

  /** Mostly a number at which a head turns over. */
  #uint(bits: number): bigint {
    const random = this.#random;
    if (random.oneIn(4)) return BigInt(random.between(0, 2 ** Math.min(bits, 32) - 1));
    return random.pick(allEdges) % 2n ** BigInt(bits);
  }

  #bytes(length = this.#random.pick(lengths)): Uint8Array {
    const bytes = new Uint8Array(length).fill(this.#random.between(0, 255));
    if (length > 0) bytes[this.#random.between(0, length - 1)] = this.#random.between(0, 255);
    return bytes;
  }

  #text(): string {
    const random = this.#random;
    if (!random.oneIn(4)) return random.pick(texts);
    return 'x'.repeat(random.pick(lengths)) + random.pick(characters);
  }

  #id(): Node {
    const id = this.#bytes(32);
    if (!this.#is04) id[0] = 1;
    return octets(id);
  }

  #reply(): Node {
    const [algorithm, length] = this.#random.pick(hashes);
    return array([this.#id(), integer(algorithm), octets(this.#bytes(length))]);
  }

  #expiration(): Node {
    if (!this.#random.oneIn(2)) return array([raw(0xf4), integer(this.#absolute())]);
    const most = this.#options.expiry === 'warn' ? maxU32 : year;
    return array([
      raw(0xf5),
      integer(this.#random.pick([0, 60, year, this.#random.between(0, most)])),
    ]);
  }

  /** A time that is not suspicious. */
  #absolute(): number {
    const { now, expiry } = this.#options;
    const random = this.#random;
    if (now === undefined || expiry === 'warn') return random.between(1, maxU32);
    const seconds = now / 1000;
    const [least, most] = [Math.ceil(seconds - year), Math.floor(seconds + year)];
    return random.pick([Math.max(1, least), most, random.between(Math.max(1, least), most)]);
  }

  #extensions(): Node {
    if (this.#is04) {
      return map(this.#several(3, () => [this.#name(), octets(this.#shortBytes())] as const));
    }
    const pairs = this.#several(3, () => [this.#topKey(), this.value(2)] as const);
    const { sender = this.#text(), room = this.#text() } = this.#options;
    if (this.#random.oneIn(2)) pairs.push([integer(1), text(sender)]);
    if (this.#random.oneIn(2)) pairs.push([integer(2), text(room)]);
    return map(pairs);
  }

  #shortBytes(): Uint8Array {
    return this.#bytes(this.#random.oneIn(50) ? 4095 : undefined);
  }

  /** 1 to 255 octets. */
  #name(): Node {
    const random = this.#random;
    if (random.oneIn(20)) return text('y'.repeat(random.pick([23, 24, 254, 255])));
    return text(random.pick(characters) + random.pick(characters));
  }

  /** Not the keys that have a meaning, 1 and 2. */
  #topKey(): Node {
    if (this.#random.oneIn(2)) return this.#name();
    const key = this.#integerKey();
    return integer(key === 1n || key === 2n ? 3n : key);
  }

  #integerKey(): bigint {
    const key = this.#random.pick(edges.concat(2n ** 53n - 1n));
    return this.#random.oneIn(2) ? key : -key;
  }

  #innerKey(): Node {
    if (this.#random.oneIn(3)) return octets(this.#bytes());
    return this.#random.oneIn(2) ? text(this.#text()) : integer(this.#integerKey());
  }

  #tag(level: number): Node {
    const random = this.#random;
    if (random.oneIn(3)) return tagged(random.pick(typedArrays), octets(this.#bytes()));
    if (random.oneIn(2)) return tagged(random.pick(plainTags), this.value(level + 1));
    const magnitude = this.#bytes(random.pick([9, 10, 16, 24]));
    magnitude[0] = random.between(1, 255);
    return tagged(random.pick([2, 3]), octets(magnitude));
  }

  #part(level: number): Node {
    const random = this.#random;
    const index = this.#parts;
    this.#parts += 1;
    const common = [
      integer(random.oneIn(4) ? random.between(0, 255) : random.between(0, 8)),
      text(this.#text()),
    ];
    if (this.#is04) common.push(integer(index));
    const cardinality = random.between(0, level < 4 ? 3 : 2);
    return array([...common, integer(cardinality), ...this.#rest(cardinality, level)]);
  }

  #rest(cardinality: number, level: number): Node[] {
    if (cardinality === 0) return [];
    if (cardinality === 1) return [text(this.#text()), octets(this.#bytes())];
    if (cardinality === 2) return this.#external();
    const more = this.#random.oneIn(200) ? 60 : this.#random.between(0, 1);
    const parts = Array.from({ length: 2 + more }, () => this.#part(level + 1));
    return [integer(this.#random.between(0, 2)), array(parts)];
  }

  #external(): Node[] {
    const url = text(this.#text());
    const bytes = (): Node => octets(this.#bytes());
    return [
      text(this.#text()),
      this.#is04 ? tagged(32, url) : url,
      integer(this.#uint(32)),
      integer(this.#uint(64)),
      integer(this.#uint(16)),
      bytes(),
      bytes(),
      bytes(),
      integer(this.#uint(8)),
      bytes(),
      text(this.#text()),
      ...(this.#is04 ? [] : [text(this.#text())]),
    ];
  }
}

// Changes to valid inputs: what a network, a bug or an enemy does to bytes whose structure it half knows.

import type { Seeded } from '../../support/seed.ts';

/** Numbers at which lengths and counters turn over. */
const edges = [0, 1, 2, 3, 0x1f, 0x20, 0x3f, 0x40, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff];
const longest = 16_384;

type Mutation = (random: Seeded, bytes: Uint8Array, others: readonly Uint8Array[]) => Uint8Array;

const place = (random: Seeded, { length }: Uint8Array): number => random.between(0, length);

function range(random: Seeded, { length }: Uint8Array): [from: number, to: number] {
  const from = random.between(0, length);
  return [from, random.between(from, Math.min(length, from + (random.oneIn(4) ? length : 40)))];
}

function changed(bytes: Uint8Array, at: number, values: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  for (const [index, value] of values.entries()) {
    if (at + index < copy.length) copy[at + index] = value;
  }
  return copy;
}

const concat = (...items: Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(items)).subarray(0, longest);

/** A big- or little-endian number of 1, 2, 4 or 8 bytes. */
function number(random: Seeded): number[] {
  const width = random.pick([1, 2, 4, 8]);
  const value = Array.from({ length: width }, () => 0);
  if (random.oneIn(4)) value.fill(0xff);
  value[random.oneIn(2) ? 0 : width - 1] = random.pick(edges);
  return value;
}

/** A length prefix of RFC 9420, section 2.1.2, or the start of one that lies. */
function prefix(random: Seeded): number[] {
  const first = random.pick([0x00, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff]);
  const width = 1 << (first >> 6);
  return [first, ...Array.from({ length: width - 1 }, () => random.pick(edges))];
}

const mutations: readonly Mutation[] = [
  // A bit.
  (random, bytes) => {
    const at = random.between(0, Math.max(0, bytes.length - 1));
    return changed(bytes, at, [(bytes[at] ?? 0) ^ (1 << random.between(0, 7))]);
  },
  // A byte, a number, a length.
  (random, bytes) => changed(bytes, place(random, bytes), [random.between(0, 255)]),
  (random, bytes) => changed(bytes, place(random, bytes), number(random)),
  (random, bytes) => changed(bytes, place(random, bytes), prefix(random)),
  (random, bytes) => {
    const at = place(random, bytes);
    return changed(bytes, at, [((bytes[at] ?? 0) + random.pick([-1, 1, -2, 2])) & 0xff]);
  },
  // An end too early, a hole, something more.
  (random, bytes) => bytes.slice(0, place(random, bytes)),
  (random, bytes) => {
    const [from, to] = range(random, bytes);
    return concat(bytes.subarray(0, from), bytes.subarray(to));
  },
  (random, bytes) => {
    const at = place(random, bytes);
    const length = random.oneIn(8) ? random.between(0, 4096) : random.between(1, 16);
    const more = new Uint8Array(length).fill(random.pick(edges));
    return concat(bytes.subarray(0, at), more, bytes.subarray(at));
  },
  // A part twice, or in another's place.
  (random, bytes) => {
    const [from, to] = range(random, bytes);
    return concat(bytes.subarray(0, to), bytes.subarray(from));
  },
  (random, bytes) => {
    const [from, to] = range(random, bytes);
    const at = place(random, bytes);
    return changed(bytes, at, [...bytes.subarray(from, to)]);
  },
  // Parts of other valid inputs: in this one's place, in the same place, and to its end.
  (random, bytes, others) => {
    const other = random.pick(others);
    const [from, to] = range(random, other);
    return changed(bytes, place(random, bytes), [...other.subarray(from, to)]);
  },
  (random, bytes, others) => {
    const other = random.pick(others);
    const [from, to] = range(random, other);
    return changed(bytes, from, [...other.subarray(from, to)]);
  },
  (random, bytes, others) => {
    const other = random.pick(others);
    return concat(
      bytes.subarray(0, place(random, bytes)),
      other.subarray(random.between(0, other.length)),
    );
  },
];

/** One of the seeds with one to four changes; now and then as it is. */
export function mutant(random: Seeded, seeds: readonly Uint8Array[]): Uint8Array {
  let bytes = random.pick(seeds);
  if (random.oneIn(50)) return bytes;
  const changes = random.oneIn(2) ? 1 : random.between(2, 4);
  for (let change = 0; change < changes; change++) {
    bytes = random.pick(mutations)(random, bytes, seeds);
  }
  return bytes;
}

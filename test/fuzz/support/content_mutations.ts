// What a sender can get wrong in a message, item by item; changes to bytes, whatever they mean, are in mutate.ts.

import type { Seeded } from '../../support/seed.ts';
import {
  array,
  bytesOf,
  integer,
  map,
  type Node,
  octets,
  raw,
  rawHex,
  tagged,
  text,
} from './cbor_node.ts';
import { someValue } from './content_grammar.ts';

type Mutation = (random: Seeded, node: Node) => void;

const words = (list: string): string[] => list.split(' ');
/** Not well-formed, or not allowed anywhere: reserved heads, breaks, simple values. */
const strange = words(
  '1c 1d 1e 1f 3c 3f 5c 7d 9e bc dc df fc fd fe ff f800 f818 f81f f820 f8ff e0 f3 f7 f8 f9 fb00',
);
/** Floats that are longer than they need be, and every kind of NaN. */
const badFloats = words(
  'fa3fc00000 fa00000000 fa7f800000 fb40f86a0000000000 fb7ff0000000000000 f97e01 f9fe00 f97c01 fa7fc00000 fa7fc00001 ' +
    'fa7fc02000 faffc00000 fb7ff8000000000000 fb7ff8000000000001 fbfff8000000000000 fb3ff8000000000000',
);
const badUtf8 = words('c3 ff c080 eda080 edb080 f4908080 e282 f0808080 80 61ff c328 f8888080');
const numbers = [
  -1n,
  0n,
  1n,
  2n,
  3n,
  4n,
  5n,
  15n,
  23n,
  24n,
  255n,
  256n,
  65_535n,
  65_536n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 53n) + 1n,
  -(2n ** 53n),
  2n ** 63n,
  2n ** 64n - 1n,
  -(2n ** 64n),
];
const sizes = [0, 1, 15, 16, 17, 31, 32, 33, 255, 256, 4095, 4096, 4097];
const huge = [0n, 24n, 255n, 2n ** 16n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
const tags = [0, 1, 2, 3, 24, 32, 62, 80, 87, 1001, 2n ** 64n - 1n];

const isString = ({ major }: Node): boolean => major === 2 || major === 3;

/** Puts another item in the place of this one. */
function become(node: Node, other: Node): void {
  delete node.raw;
  delete node.width;
  delete node.claimed;
  delete node.indefinite;
  Object.assign(node, other);
}

/** One that is wrong, or merely another, in most places. */
function someItem(random: Seeded): Node {
  const kind = random.between(0, 6);
  if (kind === 0) return rawHex(random.pick(strange));
  if (kind === 1) return rawHex(random.pick(badFloats));
  if (kind === 2) return integer(random.pick(numbers));
  if (kind === 3) return octets(new Uint8Array(random.pick(sizes)).fill(random.between(0, 2)));
  if (kind === 4) return text(random.pick(['', 'x', 'é', 'x'.repeat(256)]));
  if (kind === 5) return random.pick([array([]), map([]), raw(0xf6), raw(0xf4), raw(0xf5)]);
  return someValue(random, random.between(2, 4));
}

const mutations: readonly Mutation[] = [
  (random, node) => become(node, someItem(random)),
  (random, node) => become(node, integer(random.pick(numbers))),
  // Longer heads, indefinite lengths, lengths that lie.
  (random, node) => {
    node.width = random.pick([1, 2, 4, 8]);
    if (node.width === 1) become(node, rawHex(`${(0x18 | (node.major << 5)).toString(16)}00`));
  },
  (_, node) => {
    if (node.major > 1 && node.major < 6) node.indefinite = true;
  },
  (random, node) => {
    if (node.major > 1 && node.major < 6) node.claimed = random.pick(huge);
  },
  (random, node) => {
    const length =
      node.major === 5 ? node.items.length / 2 : node.items.length + node.octets.length;
    if (node.major > 1 && node.major < 6) {
      node.claimed = BigInt(Math.max(0, Math.floor(length) + random.pick([-1, 1])));
    }
  },
  // Strings of other sizes, and texts that are none.
  (random, node) => {
    if (isString(node))
      node.octets = new Uint8Array(random.pick(sizes)).fill(node.octets[0] ?? 0x61);
  },
  (random, node) => {
    if (!isString(node)) return;
    node.major = 3;
    const [before, after] = [random.between(0, 60), random.between(0, 2)];
    const bad = Buffer.from(random.pick(badUtf8), 'hex');
    node.octets = new Uint8Array(
      Buffer.concat([Buffer.alloc(before, 0x61), bad, Buffer.alloc(after, 0x62)]),
    );
  },
  (_, node) => {
    if (isString(node)) node.major = node.major === 2 ? 3 : 2;
  },
  // Items left out, twice, in another order, one more.
  (random, { items }) => {
    items.splice(random.between(0, items.length), 1);
  },
  (random, { items }) => {
    const [from, to] = [random.between(0, items.length), random.between(0, items.length)];
    items.splice(to, 0, ...items.slice(from, from + random.between(1, 2)));
  },
  (random, { items }) => {
    items.splice(random.between(0, items.length), 0, someItem(random));
  },
  (random, { items }) => {
    if (items.length < 2) return;
    const [from, to] = [random.between(0, items.length - 1), random.between(0, items.length - 1)];
    [items[from], items[to]] = [items[to] as Node, items[from] as Node];
  },
  // Pairs of a map: swapped, and the first one twice.
  (random, { items, major }) => {
    if (major !== 5 || items.length < 4) return;
    const at = 2 * random.between(1, (items.length >> 1) - 1);
    items.splice(at - 2, 4, ...items.slice(at, at + 2), ...items.slice(at - 2, at));
  },
  (random, { items, major }) => {
    if (major !== 5 || items.length < 2) return;
    const at = 2 * random.between(0, (items.length >> 1) - 1);
    items.splice(at, 0, items[at] as Node, someValue(random, 4));
  },
  // In a tag, in arrays, in maps.
  (random, node) => {
    const inner = { ...node };
    become(node, tagged(random.pick(tags), inner));
  },
  (random, node) => {
    const rare = random.oneIn(500) ? [1_000, 100_000] : [1, 2, 3, 4, 5, 6];
    const depth = random.pick(rare);
    const around = random.pick([[0x81], [0xa1, 0x00], [0xd8, 0x20]]);
    const before = Buffer.concat(Array.from({ length: depth }, () => Buffer.from(around)));
    become(node, raw(...[]));
    node.raw = new Uint8Array(Buffer.concat([before, bytesOf(someItem(random))]));
  },
  (random, node) => {
    const inner = { ...node };
    become(node, array([inner, ...(random.oneIn(2) ? [someItem(random)] : [])]));
  },
];

/** Makes a message wrong in one to three places. */
export function breakMessage(random: Seeded, root: Node): void {
  const changes = random.oneIn(3) ? random.between(2, 3) : 1;
  for (let change = 0; change < changes; change += 1) {
    random.pick(mutations)(random, random.pick(nodesOf(root)));
  }
  if (random.oneIn(500)) repeatLast(random, random.pick(nodesOf(root)));
}

/** So many items that a limit is near. */
function repeatLast(random: Seeded, { items }: Node): void {
  const last = items.at(-1);
  if (last === undefined) return;
  const count = random.pick([22, 23, 254, 255, 1020, 1021, 1022, 1023, 1024]);
  items.push(...Array.from({ length: count }, () => last));
}

function nodesOf(root: Node): Node[] {
  const nodes = [root];
  for (const node of nodes) nodes.push(...node.items);
  return nodes;
}

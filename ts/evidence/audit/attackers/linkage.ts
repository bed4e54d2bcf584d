// What links a user of one room to a user of another: values that both rooms showed a party when that user came and spoke,
// and that it was not shown when somebody else of the same provider did.

import { clientsOf, type Person, userOf } from '../cast.ts';
import { leavesIn } from '../leaves.ts';
import type { View } from '../view.ts';

/** Values shorter than this are shared by chance. */
const VALUE_BYTES = 8;
/** Runs of this length that others have been shown, too, say nothing of a user. */
const COMMON_BYTES = 4;

/** A value that links, by what it is. */
export interface Link {
  /** `real URI`, `lifetime`, `credential length`, or where the value stood. */
  readonly by: string;
  readonly bytes: number;
}

/** What a party was shown of a user in two rooms, and of another one in the same two. */
export interface Meetings {
  readonly person: Person;
  readonly first: View;
  readonly second: View;
  readonly others: readonly View[];
}

/** Everything by which a party can tell that the user is the same, each kind once. */
export function findLinks(meetings: Meetings): Link[] {
  const links = [...linksByName(meetings), ...linksByLeaf(meetings), ...linksByValue(meetings)];
  const kinds = new Map(links.map((link) => [link.by, link]));
  return [...kinds.values()].sort((one, other) => (one.by < other.by ? -1 : 1));
}

function linksByName({ person, first, second }: Meetings): Link[] {
  const names = [userOf(person), ...clientsOf(person)];
  const links = names.filter((name) => [first, second].every((view) => contains(view, name)));
  return links.slice(0, 1).map((name) => ({ by: 'real URI', bytes: name.length }));
}

const contains = ({ bytes }: View, text: string): boolean => {
  const plain = Buffer.from(text);
  const encoded = encodeURIComponent(text);
  return bytes.some((haystack) => {
    const buffer = Buffer.from(haystack);
    return buffer.includes(plain) || buffer.includes(encoded);
  });
};

/** Properties of leaves that need not be long to be a user's own. */
const LEAF_FACTS = {
  'signature key': (leaf) => Buffer.from(leaf.signatureKey).toString('hex'),
  'encryption key': (leaf) => Buffer.from(leaf.encryptionKey).toString('hex'),
  lifetime: (leaf) =>
    leaf.source === 'keyPackage' ? `${leaf.lifetime.notBefore} ${leaf.lifetime.notAfter}` : '',
  'credential length': (leaf) => String(leaf.credential.bytes.length),
  capabilities: (leaf) => Buffer.from(leaf.capabilities).toString('hex'),
} satisfies Record<string, (leaf: ReturnType<typeof leavesIn>[number]) => string>;

function linksByLeaf({ first, second, others }: Meetings): Link[] {
  const [one, two] = [leavesOf(first), leavesOf(second)];
  const rest = others.flatMap(leavesOf);
  return Object.entries(LEAF_FACTS).flatMap(([by, factOf]) => {
    const common = new Set(rest.map(factOf));
    const shown = new Set(one.map(factOf));
    const found = two
      .map(factOf)
      .find((fact) => fact !== '' && shown.has(fact) && !common.has(fact));
    return found === undefined ? [] : [{ by, bytes: found.length }];
  });
}

const leavesOf = ({ frames }: View) =>
  frames.flatMap(({ handshakes }) => handshakes).flatMap(({ bytes }) => leavesIn(bytes));

/** Runs of bytes that two views share, and others do not have. */
function linksByValue({ first, second, others }: Meetings): Link[] {
  const common = grams(others, COMMON_BYTES);
  const shown = grams([first], VALUE_BYTES);
  const links: Link[] = [];
  for (const { item, haystack } of haystacksOf(second)) {
    const text = Buffer.from(haystack).toString('latin1');
    for (let at = 0; at + VALUE_BYTES <= text.length; at++) {
      if (!shown.has(text.slice(at, at + VALUE_BYTES))) continue;
      let end = at + VALUE_BYTES;
      while (end < text.length && shown.has(text.slice(end - VALUE_BYTES + 1, end + 1))) end++;
      const own = ownBytes(text.slice(at, end), common);
      if (own >= VALUE_BYTES) links.push({ by: item, bytes: own });
      at = end - 1;
    }
  }
  return links;
}

/** How many octets of a run are in nothing that others were shown. */
function ownBytes(run: string, common: ReadonlySet<string>): number {
  const covered = new Uint8Array(run.length);
  for (let at = 0; at + COMMON_BYTES <= run.length; at++) {
    if (common.has(run.slice(at, at + COMMON_BYTES))) covered.fill(1, at, at + COMMON_BYTES);
  }
  return covered.filter((octet) => octet === 0).length;
}

function grams(views: readonly View[], length: number): Set<string> {
  const found = new Set<string>();
  for (const { haystack } of views.flatMap(haystacksOf)) {
    const text = Buffer.from(haystack).toString('latin1');
    for (let at = 0; at + length <= text.length; at++) found.add(text.slice(at, at + length));
  }
  return found;
}

/** What to join over, and what it is called: the path without its id, the kind of a row. */
function haystacksOf({ items, opened }: View): { item: string; haystack: Uint8Array }[] {
  return [
    ...items.map(({ place, what, bytes }) => ({
      item: `${place} ${what.replace(/(?<=\/[A-Za-z]+)\/mimi.*$/, '')}`.trim(),
      haystack: bytes,
    })),
    ...opened.map((haystack) => ({ item: 'what was sealed to it', haystack })),
  ];
}

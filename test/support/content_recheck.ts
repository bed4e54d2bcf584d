// A second opinion on messages: draft-ietf-mimi-content at -04 and at -08, the schemas and the rules C1 to C10 of
// docs/content.md, written from these texts and apart from the codec. Parses to a tree, then collects all faults.

import {
  ARRAY,
  BYTES,
  type Fault,
  type Item,
  MAP,
  NINT,
  OTHER,
  parseTree,
  type Rule,
  TAG,
  TEXT,
  type Tree,
  UINT,
} from './cbor_tree.ts';

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly rule: Rule };

export interface RecheckOptions {
  readonly profile: 'draft04' | 'draft08';
  /** In milliseconds. */
  readonly now?: number | undefined;
  readonly expiry?: 'error' | 'warn' | undefined;
  readonly maxBytes?: number | undefined;
  readonly sender?: string | undefined;
  readonly room?: string | undefined;
}

/** The verdict on a message: the first fault in reading order, and for one item in this order. */
const precedence: readonly Rule[] = ['C9', 'C2', 'C3', 'C1', 'C4', 'C5', 'C6', 'C7', 'C8', 'C10'];

const MIB = 1 << 20;
const YEAR = 366 * 86_400;
const MAX_SAFE = 2n ** 53n - 1n;
/** Octets of the hashes of the IANA Named Information Hash Algorithm Registry, 1 to 12. */
const hashLengths = [0, 32, 16, 15, 12, 8, 4, 48, 64, 28, 32, 48, 64];

export function recheckContent(bytes: Uint8Array, options: RecheckOptions): Verdict {
  return verdictOf(bytes, options, (judge, root) => judge.message(root));
}

/** MessageDerivedValues. */
export function recheckDerivedValues(bytes: Uint8Array, options: RecheckOptions): Verdict {
  return verdictOf(bytes, options, (judge, root) => judge.derivedValues(root));
}

/** MessageStatusReport. */
export function recheckStatusReport(bytes: Uint8Array, options: RecheckOptions): Verdict {
  return verdictOf(bytes, options, (judge, root) => judge.statusReport(root));
}

function verdictOf(
  bytes: Uint8Array,
  options: RecheckOptions,
  judgeRoot: (judge: Judge, root: Item) => void,
): Verdict {
  // A receiver need not look into what is too large.
  if (bytes.length > (options.maxBytes ?? MIB)) return { ok: false, rule: 'C5' };
  const tree = parseTree(bytes);
  const judge = new Judge(tree, options, bytes);
  if (tree.root !== undefined) judgeRoot(judge, tree.root);
  if (tree.root?.end !== undefined && tree.root.end < bytes.length) {
    judge.fault('C1', tree.root.end);
  }
  const [first] = tree.faults.sort(
    (left, right) =>
      left.at - right.at || precedence.indexOf(left.rule) - precedence.indexOf(right.rule),
  );
  if (first !== undefined) return { ok: false, rule: first.rule };
  if (tree.root?.end === undefined) throw new Error('The input is broken without a fault.');
  return { ok: true };
}

/** Collects the faults of a tree, in which items may be missing at the end. */
class Judge {
  readonly #faults: Fault[];
  readonly #options: RecheckOptions;
  readonly #bytes: Uint8Array;
  readonly #draft04: boolean;
  #parts = 0;

  constructor(tree: Tree, options: RecheckOptions, bytes: Uint8Array) {
    this.#faults = tree.faults;
    this.#options = options;
    this.#bytes = bytes;
    this.#draft04 = options.profile === 'draft04';
  }

  fault(rule: Rule, at: number): void {
    this.#faults.push({ rule, at });
  }

  message(root: Item): void {
    if (!this.#array(root, 7)) return;
    if (this.#draft04) {
      const [replaces, topicId, expires, inReplyTo, lastSeen, extensions, nestedPart] = root.items;
      this.#nullOr(replaces, (id) => this.#bytesOf(id, 32));
      this.#topic(topicId);
      this.#expires04(expires);
      this.#nullOr(inReplyTo, (reply) => this.#reply04(reply));
      this.#lastSeen(lastSeen);
      this.#extensions(extensions);
      this.#part(nestedPart, 1);
    } else {
      const [salt, replaces, topicId, expires, inReplyTo, extensions, nestedPart] = root.items;
      this.#bytesOf(salt, 16);
      this.#nullOr(replaces, (id) => this.#id08(id));
      this.#topic(topicId);
      this.#nullOr(expires, (expiration) => this.#expiration(expiration));
      this.#nullOr(inReplyTo, (id) => this.#id08(id));
      this.#extensions(extensions);
      this.#part(nestedPart, 1);
    }
  }

  derivedValues(root: Item): void {
    if (!this.#array(root, 7)) return;
    const [messageId, timestamp, groupId, leafIndex, ...uris] = root.items;
    this.#messageId(messageId);
    this.#timestamp(timestamp);
    this.#type(groupId, BYTES);
    this.#uint(leafIndex, 32);
    for (const uri of uris) this.#uri(uri);
  }

  statusReport(root: Item): void {
    let statuses: Item | undefined = root;
    if (this.#draft04) {
      if (!this.#array(root, 2)) return;
      this.#timestamp(root.items[0]);
      statuses = root.items[1];
    }
    if (!this.#array(statuses)) return;
    for (const pair of statuses.items) {
      if (!this.#array(pair, 2)) continue;
      this.#messageId(pair.items[0]);
      this.#uint(pair.items[1], 8);
    }
  }

  // Types: what is missing has no fault of its own.

  #type(item: Item | undefined, major: number): item is Item {
    if (item === undefined) return false;
    if (item.major !== major) this.fault('C1', item.at);
    return item.major === major;
  }

  #array(item: Item | undefined, length?: number): item is Item {
    if (!this.#type(item, ARRAY)) return false;
    if (length === undefined || item.argument === BigInt(length)) return true;
    this.fault('C1', item.at);
    return false;
  }

  #uint(item: Item | undefined, bits: number): item is Item {
    if (!this.#type(item, UINT)) return false;
    if (item.argument < 2n ** BigInt(bits)) return true;
    this.fault('C1', item.at);
    return false;
  }

  /** A byte string of this length. */
  #bytesOf(item: Item | undefined, length: number): item is Item {
    if (!this.#type(item, BYTES)) return false;
    if (item.octets.length === length) return true;
    this.fault('C1', item.at);
    return false;
  }

  #nullOr(item: Item | undefined, judge: (item: Item) => void): void {
    if (item === undefined || isSimple(item, 22)) return;
    judge(item);
  }

  #messageId(item: Item | undefined): void {
    if (this.#draft04) this.#bytesOf(item, 32);
    else this.#id08(item);
  }

  #id08(item: Item | undefined): void {
    if (this.#bytesOf(item, 32) && item.octets[0] !== 1) this.fault('C8', item.at);
  }

  #uri(item: Item | undefined): void {
    if (!this.#draft04) this.#type(item, TEXT);
    else if (this.#tagged(item, 32n)) this.#type(item.items[0], TEXT);
  }

  #tagged(item: Item | undefined, tag: bigint): item is Item {
    if (!this.#type(item, TAG)) return false;
    if (item.argument === tag) return true;
    this.fault('C1', item.at);
    return false;
  }

  /** An extended time (RFC 9581) is looked into no further. */
  #timestamp(item: Item | undefined): void {
    if (this.#draft04) {
      if (this.#tagged(item, 62n)) this.#uint(item.items[0], 64);
    } else if (item?.major !== TAG) this.#uint(item, 64);
    else if (this.#tagged(item, 1001n)) this.#type(item.items[0], MAP);
  }

  // The fields of a message.

  #topic(item: Item | undefined): void {
    if (this.#type(item, BYTES) && item.octets.length > 4096) this.fault('C5', item.at);
  }

  #expires04(item: Item | undefined): void {
    if (this.#uint(item, 32) && item.argument !== 0n) this.#absolute(item);
  }

  #expiration(item: Item): void {
    if (!this.#array(item, 2)) return;
    const [relative, time] = item.items;
    if (relative === undefined) return;
    const isRelative = isSimple(relative, 21);
    if (!isRelative && !isSimple(relative, 20)) this.fault('C1', relative.at);
    if (!this.#uint(time, 32)) return;
    if (!isRelative) this.#absolute(time);
    else if (Number(time.argument) > YEAR) this.#suspicious(time);
  }

  #absolute(time: Item): void {
    const { now } = this.#options;
    if (now === undefined) return;
    if (Math.abs(Number(time.argument) - now / 1000) > YEAR) this.#suspicious(time);
  }

  #suspicious(time: Item): void {
    if (this.#options.expiry !== 'warn') this.fault('C6', time.at);
  }

  #reply04(item: Item): void {
    if (!this.#array(item, 3)) return;
    const [message, hashAlg, hash] = item.items;
    this.#bytesOf(message, 32);
    this.#type(hash, BYTES);
    if (!this.#uint(hashAlg, 64)) return;
    const length = hashLengths[Number(hashAlg.argument)];
    if (length === undefined || length === 0) this.fault('C8', hashAlg.at);
    else if (hash?.major === BYTES && hash.octets.length !== length) this.fault('C8', hash.at);
  }

  #lastSeen(item: Item | undefined): void {
    if (!this.#array(item)) return;
    if (item.argument > 65_535n) this.fault('C5', item.at);
    for (const id of item.items) this.#bytesOf(id, 32);
  }

  #extensions(item: Item | undefined): void {
    if (!this.#type(item, MAP)) return;
    this.#keyOrder(item);
    for (const [key, value] of pairsOf(item)) {
      this.#topKey(key);
      if (value === undefined) continue;
      if (this.#draft04) this.#value04(value);
      else this.#value08(key, value);
    }
  }

  /** Bytewise, of the encodings, and none twice. What is wrong with a key by itself comes before its order. */
  #keyOrder(map: Item): void {
    let last: Uint8Array | undefined;
    for (const [key] of pairsOf(map)) {
      const encoding = this.#bytes.subarray(key.at, key.end);
      const isSorted = last === undefined || Buffer.compare(last, encoding) < 0;
      if (!isSorted && !this.#faults.some(({ at }) => at === key.at)) this.fault('C2', key.at);
      last = encoding;
    }
  }

  #topKey(key: Item): void {
    const { length } = key.octets;
    if (key.major === TEXT && length > 0 && length < 256) return;
    if (!isIntegerKey(key)) this.fault('C3', key.at);
    else if (this.#draft04) this.fault('C1', key.at);
  }

  #value04(value: Item): void {
    if (this.#type(value, BYTES) && value.octets.length > 4095) this.fault('C5', value.at);
  }

  #value08(key: Item, value: Item): void {
    const { sender, room } = this.#options;
    if (key.major === UINT && key.argument === 1n) this.#named(value, sender);
    else if (key.major === UINT && key.argument === 2n) this.#named(value, room);
    else this.#anything(value, 2);
  }

  #named(value: Item, uri: string | undefined): void {
    if (!this.#type(value, TEXT) || uri === undefined) return;
    if (!Buffer.from(uri).equals(value.octets)) this.fault('C10', value.at);
  }

  /** Any value, as deep as this, the map of extensions being level 1. */
  #anything(item: Item, level: number): void {
    const holds = item.major === ARRAY || item.major === MAP || item.major === TAG;
    if (holds && level > 4) this.fault('C4', item.at);
    if (item.major === MAP) {
      this.#keyOrder(item);
      for (const [key] of pairsOf(item)) {
        const string = key.major === TEXT || key.major === BYTES;
        if (!string && !isIntegerKey(key)) this.fault('C3', key.at);
      }
    }
    for (const inner of item.items) this.#anything(inner, level + 1);
  }

  // Parts.

  #part(item: Item | undefined, level: number): void {
    if (!this.#type(item, ARRAY)) return;
    const index = this.#parts;
    this.#parts += 1;
    if (this.#parts > 1024) this.fault('C5', item.at);
    if (level > 4) {
      this.fault('C4', item.at);
      return;
    }
    const common = this.#draft04 ? 4 : 3;
    const lengths = [common, common + 2, 15, common + 2];
    if (!lengths.includes(Number(item.argument))) {
      this.fault('C1', item.at);
      return;
    }
    const [disposition, language] = item.items;
    this.#uint(disposition, 8);
    this.#type(language, TEXT);
    if (this.#draft04) this.#partIndex(item.items[2], index);

    const [cardinality, ...rest] = item.items.slice(common - 1);
    if (!this.#type(cardinality, UINT)) return;
    const length = lengths[Number(cardinality.argument)];
    if (length === undefined) this.fault('C7', cardinality.at);
    // What length a part has is known from its cardinality.
    else if (item.argument !== BigInt(length)) this.fault('C1', cardinality.at);
    else if (cardinality.argument === 1n) this.#single(rest);
    else if (cardinality.argument === 2n) this.#external(rest);
    else if (cardinality.argument === 3n) this.#multi(rest, level);
  }

  #partIndex(item: Item | undefined, index: number): void {
    if (this.#uint(item, 16) && Number(item.argument) !== index) this.fault('C10', item.at);
  }

  #single([contentType, content]: readonly Item[]): void {
    this.#type(contentType, TEXT);
    this.#type(content, BYTES);
  }

  #external(items: readonly Item[]): void {
    const [contentType, url, expires, size, encAlg, key, nonce, aad, hashAlg, ...rest] = items;
    const [contentHash, description, filename] = rest;
    this.#type(contentType, TEXT);
    this.#uri(url);
    this.#uint(expires, 32);
    this.#uint(size, 64);
    this.#uint(encAlg, 16);
    for (const string of [key, nonce, aad, contentHash]) this.#type(string, BYTES);
    this.#uint(hashAlg, 8);
    this.#type(description, TEXT);
    if (!this.#draft04) this.#type(filename, TEXT);
  }

  #multi([semantics, parts]: readonly Item[], level: number): void {
    if (this.#type(semantics, UINT) && semantics.argument > 2n) this.fault('C7', semantics.at);
    if (!this.#array(parts)) return;
    if (parts.argument < 2n) this.fault('C1', parts.at);
    for (const part of parts.items) this.#part(part, level + 1);
  }
}

const isSimple = (item: Item, value: number): boolean =>
  item.major === OTHER && item.argument === BigInt(value);

/** Within ±(2^53 − 1); a negative integer is −1 less its argument. */
const isIntegerKey = ({ major, argument }: Item): boolean =>
  (major === UINT && argument <= MAX_SAFE) || (major === NINT && argument < MAX_SAFE);

function* pairsOf(map: Item): Generator<[key: Item, value: Item | undefined]> {
  for (let at = 0; at < map.items.length; at += 2) {
    yield [map.items[at] as Item, map.items[at + 1]];
  }
}

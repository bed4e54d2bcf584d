// The keys of the rows that a provider keeps in its shards, one function a kind.
// A key is a letter, then text parts each ended by a zero octet (no MIMI URI holds one), then big-endian numbers.

import { hash } from '../mls/index.ts';
import type { ClientUri, RoomUri, SlotLifetime, SlotName, UserUri } from '../wire/index.ts';
import { fromHex, toHex } from './bytes.ts';

const encoder = new TextEncoder();

function textKey(letter: string, ...parts: string[]): Uint8Array {
  return encoder.encode([letter, ...parts].map((part) => `${part}\0`).join(''));
}

function withNumber(prefix: Uint8Array, value: number): Uint8Array {
  const key = new Uint8Array(prefix.length + 8);
  key.set(prefix);
  new DataView(key.buffer).setBigUint64(prefix.length, BigInt(value));
  return key;
}

function withBytes(prefix: Uint8Array, suffix: Uint8Array): Uint8Array {
  const key = new Uint8Array(prefix.length + suffix.length);
  key.set(prefix);
  key.set(suffix, prefix.length);
  return key;
}

/** The rows of a room, in the shard that the room hashes to. */
export const roomRows = {
  /** HubHead or InboxHead: what the room is, its last sequence number and epoch. */
  head: (room: RoomUri) => textKey('h', room),
  /** The hub's group at some sequence number. */
  snapshot: (room: RoomUri) => textKey('s', room),
  /** The GroupInfo of the current epoch, as the last committer uploaded it. */
  groupInfo: (room: RoomUri) => textKey('g', room),
  /** Proposals that the hub has accepted in the current epoch. */
  pending: (room: RoomUri) => textKey('p', room),
  /** The mandate that waits for a commit. */
  mandate: (room: RoomUri) => textKey('m', room),
  /** A report of abuse that was taken in, by the hash of its request. */
  report: (room: RoomUri, id: Uint8Array) => withBytes(textKey('r', room), id),
  /** When the operator was done with a report, in milliseconds since the epoch. */
  settledReport: (room: RoomUri, id: Uint8Array) => withBytes(textKey('X', room), id),
  /** How many reports a room has. */
  reportCount: (room: RoomUri) => textKey('R', room),
  /** How many of them are by one reporter, or through one provider where reporters are not shown. */
  reporterCount: (room: RoomUri, reporter: string) =>
    withBytes(textKey('T', room), hash(1, textKey(reporter))),
  /** Where in the shard's log the event of a sequence number stands. */
  event: (room: RoomUri, seq: number) => withNumber(textKey('e', room), seq),
  /** What members have left for each other: by how long it is kept, the epoch (0: of none), and a hash of its name. */
  slot: (room: RoomUri, { lifetime, name }: SlotName, epoch: bigint) =>
    withBytes(withNumber(textKey('z', room, lifetime), Number(epoch)), hash(1, name)),
  /** To which provider the Welcome for a claimed key package goes. */
  claimed: (room: RoomUri, ref: Uint8Array) => withBytes(textKey('k', room), ref),
  /** The leaves that a banned user last had, where leaves name pseudonyms. */
  bannedLeaves: (room: RoomUri, pseudonym: UserUri) =>
    withBytes(textKey('l', room), hash(1, encoder.encode(pseudonym))),
  /** Which local device is served from a commit on, once the hub has accepted it. */
  joining: (room: RoomUri, commitHash: Uint8Array) => withBytes(textKey('j', room), commitHash),
  /** From which event on a local device is served. */
  subscription: (client: ClientUri, room: RoomUri) => textKey('u', client, room),
  /** The last event that a local device is served, once it has been removed. */
  subscriptionEnd: (client: ClientUri, room: RoomUri) => textKey('v', client, room),
  /** A Welcome for a local device, at a position of the shard's log. */
  mail: (client: ClientUri, position: number) => withNumber(textKey('q', client), position),
} as const;

/** The rows of accounts, all in one shard. */
export const accountRows = {
  /** The provider's own signature key. */
  signingKey: () => textKey('i'),
  /** The keys by which this provider franks messages, as a hub. */
  frankingKeys: () => textKey('j'),
  /** A registered client: its user, suite, signature key and token. */
  client: (client: ClientUri) => textKey('c', client),
  /** The clients of a user. */
  clientOfUser: (user: UserUri, client: ClientUri) => textKey('o', user, client),
  /** The device that a token (by its hash) stands for. */
  token: (hash: Uint8Array) => withBytes(textKey('t'), hash),
  /** A stored key package of a client, by its ref. */
  keyPackage: (client: ClientUri, ref: Uint8Array) => withBytes(textKey('k', client), ref),
  /** The last-resort key package of a client. */
  lastResort: (client: ClientUri) => textKey('l', client),
  /** To which client the Welcome for a key package goes that was handed out for a room. */
  handedOut: (room: RoomUri, ref: Uint8Array) => withBytes(textKey('w', room), ref),
  /** That a key package was handed out, and is not taken into stock again. */
  spent: (ref: Uint8Array) => withBytes(textKey('x'), ref),
  /** That a user may claim the key packages of another, in one room or (empty) any. */
  consent: (target: UserUri, requester: UserUri, room: RoomUri | '') =>
    // Three URIs can be longer than a key of the store may be.
    withBytes(textKey('n', target), hash(1, textKey(requester, room))),
  /** To which client the Welcome for a key package goes that was handed out in a set: for no room in particular. */
  handedOutRef: (ref: Uint8Array) => withBytes(textKey('y'), ref),
} as const;

/** More rows of accounts, in the same shard: what modes that hide identities need. */
export const hiddenRows = {
  /** A client's part of a set of key packages, without the key package. */
  setEntry: (user: UserUri, id: Uint8Array, client: ClientUri) =>
    textKey('a', user, toHex(id), client),
  /** The key package of a part of a set, by its ref. */
  setPackage: (ref: Uint8Array) => withBytes(textKey('b'), ref),
  /** That a set was handed out and takes no more parts. */
  closedSet: (user: UserUri, id: Uint8Array) => textKey('d', user, toHex(id)),
  /** What carries a pseudonym of a user or a client, for good. */
  pseudonym: (uri: UserUri | ClientUri) => textKey('e', uri),
  /** The hash of the token by which a user's sets are claimed. */
  claimToken: (user: UserUri) => textKey('f', user),
  /** Whose token this is or was, by its hash. */
  tokenOwner: (tokenHash: Uint8Array) => withBytes(textKey('g'), tokenHash),
  /** A claim that was accepted under a token, by the hash of its response key. */
  claim: (tokenHash: Uint8Array, keyHash: Uint8Array) =>
    withBytes(textKey('h', toHex(tokenHash)), keyHash),
  /** The card by which a user can be asked for a connection. */
  contact: (user: UserUri) => textKey('m', user),
  /** Which letters a client has got and dealt with, by their numbers. */
  letterBox: (client: ClientUri) => textKey('p', client),
  /** A letter to a client. */
  letter: (client: ClientUri, number: number) => withNumber(textKey('q', client), number),
  /** A note of a user's devices. */
  note: (user: UserUri, key: Uint8Array) => withBytes(textKey('r', user), key),
  /** How many notes a user has. */
  noteCount: (user: UserUri) => textKey('s', user),
} as const;

/** More rows of accounts, in the same shard: of a provider that does not map pseudonyms to its users. */
export const unlinkedRows = {
  /** The keys by which tokens are issued and checked. */
  issuerKeys: () => textKey('I'),
  /** The queue that a token was spent on: by the issuer's key and the token's nonce. */
  spentToken: (keyId: Uint8Array, nonce: Uint8Array) =>
    withBytes(textKey('S', toHex(keyId)), nonce),
  /** How many tokens an account was issued on its last day of asking. */
  tokensIssued: (user: UserUri) => textKey('Q', user),
  /** Under which claim token's hash a queue has its part of a set. */
  setOfQueue: (client: ClientUri) => textKey('P', client),
} as const;

/** Rows of the enterprise deployment, in the shard of accounts: docs/modes/deployments.md. */
export const enterpriseRows = {
  /** Whose a user pseudonym is. */
  owner: (pseudonym: UserUri) => textKey('owner', pseudonym),
  /** The pseudonym that a user has last declared for a room. */
  declared: (user: UserUri, room: RoomUri) => textKey('declared', user, room),
  /** An entry of the audit log, by its number. */
  audit: (seq: number) => withNumber(textKey('audit'), seq),
  /** The number and hash of the last entry. */
  auditHead: () => textKey('audit-head'),
  /** That a break-glass order was carried out, by its hash. */
  usedOrder: (orderHash: Uint8Array) => withBytes(textKey('order'), orderHash),
  /** What the hub of a room has said of the ban of a pseudonym. Three URIs can be longer than a key may be. */
  personBan: (user: UserUri, room: RoomUri, pseudonym: UserUri) =>
    withBytes(textKey('ban'), hash(1, textKey(user, room, pseudonym))),
  /** As a hub: what was asked of the provider of a banned pseudonym, and how it has kept to it. */
  ledger: (room: RoomUri, pseudonym: UserUri) =>
    withBytes(textKey('ledger'), hash(1, textKey(room, pseudonym))),
  /** As a hub: for which ledger entry a notice was made, by its hash. */
  notice: (noticeHash: Uint8Array) => withBytes(textKey('notice'), noticeHash),
} as const;

/** The range of all keys that continue `prefix`. */
export function rangeOf(prefix: Uint8Array): { from: Uint8Array; to: Uint8Array } {
  const to = prefix.slice();
  // A prefix ends in the zero octet of its last part, so that the next octet value ends the range.
  to[to.length - 1] = 1;
  return { from: prefix, to };
}

/** The prefixes over which rows are scanned. */
export const prefixes = {
  subscriptions: (client: ClientUri) => textKey('u', client),
  subscriptionEnds: (client: ClientUri) => textKey('v', client),
  mail: (client: ClientUri) => textKey('q', client),
  clientsOfUser: (user: UserUri) => textKey('o', user),
  keyPackages: (client: ClientUri) => textKey('k', client),
  events: (room: RoomUri) => textKey('e', room),
  reports: (room: RoomUri) => textKey('r', room),
  slots: (room: RoomUri, lifetime: SlotLifetime) => textKey('z', room, lifetime),
  setEntries: (user: UserUri) => textKey('a', user),
  claims: (tokenHash: Uint8Array) => textKey('h', toHex(tokenHash)),
  spentTokens: (keyId: Uint8Array) => textKey('S', toHex(keyId)),
  audit: () => textKey('audit'),
  personBans: () => textKey('ban'),
  ledger: () => textKey('ledger'),
} as const;

const decoder = new TextDecoder();

/** The last text part of a key, such as the room of a subscription or the client of a user. */
export function lastPart(key: Uint8Array): string {
  const text = decoder.decode(key);
  return text.slice(text.lastIndexOf('\0', text.length - 2) + 1, -1);
}

/** The id of the set and the client of a `setEntry` key. */
export function setEntryOf(key: Uint8Array): { id: Uint8Array; client: ClientUri } {
  const [, , id = '', client = ''] = decoder.decode(key).split('\0');
  return { id: fromHex(id), client: client as ClientUri };
}

/** The number at the end of a key. */
export function lastNumber(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return Number(view.getBigUint64(key.byteLength - 8));
}

// Join links: docs/modes, "Join links". The link carries the secret s in its fragment, which no server gets;
// everything else of a link follows from s: what members post for joiners (R), the joiner's proof, the hub's token.
//   mimi-link:<percent-encoded room>?mode=<mode>&id=<hex>&from=<epoch>#<hex of s>
//   struct { uint64 epoch; opaque context_hash[32]; opaque epoch_key<V>; optional<opaque<V>> wrapper;
//     struct { opaque id<V>; opaque secret[32]; } secrets<V>;
//     optional<struct { opaque group_info<V>; opaque ratchet_tree<V>; }> state; } JoinRecord;

import { hash } from '../../mls/index.ts';
import {
  asRoomUri,
  decodeGroupInfo,
  decodePathUri,
  decoder,
  encodePathUri,
  encoder,
  type Reader,
  type RoomUri,
  WireError,
  type Writer,
} from '../../wire/index.ts';
import { refused } from '../errors.ts';
import { contextHash } from './announcement.ts';
import { pad, unpad } from './padding.ts';
import {
  checkSecret,
  child,
  equalInConstantTime,
  labelledMac,
  openSecret,
  openUnder,
  randomBytes,
  randomSecret,
  sealUnder,
} from './seal.ts';
import {
  decoding,
  fromHex,
  HASH_SUITE,
  hex,
  KEY_BYTES,
  labelled,
  STRUCT_LIMITS,
  sameBytes,
} from './structs.ts';

const LINK_ID_BYTES = 16;
const RECORD = 'join record';
const MEMBERS = 'join link secret for members';
const PROOF = 'join proof';

export interface JoinLink {
  readonly room: RoomUri;
  /** The name of the room's mode, so that who joins knows by which credential. */
  readonly mode: string;
  /** 16 random bytes. */
  readonly id: Uint8Array;
  /** A joiner refuses state of an older epoch. */
  readonly epochFloor: bigint;
  /** s, 32 random bytes. */
  readonly secret: Uint8Array;
}

/** A link with a fresh id and secret. */
export function createLink(room: RoomUri, mode: string, epochFloor: bigint): JoinLink {
  return { room, mode, id: randomBytes(LINK_ID_BYTES), epochFloor, secret: randomSecret() };
}

/** What the room state holds of s, 32 bytes. */
export function secretHash(secret: Uint8Array): Uint8Array {
  checkSecret(secret, 'secret');
  return hash(
    HASH_SUITE,
    labelled('join link secret', (writer) => writer.fixed(secret, KEY_BYTES, 'secret')),
  );
}

/** What the hub is shown, 32 bytes, before it hands out R and accepts the join; s does not follow from it. */
export function linkToken(secret: Uint8Array): Uint8Array {
  return child(secret, 'join link token');
}

/** Throws PrivacyError `invalidArgument`. */
export function encodeLink({ room, mode, id, epochFloor, secret }: JoinLink): string {
  checkSecret(secret, 'secret');
  if (id.length !== LINK_ID_BYTES) throw refused('invalidArgument', 'id');
  if (!modePattern.test(mode)) throw refused('invalidArgument', 'mode');
  const query = `mode=${mode}&id=${hex(id)}&from=${epochFloor}`;
  return `mimi-link:${encodePathUri(room)}?${query}#${hex(secret)}`;
}

/** A mode's name, as the registry takes it. */
const modePattern = /^[a-z][a-z0-9-]{0,63}$/;
const linkPattern =
  /^mimi-link:([^?#]{1,1024})\?mode=([a-z][a-z0-9-]{0,63})&id=([0-9a-f]{32})&from=(0|[1-9][0-9]{0,19})#([0-9a-f]{64})$/;
const MAX_LINK = 1200;
const MAX_EPOCH = 0xffff_ffff_ffff_ffffn;

/** Throws PrivacyError `malformed`. The error holds nothing of the text, which has the secret in it. */
export function parseLink(text: string): JoinLink {
  const match = text.length > MAX_LINK ? null : linkPattern.exec(text);
  if (match === null) throw refused('malformed', 'link');
  const [, room = '', mode = '', id = '', from = '', secret = ''] = match;
  const epochFloor = BigInt(from);
  if (epochFloor > MAX_EPOCH) throw refused('malformed', 'link');
  return { room: roomOf(room), mode, id: fromHex(id), epochFloor, secret: fromHex(secret) };
}

function roomOf(segment: string): RoomUri {
  try {
    const room = asRoomUri(decodePathUri(segment));
    // One link has one spelling.
    if (encodePathUri(room) !== segment) throw refused('malformed', 'link');
    return room;
  } catch (error) {
    if (error instanceof WireError) throw refused('malformed', 'link');
    throw error;
  }
}

/** R: what a joiner needs of the epoch. */
export interface JoinRecord {
  readonly epoch: bigint;
  /** `contextHash` of the epoch's GroupContext, 32 bytes. */
  readonly contextHash: Uint8Array;
  /** The epoch's public key. */
  readonly epochKey: Uint8Array;
  /** W, 32 bytes; in modes with pseudonyms. */
  readonly wrapper?: Uint8Array | undefined;
  /** The secrets of all links that live: a member that joins by one must be able to judge who joins by another. */
  readonly secrets: readonly { readonly id: Uint8Array; readonly value: Uint8Array }[];
  /** Where the hub cannot have them (members-only): the GroupInfo and the ratchet tree. */
  readonly state?: { readonly groupInfo: Uint8Array; readonly ratchetTree: Uint8Array } | undefined;
}

const encodeRecord = encoder((writer: Writer, value: JoinRecord) => {
  writer.u64(value.epoch, 'epoch');
  writer.fixed(value.contextHash, KEY_BYTES, 'contextHash');
  writer.opaque(value.epochKey, 'epochKey');
  writer.optional(value.wrapper, (to, wrapper) => to.fixed(wrapper, KEY_BYTES, 'wrapper'));
  writer.list(value.secrets, 'secrets', (to, { id, value: secret }) => {
    to.opaque(id, 'id');
    to.fixed(secret, KEY_BYTES, 'secret');
  });
  writer.optional(value.state, (to, { groupInfo, ratchetTree }) => {
    to.opaque(groupInfo, 'groupInfo');
    to.opaque(ratchetTree, 'ratchetTree');
  });
});

const decodeRecord = decoder(
  (reader: Reader): JoinRecord => ({
    epoch: reader.u64('epoch'),
    contextHash: reader.fixed(KEY_BYTES, 'contextHash'),
    epochKey: reader.opaque('epochKey'),
    wrapper: reader.optional('wrapper', (item) => item.fixed(KEY_BYTES, 'wrapper')),
    secrets: reader.list('secrets', (item) => ({
      id: item.opaque('id').slice(),
      value: item.fixed(KEY_BYTES, 'secret').slice(),
    })),
    state: reader.optional('state', (item) => ({
      groupInfo: item.opaque('groupInfo'),
      ratchetTree: item.opaque('ratchetTree'),
    })),
  }),
);

/** A link in its room. */
export interface LinkSlot {
  readonly groupId: Uint8Array;
  /** The link's id. */
  readonly linkId: Uint8Array;
}

const encodeSlot = encoder((writer: Writer, { groupId, linkId }: LinkSlot) => {
  writer.opaque(groupId, 'groupId');
  writer.opaque(linkId, 'linkId');
});

/** Seals R, padded, under s. Throws PrivacyError `invalidArgument`, `tooLarge`. */
export function sealJoinRecord(slot: LinkSlot, secret: Uint8Array, record: JoinRecord): Uint8Array {
  const plaintext = pad(encodeRecord(record));
  return sealUnder(child(secret, RECORD), RECORD, encodeSlot(slot), plaintext);
}

/**
 * Opens R, which must not be older than the link's floor.
 * Throws PrivacyError `malformed`, `undecryptable`, `badPadding`, `outdated`.
 */
export function openJoinRecord(
  slot: LinkSlot,
  link: Pick<JoinLink, 'secret' | 'epochFloor'>,
  sealed: Uint8Array,
): JoinRecord {
  const padded = openUnder(child(link.secret, RECORD), RECORD, encodeSlot(slot), sealed);
  const record = decoding('JoinRecord', () => decodeRecord(unpad(padded), STRUCT_LIMITS));
  if (record.epoch < link.epochFloor) throw refused('outdated', 'epochFloor');
  return record;
}

/**
 * Checks that a GroupInfo struct, from whomever, is of the state that R names; its signature is the core's to verify.
 * Throws PrivacyError `malformed`, `wrongContext` (rule: groupId, epoch, contextHash).
 */
export function checkGroupInfo(
  record: JoinRecord,
  groupId: Uint8Array,
  groupInfo: Uint8Array,
): void {
  const view = decoding('GroupInfo', () => decodeGroupInfo(groupInfo));
  if (!sameBytes(view.groupId, groupId)) throw refused('wrongContext', 'groupId');
  if (view.epoch !== record.epoch) throw refused('wrongContext', 'epoch');
  if (!sameBytes(contextHash(view.groupContext.bytes), record.contextHash)) {
    throw refused('wrongContext', 'contextHash');
  }
}

/** A join by a link, as the proof in the joiner's leaf binds it. */
export interface JoinClaim extends LinkSlot {
  /** The epoch in which the joiner's commit is sent. */
  readonly epoch: bigint;
  /** Of the joiner's leaf. */
  readonly leafSignatureKey: Uint8Array;
}

/** Shows members that the joiner has s, 32 bytes: of use for this leaf, epoch and room only. */
export function joinProof(secret: Uint8Array, claim: JoinClaim): Uint8Array {
  return labelledMac(child(secret, PROOF), PROOF, (writer) => {
    writer.opaque(claim.groupId, 'groupId');
    writer.u64(claim.epoch, 'epoch');
    writer.opaque(claim.leafSignatureKey, 'leafSignatureKey');
    writer.opaque(claim.linkId, 'linkId');
  });
}

/** Throws PrivacyError `badMac`. Whether the link is alive is for the caller to know. */
export function verifyJoinProof(secret: Uint8Array, claim: JoinClaim, proof: Uint8Array): void {
  if (!equalInConstantTime(joinProof(secret, claim), proof)) throw refused('badMac', PROOF);
}

/** Seals s for the members, under W or, where there is none, another secret of theirs (32 bytes). */
export function sealSecretForMembers(
  slot: LinkSlot,
  membersKey: Uint8Array,
  secret: Uint8Array,
): Uint8Array {
  checkSecret(secret, 'secret');
  return sealUnder(child(membersKey, MEMBERS), MEMBERS, encodeSlot(slot), secret);
}

/**
 * Opens what `sealSecretForMembers` sealed; `expectedHash` is what the room state holds of the link.
 * Throws PrivacyError `malformed`, `undecryptable`, `wrongSecret`.
 */
export function openSecretForMembers(
  slot: LinkSlot,
  membersKey: Uint8Array,
  expectedHash: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  const secret = openSecret(child(membersKey, MEMBERS), MEMBERS, encodeSlot(slot), sealed);
  if (!equalInConstantTime(secretHash(secret), expectedHash)) {
    throw refused('wrongSecret', 'secretHash');
  }
  return secret;
}

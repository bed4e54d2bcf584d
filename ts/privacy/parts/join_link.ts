// Join links: docs/modes, "Join links". The link carries the secret s in its fragment, which no server gets. Two key pairs
// and a token follow from s. Members have the public keys: they seal state for joiners (R) to one, and check a joiner's
// proof with the other, without s; so who is removed takes no link along but those it has made itself.
//   mimi-link:<percent-encoded room>?mode=<mode>&id=<hex>&from=<epoch>#<hex of s>
//   struct { opaque slot[32]; opaque signature_key<V>; opaque sealing_key<V>; } LinkPublic;
//   struct { uint64 epoch; opaque context_hash[32]; opaque epoch_key<V>; optional<opaque<V>> wrapper;
//     optional<struct { opaque group_info<V>; opaque ratchet_tree<V>; }> state; } JoinRecord;

import {
  type CipherSuite,
  deriveHpkeKeyPair,
  deriveSignatureKeyPair,
  type KeyPair,
} from '../../mls/index.ts';
import {
  asRoomUri,
  decodeGroupInfo,
  decodeHpkeCiphertext,
  decodePathUri,
  decoder,
  encodeHpkeCiphertext,
  encodePathUri,
  encoder,
  type Reader,
  type RoomUri,
  WireError,
  type Writer,
} from '../../wire/index.ts';
import { refused } from '../errors.ts';
import { contextHash } from './announcement.ts';
import { checkSignature, fullLabel, openWith, sealTo, signerOf } from './hpke.ts';
import { pad, unpad } from './padding.ts';
import { checkSecret, child, randomBytes, randomSecret } from './seal.ts';
import {
  decoding,
  fromHex,
  hex,
  KEY_BYTES,
  labelled,
  labelledHash,
  STRUCT_LIMITS,
  sameBytes,
} from './structs.ts';

const LINK_ID_BYTES = 16;
const RECORD = 'join record';
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

/**
 * What the room state holds of a link: nothing by which anybody could use it. Members write to those who join by it, and
 * check that a joiner has it, without knowing s.
 */
export interface LinkPublic {
  /** Names the slot of R; only who has the link can tell it before. */
  readonly slot: Uint8Array;
  /** Verifies the joiner's proof. */
  readonly signatureKey: Uint8Array;
  /** HPKE: R is sealed to it. */
  readonly sealingKey: Uint8Array;
}

const encodePublic = encoder((writer: Writer, value: LinkPublic) => {
  writer.fixed(value.slot, KEY_BYTES, 'slot');
  writer.opaque(value.signatureKey, 'signatureKey');
  writer.opaque(value.sealingKey, 'sealingKey');
});

const decodePublic = decoder(
  (reader: Reader): LinkPublic => ({
    slot: reader.fixed(KEY_BYTES, 'slot'),
    signatureKey: reader.opaque('signatureKey'),
    sealingKey: reader.opaque('sealingKey'),
  }),
);

function signingKeys(suite: CipherSuite, secret: Uint8Array): KeyPair {
  return deriveSignatureKeyPair(suite, child(secret, 'join link signature'));
}

function sealingKeys(suite: CipherSuite, secret: Uint8Array): KeyPair {
  return deriveHpkeKeyPair(suite, child(secret, 'join link seal'));
}

/** The public part of a link in a room of this suite. Throws PrivacyError `invalidArgument`. */
export function linkPublic(suite: CipherSuite, secret: Uint8Array): Uint8Array {
  checkSecret(secret, 'secret');
  const signatureKey = signingKeys(suite, secret).publicKey;
  const sealingKey = sealingKeys(suite, secret).publicKey;
  return encodePublic({ slot: joinTokenSlot(linkToken(secret)), signatureKey, sealingKey });
}

/** Throws PrivacyError `malformed`. */
export function decodeLinkPublic(bytes: Uint8Array): LinkPublic {
  return decoding('LinkPublic', () => decodePublic(bytes));
}

/** The name of the slot for a link, 32 bytes; whoever shows the token it comes from has the link. */
export function joinTokenSlot(token: Uint8Array): Uint8Array {
  return labelledHash('join link slot', (writer) => writer.opaque(token, 'token'));
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
  /** Where the hub cannot have them (members-only): the GroupInfo and the ratchet tree. */
  readonly state?: { readonly groupInfo: Uint8Array; readonly ratchetTree: Uint8Array } | undefined;
}

const encodeRecord = encoder((writer: Writer, value: JoinRecord) => {
  writer.u64(value.epoch, 'epoch');
  writer.fixed(value.contextHash, KEY_BYTES, 'contextHash');
  writer.opaque(value.epochKey, 'epochKey');
  writer.optional(value.wrapper, (to, wrapper) => to.fixed(wrapper, KEY_BYTES, 'wrapper'));
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

const recordContext = (slot: LinkSlot): Uint8Array =>
  labelled(RECORD, (writer) => writer.opaque(encodeSlot(slot), 'slot'));

/** What the seal, the slot and the hub's part take around R: 201 bytes in suite 2, whose keys are the longest. */
const ROOM = 256;

/** Seals R, padded, to a link's sealing key. Throws PrivacyError `badKey`, `tooLarge`. */
export function sealJoinRecord(
  suite: CipherSuite,
  slot: LinkSlot,
  { sealingKey }: Pick<LinkPublic, 'sealingKey'>,
  record: JoinRecord,
): Uint8Array {
  const plaintext = pad(encodeRecord(record), ROOM);
  return encodeHpkeCiphertext(sealTo(suite, sealingKey, RECORD, recordContext(slot), plaintext));
}

/**
 * Opens R, which must not be older than the link's floor.
 * Throws PrivacyError `malformed`, `undecryptable`, `badPadding`, `outdated`.
 */
export function openJoinRecord(
  suite: CipherSuite,
  slot: LinkSlot,
  link: Pick<JoinLink, 'secret' | 'epochFloor'>,
  sealed: Uint8Array,
): JoinRecord {
  const ciphertext = decoding('SealedRecord', () => decodeHpkeCiphertext(sealed, STRUCT_LIMITS));
  const { privateKey } = sealingKeys(suite, link.secret);
  const padded = openWith(suite, privateKey, RECORD, recordContext(slot), ciphertext);
  privateKey.fill(0);
  const record = decoding('JoinRecord', () => decodeRecord(unpad(padded, ROOM), STRUCT_LIMITS));
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

const claimContent = (claim: JoinClaim): Uint8Array =>
  labelled(PROOF, (writer) => {
    writer.opaque(claim.groupId, 'groupId');
    writer.u64(claim.epoch, 'epoch');
    writer.opaque(claim.leafSignatureKey, 'leafSignatureKey');
    writer.opaque(claim.linkId, 'linkId');
  });

/** Shows hub and members that the joiner has s: a signature, of use for this leaf, epoch and room only. */
export function joinProof(suite: CipherSuite, secret: Uint8Array, claim: JoinClaim): Uint8Array {
  const { privateKey } = signingKeys(suite, secret);
  const proof = signerOf(suite, privateKey)(fullLabel(PROOF), claimContent(claim));
  privateKey.fill(0);
  return proof;
}

/** Throws PrivacyError `badSignature`. Whether the link is alive is for the caller to know. */
export function verifyJoinProof(
  suite: CipherSuite,
  { signatureKey }: Pick<LinkPublic, 'signatureKey'>,
  claim: JoinClaim,
  proof: Uint8Array,
): void {
  checkSignature(suite, signatureKey, PROOF, claimContent(claim), proof);
}

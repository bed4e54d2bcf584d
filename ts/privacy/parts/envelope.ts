// The hub-visible envelope of every handshake: docs/modes, "hub-visible". Hub and members each get k, and
// the commitment c in the header makes sure that they read the same bytes; followers see group id, epoch, content type
// and size class.
//   struct { opaque group_id<V>; uint64 epoch; ContentType content_type; opaque hub_key_id<V>; opaque commitment[32];
//     HPKECiphertext wrap_hub; HPKECiphertext wraps_members<V>; opaque ciphertext<V>; } Envelope;

import type { CipherSuite, HpkeCiphertext } from '../../mls/index.ts';
import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import { PrivacyError, refused } from '../errors.ts';
import {
  type CommittedSeal,
  checkCommitment,
  type HandshakeType,
  handshakeTypes,
  headerOf,
  type OpenedContent,
  openCommitted,
  type SealedHandshake,
  sealCommitted,
} from './committed_seal.ts';
import { openWith, sealTo } from './hpke.ts';
import { decoding, KEY_BYTES, readHpke, STRUCT_LIMITS, sameBytes, writeHpke } from './structs.ts';

const LABEL = 'envelope';
const FOR_HUB = 'hub';
const FOR_MEMBERS = 'members';

/** As many announced keys as a hub keeps of an epoch. */
export const MAX_MEMBER_KEYS = 4;

export interface Envelope extends SealedHandshake, CommittedSeal {
  readonly wrapHub: HpkeCiphertext;
  /** One for each key that may be the epoch's. */
  readonly wrapsMembers: readonly HpkeCiphertext[];
}

export interface SealInput {
  /** Of the room. */
  readonly suite: CipherSuite;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentType: HandshakeType;
  /** Of the hub's key, whatever that of the room. */
  readonly hubSuite: CipherSuite;
  /** Which of the hub's keys `hubKey` is. */
  readonly hubKeyId: Uint8Array;
  readonly hubKey: Uint8Array;
  /** The epoch's public key; for a sender who is no member every distinct one announced, from 1 to 4. */
  readonly memberKeys: readonly Uint8Array[];
  /** An MLSMessage that carries a PublicMessage of this group, epoch and content type; empty for `slots`. */
  readonly message: Uint8Array;
  /** What goes with it and is no part of MLS, in the form of the mode. */
  readonly attached?: Uint8Array | undefined;
}

/** Throws PrivacyError `invalidArgument`, `malformed`, `wrongContent`, `badKey`, `tooLarge`. */
export function sealEnvelope(input: SealInput): Uint8Array {
  const { suite, groupId, epoch, contentType, hubKeyId: keyId } = input;
  const clear = { groupId, epoch, contentType, keyId };
  const { message, attached = new Uint8Array() } = input;
  const { key, header, ...seal } = sealCommitted(LABEL, clear, { message, attached });
  const wrapHub = sealTo(input.hubSuite, input.hubKey, FOR_HUB, header, key);
  const wrapsMembers = wrapForMembers(suite, input.memberKeys, header, key);
  key.fill(0);
  return encode({ ...clear, ...seal, wrapHub, wrapsMembers });
}

function wrapForMembers(
  suite: CipherSuite,
  keys: readonly Uint8Array[],
  header: Uint8Array,
  key: Uint8Array,
): HpkeCiphertext[] {
  if (keys.length < 1 || keys.length > MAX_MEMBER_KEYS) {
    throw refused('invalidArgument', 'memberKeys');
  }
  return keys.map((publicKey) => sealTo(suite, publicKey, FOR_MEMBERS, header, key));
}

const encode = encoder((writer: Writer, value: Envelope) => {
  writer.opaque(value.groupId, 'groupId');
  writer.u64(value.epoch, 'epoch');
  writer.enum8(handshakeTypes, value.contentType, 'contentType');
  writer.opaque(value.keyId, 'hubKeyId');
  writer.fixed(value.commitment, KEY_BYTES, 'commitment');
  writeHpke(writer, value.wrapHub);
  writer.list(value.wrapsMembers, 'wrapsMembers', writeHpke);
  writer.opaque(value.ciphertext, 'ciphertext');
});

const decode = decoder(
  (reader: Reader): Envelope => ({
    groupId: reader.opaque('groupId'),
    epoch: reader.u64('epoch'),
    contentType: reader.enum8(handshakeTypes, 'contentType'),
    keyId: reader.opaque('hubKeyId'),
    commitment: reader.fixed(KEY_BYTES, 'commitment'),
    wrapHub: reader.struct('wrapHub', readHpke),
    wrapsMembers: reader.list('wrapsMembers', readHpke),
    ciphertext: reader.opaque('ciphertext'),
  }),
);

/** What everybody sees of an envelope. Throws PrivacyError `malformed`. */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const envelope = decoding('Envelope', () => decode(bytes, STRUCT_LIMITS));
  const { length } = envelope.wrapsMembers;
  if (length < 1 || length > MAX_MEMBER_KEYS) throw refused('malformed', 'wrapsMembers');
  return envelope;
}

/** For whom and when an envelope is opened: one of another room or epoch is refused before it is decrypted. */
export interface OpenInput {
  /** Of the private key. */
  readonly suite: CipherSuite;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** Of the hub key that the envelope names, or of the epoch. */
  readonly privateKey: Uint8Array;
}

export interface OpenedEnvelope extends OpenedContent {
  /** k, 32 bytes: whoever has it can seal it again for members who could not open theirs. */
  readonly key: Uint8Array;
}

/**
 * What the hub reads. Throws PrivacyError `malformed`, `wrongContext` (rule: groupId, epoch), `undecryptable`,
 * `badCommitment`, `badPadding`, `wrongContent`.
 */
export function openAsHub(input: OpenInput, bytes: Uint8Array): OpenedEnvelope {
  const envelope = decodeFor(input, bytes);
  const header = headerOf(LABEL, envelope);
  const key = openWith(input.suite, input.privateKey, FOR_HUB, header, envelope.wrapHub);
  return { ...openCommitted(LABEL, envelope, key), key };
}

/** What a member reads; throws as `openAsHub` does. After `undecryptable` and `badCommitment` the hub can reseal. */
export function openAsMember(input: OpenInput, bytes: Uint8Array): OpenedEnvelope {
  const envelope = decodeFor(input, bytes);
  const header = headerOf(LABEL, envelope);
  let last: PrivacyError | undefined;
  for (const wrap of envelope.wrapsMembers) {
    try {
      const key = openWith(input.suite, input.privateKey, FOR_MEMBERS, header, wrap);
      return { ...openCommitted(LABEL, envelope, key), key };
    } catch (error) {
      if (!(error instanceof PrivacyError)) throw error;
      // What went wrong behind the right key says more than the wraps for other keys.
      if (last === undefined || last.code === 'undecryptable') last = error;
    }
  }
  throw last ?? refused('undecryptable', FOR_MEMBERS);
}

function decodeFor(input: OpenInput, bytes: Uint8Array): Envelope {
  const envelope = decodeEnvelope(bytes);
  if (!sameBytes(envelope.groupId, input.groupId)) throw refused('wrongContext', 'groupId');
  if (envelope.epoch !== input.epoch) throw refused('wrongContext', 'epoch');
  return envelope;
}

/**
 * The envelope with k sealed anew for the members, all else unchanged: by the hub, on complaint of a member who could
 * not open its own. Throws PrivacyError `malformed`, `badCommitment`, `badKey`, `invalidArgument`.
 */
export function reseal(
  suite: CipherSuite,
  bytes: Uint8Array,
  key: Uint8Array,
  memberKeys: readonly Uint8Array[],
): Uint8Array {
  const envelope = decodeEnvelope(bytes);
  checkCommitment(LABEL, envelope, key);
  const header = headerOf(LABEL, envelope);
  const wrapsMembers = wrapForMembers(suite, memberKeys, header, key);
  return encode({ ...envelope, wrapsMembers });
}

// A seal with key commitment, under a key k that is then wrapped for each party: docs/modes, "hub-visible".
// ChaCha20-Poly1305, like AES-GCM, can be made to open to two texts under two keys. Here the header holds
// c = Expand(k, base), so that parties who find the same c have the same k, and with it the same bytes.
//   struct { opaque label<V>; opaque group_id<V>; uint64 epoch; ContentType content_type; opaque key_id<V>; } Base;
//   struct { opaque label<V>; opaque base<V>; opaque commitment[32]; } Header;
//   struct { opaque message<V>; opaque attached<V>; } SealedContent;

import {
  type ContentType,
  decodeMlsMessage,
  decoder,
  encoder,
  enumTable,
  type PublicMessageView,
  type Reader,
  type Writer,
} from '../../wire/index.ts';
import { refused } from '../errors.ts';
import { handshakeClass, pad, unpad } from './padding.ts';
import {
  child,
  equalInConstantTime,
  NONCE_BYTES,
  openAead,
  randomSecret,
  sealOnce,
} from './seal.ts';
import { decoding, KEY_BYTES, labelled, STRUCT_LIMITS, sameBytes } from './structs.ts';

/** A proposal or a commit, as in MLS; or no handshake, but what members leave for each other at the hub. */
export type HandshakeType = Exclude<ContentType, 'application'> | 'slots';

/** The values of ContentType in RFC 9420, section 6, and one of ours that is far from them. */
export const handshakeTypes = enumTable({ proposal: 2, commit: 3, slots: 0xe0 });

/** What a handshake says in the clear, and what its seal is bound to. */
export interface SealedHandshake {
  readonly groupId: Uint8Array;
  /** The epoch in which it was sent. */
  readonly epoch: bigint;
  readonly contentType: HandshakeType;
  /** The key of a party that is wrapped for beside the members; empty where there is none. */
  readonly keyId: Uint8Array;
}

export interface CommittedSeal {
  /** c, 32 bytes. */
  readonly commitment: Uint8Array;
  /** The padded message, and a tag of 16 bytes. */
  readonly ciphertext: Uint8Array;
}

function baseOf(label: string, value: SealedHandshake): Uint8Array {
  return labelled(`${label} base`, (writer) => {
    writer.opaque(value.groupId, 'groupId');
    writer.u64(value.epoch, 'epoch');
    writer.enum8(handshakeTypes, value.contentType, 'contentType');
    writer.opaque(value.keyId, 'keyId');
  });
}

/** What is sealed. */
export interface SealedContent {
  /** An MLSMessage that carries a PublicMessage; empty for `slots`. */
  readonly message: Uint8Array;
  /** What goes with it and is no part of MLS, in the form of the mode; may be empty. */
  readonly attached: Uint8Array;
}

export interface OpenedContent {
  /** Absent for `slots`. */
  readonly message: PublicMessageView | undefined;
  readonly attached: Uint8Array;
}

const encodeContent = encoder((writer: Writer, value: SealedContent) => {
  writer.opaque(value.message, 'message');
  writer.opaque(value.attached, 'attached');
});

const decodeContent = decoder(
  (reader: Reader): SealedContent => ({
    message: reader.opaque('message'),
    attached: reader.opaque('attached'),
  }),
);

/** The context for wrapping k: base and commitment. */
export function headerOf(
  label: string,
  value: SealedHandshake & { readonly commitment: Uint8Array },
): Uint8Array {
  return labelled(`${label} header`, (writer) => {
    writer.opaque(baseOf(label, value), 'base');
    writer.fixed(value.commitment, KEY_BYTES, 'commitment');
  });
}

// k seals once, so that nonce and key may both follow from it.
const onceOf = (label: string, key: Uint8Array, header: Uint8Array) => ({
  key: child(key, `${label} key`, header),
  nonce: child(key, `${label} nonce`, header, NONCE_BYTES),
  aad: header,
});

/**
 * Seals under a fresh k (32 bytes). Throws PrivacyError `malformed`, `wrongContent` for a message that is not what
 * `value` says, `tooLarge`.
 */
export function sealCommitted(
  label: string,
  value: SealedHandshake,
  content: SealedContent,
): CommittedSeal & { readonly key: Uint8Array; readonly header: Uint8Array } {
  readMessage(value, content.message);
  const key = randomSecret();
  const commitment = child(key, `${label} commitment`, baseOf(label, value));
  const header = headerOf(label, { ...value, commitment });
  const ciphertext = sealOnce(
    onceOf(label, key, header),
    pad(encodeContent(content), 0, handshakeClass),
  );
  return { key, header, commitment, ciphertext };
}

/** Throws PrivacyError `badCommitment` unless the header commits to k. */
export function checkCommitment(
  label: string,
  value: SealedHandshake & CommittedSeal,
  key: Uint8Array,
): void {
  if (key.length !== KEY_BYTES) throw refused('badCommitment', label);
  const commitment = child(key, `${label} commitment`, baseOf(label, value));
  if (!equalInConstantTime(commitment, value.commitment)) throw refused('badCommitment', label);
}

/**
 * The content, once k is known to be the one that was committed to. Throws PrivacyError `badCommitment`,
 * `undecryptable`, `badPadding`, `malformed`, `wrongContent` (rule: wireFormat, groupId, epoch, contentType).
 */
export function openCommitted(
  label: string,
  value: SealedHandshake & CommittedSeal,
  key: Uint8Array,
): OpenedContent {
  checkCommitment(label, value, key);
  const header = headerOf(label, value);
  const padded = openAead(onceOf(label, key, header), label, value.ciphertext);
  const { message, attached } = decoding('SealedContent', () =>
    decodeContent(unpad(padded, 0, handshakeClass), STRUCT_LIMITS),
  );
  return { message: readMessage(value, message), attached };
}

function readMessage(value: SealedHandshake, message: Uint8Array): PublicMessageView | undefined {
  if (value.contentType === 'slots') {
    if (message.length > 0) throw refused('wrongContent', 'contentType');
    return undefined;
  }
  const view = decoding('MLSMessage', () => decodeMlsMessage(message));
  if (view.wireFormat !== 'publicMessage') throw refused('wrongContent', 'wireFormat');
  if (!sameBytes(view.groupId, value.groupId)) throw refused('wrongContent', 'groupId');
  if (view.epoch !== value.epoch) throw refused('wrongContent', 'epoch');
  if (view.contentType !== value.contentType) throw refused('wrongContent', 'contentType');
  return view;
}

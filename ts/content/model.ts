// A MIMI content message as programs see it: draft-ietf-mimi-content, tags -04 and -08. The two profiles share parts
// and behaviour fields; what only one has is optional here and checked by the codec.

import type { Extensions } from './extensions.ts';
import type { Profile } from './profile.ts';

export type { Profile } from './profile.ts';

/** 32 bytes; what it is a hash of depends on the profile, see message_id.ts. */
export type MessageId = Uint8Array;

/** The values of `disposition`, "MIMI Content Disposition registry". */
export const Disposition = {
  unspecified: 0,
  render: 1,
  reaction: 2,
  profile: 3,
  inline: 4,
  icon: 5,
  attachment: 6,
  session: 7,
  preview: 8,
} as const;

/** How the parts of a MultiPart belong together. */
export const PartSemantics = { chooseOne: 0, singleUnit: 1, processAll: 2 } as const;
export type PartSemanticsName = keyof typeof PartSemantics;

interface PartFields {
  /** 0 to 255; values that are not in `Disposition` are to be treated as `render`. */
  readonly disposition: number;
  /** Empty, or language tags of BCP 47, separated by commas. */
  readonly language: string;
  /** Zero-based, depth-first. On the wire in draft04 only; counted by the decoder in both profiles. */
  readonly index: number;
}

/** Nothing: the body of a deletion or an unlike. */
export interface NullPart extends PartFields {
  readonly kind: 'null';
}

export interface SinglePart extends PartFields {
  readonly kind: 'single';
  /** A media type, with its parameters. */
  readonly contentType: string;
  /** A view of the message's bytes. */
  readonly content: Uint8Array;
}

/** Content that lies elsewhere; attachment/ encrypts and decrypts it. */
export interface ExternalPart extends PartFields {
  readonly kind: 'external';
  readonly contentType: string;
  readonly url: string;
  /** When the content is gone, in seconds since the epoch; 0: never. */
  readonly expires: number;
  /** Bytes; 0: not told. A bigint above 2^53 − 1. */
  readonly size: number | bigint;
  /** An IANA AEAD algorithm; 0: not encrypted. */
  readonly encAlg: number;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
  /** An IANA Named Information hash algorithm; 0: no hash. */
  readonly hashAlg: number;
  /** Over what lies at `url`, which is the ciphertext. */
  readonly contentHash: Uint8Array;
  readonly description: string;
  /** A suggestion; empty in draft04, which has none. */
  readonly filename: string;
}

export interface MultiPart extends PartFields {
  readonly kind: 'multi';
  readonly semantics: PartSemanticsName;
  /** Two or more. */
  readonly parts: readonly NestedPart[];
}

export type NestedPart = NullPart | SinglePart | ExternalPart | MultiPart;

/** When a message is to be deleted, as its sender hints. */
export interface Expiration {
  /** Whether `seconds` count from reading the message (draft08 only), or since the epoch. */
  readonly relative: boolean;
  /** 0 to 2^32 − 1. */
  readonly seconds: number;
}

/** What a reply refers to. */
export interface ReplyReference {
  readonly messageId: MessageId;
  /** Of the container that is replied to; draft04 only. */
  readonly hashAlg?: number | undefined;
  readonly hash?: Uint8Array | undefined;
}

/** One message. */
export interface MimiContent {
  readonly profile: Profile;
  /** 16 random bytes; draft08 only. */
  readonly salt?: Uint8Array | undefined;
  /** The first version of the message that this one replaces. */
  readonly replaces?: MessageId | undefined;
  /** Empty: no topic. */
  readonly topicId: Uint8Array;
  /** Undefined: never. */
  readonly expires?: Expiration | undefined;
  readonly inReplyTo?: ReplyReference | undefined;
  /** The latest messages that the sender knew of; draft04 only, else empty. */
  readonly lastSeen: readonly MessageId[];
  readonly extensions: Extensions;
  readonly body: NestedPart;
}

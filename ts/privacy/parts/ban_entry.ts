// A sealed ban entry: the real user behind a banned pseudonym, and the key of one of its identity links as the proof, under
// a wrapper key. docs/modes/deployments.md, "Sealed ban entries".
//   struct { opaque real_user<V>; opaque link_key[32]; } BanContent;                       padded to 512 bytes
//   struct { opaque group_id<V>; opaque pseudonym<V>; } BanContext;

import {
  asUserUri,
  decoder,
  encoder,
  type Reader,
  type UserUri,
  type Writer,
} from '../../wire/index.ts';
import { padTo, unpadFrom } from './padding.ts';
import { child, openUnder, sealUnder } from './seal.ts';
import { decoding, KEY_BYTES, readUri } from './structs.ts';
import { generationId } from './wrapper.ts';

const LABEL = 'ban entry';
/** More than the real credential in an identity link may have, so that no name shows by its length. */
const PLAINTEXT_BYTES = 512;

/** Who is banned. */
export interface BanContent {
  readonly real: UserUri;
  /** k of a client that the pseudonym had: with the client's credential it shows that the name is true. */
  readonly linkKey: Uint8Array;
}

/** Whose entry it is, and in which room. */
export interface BanPlace {
  readonly groupId: Uint8Array;
  readonly pseudonym: string;
}

const encodeContent = encoder((writer: Writer, { real, linkKey }: BanContent) => {
  writer.text(real, 'real_user');
  writer.fixed(linkKey, KEY_BYTES, 'link_key');
});

const decodeContent = decoder(
  (reader: Reader): BanContent => ({
    real: readUri(reader, 'real_user', asUserUri),
    linkKey: reader.fixed(KEY_BYTES, 'link_key').slice(),
  }),
);

const encodeContext = encoder((writer: Writer, { groupId, pseudonym }: BanPlace) => {
  writer.opaque(groupId, 'group_id');
  writer.text(pseudonym, 'pseudonym');
});

/** Seals an entry under a wrapper key; all entries have the same length. Throws PrivacyError `tooLarge`. */
export function sealBanEntry(
  wrapper: Uint8Array,
  place: BanPlace,
  content: BanContent,
): { readonly generation: Uint8Array; readonly sealed: Uint8Array } {
  const plaintext = padTo(encodeContent(content), PLAINTEXT_BYTES);
  const sealed = sealUnder(child(wrapper, LABEL), LABEL, encodeContext(place), plaintext);
  plaintext.fill(0);
  return { generation: generationId(wrapper), sealed };
}

/** Opens an entry. Throws PrivacyError `undecryptable`, `malformed`, `badPadding`. */
export function openBanEntry(wrapper: Uint8Array, place: BanPlace, sealed: Uint8Array): BanContent {
  const padded = openUnder(child(wrapper, LABEL), LABEL, encodeContext(place), sealed);
  return decoding('BanContent', () => decodeContent(unpadFrom(padded, PLAINTEXT_BYTES)));
}

// struct SealedRequest: ours, the body of `claimKeyPackages`: a request that only the provider of the path can read,
// on its way through the hub of a room. The hub takes the room out before it hands the request on.
//   struct { optional<IdentifierUri> roomUri; opaque sealed<V>; } SealedRequest;

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { readIdentifierUri, writeIdentifierUri } from '../protocol/identifier_uri.ts';

export interface SealedRequest {
  /** The room whose hub the request goes through. */
  readonly roomUri?: string | undefined;
  readonly sealed: Uint8Array;
}

export const encodeSealedRequest = encoder((writer: Writer, value: SealedRequest) => {
  writer.optional(value.roomUri, writeIdentifierUri);
  writer.opaque(value.sealed, 'sealed');
});

export const decodeSealedRequest = decoder(
  (reader: Reader): SealedRequest => ({
    roomUri: reader.optional('roomUri', readIdentifierUri),
    sealed: reader.opaque('sealed'),
  }),
);

// struct UpdateRoomResponse: draft-ietf-mimi-protocol-06, "Update Room State".
// `string errorDescription` is read as UTF-8 in an `opaque<V>`: the presentation language has no string.

import { enumTable } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

/** UpdateResponseCode. */
const codes = enumTable({ success: 0, wrongEpoch: 1, notAllowed: 2, invalidProposal: 3 });

/** The hub's decision. `errorDescription` is for people and empty with `success`. */
export type UpdateRoomResponse = { readonly errorDescription: string } & (
  | {
      readonly code: 'success';
      /** Milliseconds since the UNIX epoch. */
      readonly acceptedTimestamp: bigint;
    }
  | { readonly code: 'wrongEpoch'; readonly currentEpoch: bigint }
  | { readonly code: 'notAllowed' }
  | {
      readonly code: 'invalidProposal';
      /** ProposalRefs. */
      readonly invalidProposals: readonly Uint8Array[];
    }
);

export function readUpdateRoomResponse(reader: Reader): UpdateRoomResponse {
  const code = reader.enum8(codes, 'responseCode');
  const errorDescription = reader.text('errorDescription');
  switch (code) {
    case 'success':
      return { code, errorDescription, acceptedTimestamp: reader.u64('acceptedTimestamp') };
    case 'wrongEpoch':
      return { code, errorDescription, currentEpoch: reader.u64('currentEpoch') };
    case 'notAllowed':
      return { code, errorDescription };
    case 'invalidProposal':
      return { code, errorDescription, invalidProposals: reader.opaqueList('invalidProposals') };
  }
}

export function writeUpdateRoomResponse(writer: Writer, value: UpdateRoomResponse): void {
  writer.enum8(codes, value.code, 'code');
  writer.text(value.errorDescription, 'errorDescription');
  switch (value.code) {
    case 'success':
      writer.u64(value.acceptedTimestamp, 'acceptedTimestamp');
      break;
    case 'wrongEpoch':
      writer.u64(value.currentEpoch, 'currentEpoch');
      break;
    case 'invalidProposal':
      writer.opaqueList(value.invalidProposals, 'invalidProposals');
      break;
    case 'notAllowed':
      break;
  }
}

export const encodeUpdateRoomResponse = encoder(writeUpdateRoomResponse);
export const decodeUpdateRoomResponse = decoder(readUpdateRoomResponse);

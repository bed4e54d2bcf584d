// struct SubmitMessageResponse: draft-ietf-mimi-protocol-06, "Submit a Message".
// The draft selects on `success`, which SubmitResponseCode does not have: read as `accepted` (0).

import { enumTable } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { type Frank, readFrank, writeFrank } from './frank.ts';
import { readProtocol, writeProtocol } from './protocol.ts';

/** SubmitResponseCode. */
const codes = enumTable({ accepted: 0, notAllowed: 1, epochTooOld: 2 });

/** The hub's decision; its protocol is always MLS 1.0. */
export type SubmitMessageResponse =
  | {
      readonly code: 'accepted';
      /** Milliseconds since the UNIX epoch. */
      readonly acceptedTimestamp: bigint;
      readonly frank?: Frank | undefined;
    }
  | { readonly code: 'notAllowed' }
  | { readonly code: 'epochTooOld'; readonly currentEpoch: bigint };

export function readSubmitMessageResponse(reader: Reader): SubmitMessageResponse {
  readProtocol(reader);
  const code = reader.enum8(codes, 'statusCode');
  switch (code) {
    case 'accepted':
      return {
        code,
        acceptedTimestamp: reader.u64('acceptedTimestamp'),
        frank: reader.optional('frank', readFrank),
      };
    case 'notAllowed':
      return { code };
    case 'epochTooOld':
      return { code, currentEpoch: reader.u64('currentEpoch') };
  }
}

export function writeSubmitMessageResponse(writer: Writer, value: SubmitMessageResponse): void {
  writeProtocol(writer);
  writer.enum8(codes, value.code, 'code');
  if (value.code === 'accepted') {
    writer.u64(value.acceptedTimestamp, 'acceptedTimestamp');
    writer.optional(value.frank, writeFrank);
  } else if (value.code === 'epochTooOld') {
    writer.u64(value.currentEpoch, 'currentEpoch');
  }
}

export const encodeSubmitMessageResponse = encoder(writeSubmitMessageResponse);
export const decodeSubmitMessageResponse = decoder(readSubmitMessageResponse);

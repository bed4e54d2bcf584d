// struct LocalConsent of the local client API: ours, a user's word to its own provider on who may claim its
// key packages. The operations are those of draft-ietf-mimi-protocol-06, "Convey explicit consent".
//   struct { ConsentOperation operation; optional<IdentifierUri> roomUri; } LocalConsent;

import { enumTable } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { readIdentifierUri, writeIdentifierUri } from '../protocol/identifier_uri.ts';

const operations = enumTable({ grant: 2, revoke: 3 });

export interface LocalConsent {
  readonly operation: 'grant' | 'revoke';
  /** The room that it is for; every room when absent. */
  readonly roomUri?: string | undefined;
}

export function readLocalConsent(reader: Reader): LocalConsent {
  return {
    operation: reader.enum8(operations, 'operation'),
    roomUri: reader.optional('roomUri', readIdentifierUri),
  };
}

export function writeLocalConsent(writer: Writer, value: LocalConsent): void {
  writer.enum8(operations, value.operation, 'operation');
  writer.optional(value.roomUri, writeIdentifierUri);
}

export const encodeLocalConsent = encoder(writeLocalConsent);
export const decodeLocalConsent = decoder(readLocalConsent);

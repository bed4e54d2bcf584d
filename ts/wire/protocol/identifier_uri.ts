// struct IdentifierUri: draft-ietf-mimi-protocol-06, "Fetch Key Material".
// Also spelled IdentifierURI in SubmitMessageRequest: the same struct.

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

/** The URI as text. Only its UTF-8 is checked here; `parseMimiUri` knows which URIs are MIMI's. */
export function readIdentifierUri(reader: Reader): string {
  return reader.text('uri');
}

export function writeIdentifierUri(writer: Writer, value: string): void {
  writer.text(value, 'uri');
}

export const encodeIdentifierUri = encoder(writeIdentifierUri);
export const decodeIdentifierUri = decoder(readIdentifierUri);

// Extension and lists of them: RFC 9420, 12.1 (struct Extension), 13.4.

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

/** An extension: its type and its data, which is never looked into here. */
export interface Extension {
  readonly type: number;
  readonly data: Uint8Array;
}

export function readExtension(reader: Reader): Extension {
  return { type: reader.u16('extensionType'), data: reader.opaque('extensionData') };
}

export function writeExtension(writer: Writer, value: Extension): void {
  writer.u16(value.type, 'extensionType');
  writer.opaque(value.data, 'extensionData');
}

function skipExtension(reader: Reader): void {
  reader.u16('extensionType');
  reader.skipOpaque('extensionData');
}

/** Steps over `Extension extensions<V>` and gives its bytes, length included. */
export function delimitExtensions(reader: Reader): Uint8Array {
  const start = reader.offset;
  reader.skipList('extensions', skipExtension);
  return reader.since(start);
}

/** `Extension extensions<V>`. */
export function readExtensions(reader: Reader): Extension[] {
  return reader.list('extensions', readExtension);
}

export function writeExtensions(writer: Writer, value: readonly Extension[]): void {
  writer.list(value, 'extensions', writeExtension);
}

export const encodeExtensions = encoder(writeExtensions);
/** Reads a list as the views of this folder carry it: the vector with its length. */
export const decodeExtensions = decoder(readExtensions);

// What a message's extensions hold, read on demand: draft-ietf-mimi-content, "Extension Fields".

import { readKey, skipAny } from './cbor/any.ts';
import { BYTES, CborReader, MAP, TEXT } from './cbor/reader.ts';
import { ExtensionKeys, type Extensions } from './extensions.ts';

export type ExtensionKey = number | string;

/** Keys with their values as CBOR, views of the message, in its order. */
export function* extensionEntries({ bytes }: Extensions): Generator<[ExtensionKey, Uint8Array]> {
  const reader = new CborReader(bytes);
  const count = reader.count(MAP, '');
  for (let done = 0; done < count; done += 1) {
    const { value } = readKey(reader, undefined, TEXT);
    const start = reader.at;
    skipAny(reader, 2, '');
    yield [value, bytes.subarray(start, reader.at)];
  }
}

/** The value of a key as CBOR; undefined when it is not there. */
export function extensionValue(extensions: Extensions, key: ExtensionKey): Uint8Array | undefined {
  for (const [found, value] of extensionEntries(extensions)) if (found === key) return value;
  return undefined;
}

/** The value of a key where it is a text. */
export function extensionText(extensions: Extensions, key: ExtensionKey): string | undefined {
  const value = extensionValue(extensions, key);
  return isOf(TEXT, value) ? new CborReader(value).text('') : undefined;
}

/** The value of a key where it is a byte string, as all are in draft04. */
export function extensionBytes(extensions: Extensions, key: ExtensionKey): Uint8Array | undefined {
  const value = extensionValue(extensions, key);
  return isOf(BYTES, value) ? new CborReader(value).byteString('') : undefined;
}

function isOf(major: number, value: Uint8Array | undefined): value is Uint8Array {
  return value?.[0] !== undefined && value[0] >> 5 === major;
}

/** Whom the message names as its sender; the authenticated one is the caller's to know. */
export const namedSender = (extensions: Extensions): string | undefined =>
  extensionText(extensions, ExtensionKeys.senderUri);

/** The room that the message names. */
export const namedRoom = (extensions: Extensions): string | undefined =>
  extensionText(extensions, ExtensionKeys.roomUri);

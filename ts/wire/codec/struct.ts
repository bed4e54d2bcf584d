// Makes the two whole-input functions of a struct from the two that nest.

import { DEFAULT_MAX_BYTES, DEFAULT_MAX_TREE_BYTES, Reader, type WireLimits } from './reader.ts';
import { Writer } from './writer.ts';

/** `encodeX` of a struct: throws `WireError` `unencodable`. */
export type Encode<Value> = (value: Value) => Uint8Array;

/**
 * `decodeX` of a struct: exactly one, byte fields as views of `bytes`.
 * Throws a `WireError` of kind `payload` with `details.offset` and `details.path`.
 */
export type Decode<Value> = (bytes: Uint8Array, limits?: WireLimits) => Value;

export function encoder<Value>(write: (writer: Writer, value: Value) => void): Encode<Value> {
  return (value) => {
    const writer = new Writer();
    write(writer, value);
    return writer.finish();
  };
}

export function decoder<Value>(read: (reader: Reader) => Value): Decode<Value> {
  return (bytes, limits) => readWhole(read, bytes, limits, 0);
}

/** As `decoder`, for structs that may carry a ratchet tree beside their other content. */
export function treeDecoder<Value>(read: (reader: Reader) => Value): Decode<Value> {
  return (bytes, limits) =>
    readWhole(read, bytes, limits, limits?.maxTreeBytes ?? DEFAULT_MAX_TREE_BYTES);
}

function readWhole<Value>(
  read: (reader: Reader) => Value,
  bytes: Uint8Array,
  limits: WireLimits | undefined,
  tree: number,
): Value {
  const maxBytes = (limits?.maxBytes ?? DEFAULT_MAX_BYTES) + tree;
  const reader = new Reader(bytes, maxBytes, limits?.maxTreeBytes);
  const value = read(reader);
  reader.finish();
  return value;
}

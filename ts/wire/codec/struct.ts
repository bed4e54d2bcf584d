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
  return (bytes, limits) => readWhole(read, bytes, limits, false);
}

/** As `decoder`, for structs that may carry a ratchet tree beside their other content. */
export function treeDecoder<Value>(read: (reader: Reader) => Value): Decode<Value> {
  return (bytes, limits) => readWhole(read, bytes, limits, true);
}

/** The limits of a whole input that may carry one ratchet tree beside its other content. */
export function withTree(limits: WireLimits = {}): WireLimits {
  const { maxBytes = DEFAULT_MAX_BYTES, maxTreeBytes = DEFAULT_MAX_TREE_BYTES } = limits;
  return { ...limits, maxBytes: maxBytes + maxTreeBytes };
}

function readWhole<Value>(
  read: (reader: Reader) => Value,
  bytes: Uint8Array,
  limits: WireLimits | undefined,
  tree: boolean,
): Value {
  const reader = new Reader(bytes, tree ? withTree(limits) : limits);
  const value = read(reader);
  reader.finish();
  return value;
}

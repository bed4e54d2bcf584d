// Checks what TypeScript cannot: arguments are looked at before they reach WebAssembly, which would cut a number
// short without a word, and which an exception in the middle of a call would leave in disorder.

import { MlsError } from './errors.ts';

function refuse(name: string, rule: string): never {
  throw new MlsError('invalidArgument', undefined, { details: { path: `/${name}`, rule } });
}

/** `value`, if it is a byte array. Throws MlsError `invalidArgument`. */
export function byteArray(value: Uint8Array, name: string): Uint8Array {
  if (!(value instanceof Uint8Array)) refuse(name, 'a Uint8Array');
  return value;
}

/** `value`, if it is a whole number from 0 to `largest`. Throws MlsError `invalidArgument`. */
export function wholeNumber(value: number, largest: number, name: string): number {
  if (!Number.isInteger(value) || value < 0 || value > largest) {
    refuse(name, `a whole number from 0 to ${largest}`);
  }
  return value;
}

export const maxU16 = 0xffff;
export const maxU32 = 0xffff_ffff;

/** Byte strings as one: each behind its length, for rust-core/src/decode.rs. Throws MlsError `invalidArgument`. */
export function packed(items: readonly Uint8Array[], name: string): Uint8Array {
  let length = 0;
  for (const item of items) length += 4 + byteArray(item, name).length;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const item of items) {
    view.setUint32(at, item.length, true);
    bytes.set(item, at + 4);
    at += 4 + item.length;
  }
  return bytes;
}

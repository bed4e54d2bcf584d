// A row of the table of structs, how values of a struct are made, written and read; and the simplest values.

import fc from 'fast-check';

export type Row = readonly [
  name: string,
  arbitrary: fc.Arbitrary<unknown>,
  encode: (value: never) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
];

/** A row whose types agree. */
export function row<Value>(
  name: string,
  arbitrary: fc.Arbitrary<Value>,
  encode: (value: Value) => Uint8Array,
  decode: (bytes: Uint8Array) => Value,
): Row {
  return [name, arbitrary, encode as (value: never) => Uint8Array, decode];
}

export const bytes = fc.uint8Array({ maxLength: 100 });
export const text = fc.string({ unit: 'binary', maxLength: 40 });
export const u16 = fc.integer({ min: 0, max: 0xffff });
export const u32 = fc.integer({ min: 0, max: 0xffffffff });
export const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });

export function maybe<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.option(value, { nil: undefined });
}

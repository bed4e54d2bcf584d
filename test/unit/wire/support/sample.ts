// One instance of a struct with its bytes, and the names that the instances share.

import type * as wire from '../../../../ts/wire/index.ts';
import { hex, utf8Hex } from './bytes.ts';

export interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly value: unknown;
  readonly encode: (value: never) => Uint8Array;
  readonly decode: (bytes: Uint8Array, limits?: wire.WireLimits) => unknown;
}

export const samples: Sample[] = [];

export function sample<Value>(
  name: string,
  encode: (value: Value) => Uint8Array,
  decode: Sample['decode'],
  value: Value,
  text: string,
): void {
  samples.push({ name, encode: encode as Sample['encode'], decode, value, bytes: hex(text) });
}

export const a = 'mimi://a/u/al'; // 13 bytes
export const b = 'mimi://b/u/bo'; // 13 bytes
export const room = 'mimi://a/r/x'; // 12 bytes
export const device = 'mimi://a/d/1'; // 12 bytes
export const aHex = `0d${utf8Hex(a)}`;
export const bHex = `0d${utf8Hex(b)}`;
export const roomHex = `0c${utf8Hex(room)}`;
export const deviceHex = `0c${utf8Hex(device)}`;
export const basic = { type: 1, bytes: hex('6964') };

export const frank: wire.Frank = {
  serverFrank: hex('11'.repeat(32)),
  cipherSuite: 1,
  integritySignature: hex('f5'),
};
export const frankHex = `${'11'.repeat(32)} 0001 01f5`;

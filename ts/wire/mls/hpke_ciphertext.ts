// HPKECiphertext: RFC 9420, 7.6.

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

export interface HpkeCiphertext {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export function readHpkeCiphertext(reader: Reader): HpkeCiphertext {
  return { kemOutput: reader.opaque('kemOutput'), ciphertext: reader.opaque('ciphertext') };
}

export function skipHpkeCiphertext(reader: Reader): void {
  reader.skipOpaque('kemOutput');
  reader.skipOpaque('ciphertext');
}

export function writeHpkeCiphertext(writer: Writer, value: HpkeCiphertext): void {
  writer.opaque(value.kemOutput, 'kemOutput');
  writer.opaque(value.ciphertext, 'ciphertext');
}

export const encodeHpkeCiphertext = encoder(writeHpkeCiphertext);
export const decodeHpkeCiphertext = decoder(readHpkeCiphertext);

// struct PseudonymDeclaration of the local client API: ours, a user's word to its own provider by which pseudonym it takes
// part in a room, before it enters by itself. docs/modes/deployments.md, "Enterprise".
//   struct { uint16 cipher_suite; opaque pseudonym_key<V>; opaque signature<V>; } PseudonymDeclaration;

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

export interface PseudonymDeclaration {
  readonly suite: number;
  /** U, the key that the user pseudonym names. */
  readonly pseudonymKey: Uint8Array;
  /** By U, over the user, the room and U: nobody is declared by another. */
  readonly signature: Uint8Array;
}

export const encodePseudonymDeclaration = encoder((writer: Writer, value: PseudonymDeclaration) => {
  writer.u16(value.suite, 'cipher_suite');
  writer.opaque(value.pseudonymKey, 'pseudonym_key');
  writer.opaque(value.signature, 'signature');
});

export const decodePseudonymDeclaration = decoder(
  (reader: Reader): PseudonymDeclaration => ({
    suite: reader.u16('cipher_suite'),
    pseudonymKey: reader.opaque('pseudonym_key'),
    signature: reader.opaque('signature'),
  }),
);

// What holds for every value of every struct, and for every input to every decoder.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeGroupInfo,
  decodeKeyPackage,
  decodeLeafNode,
  decodeMlsMessage,
  decodeWelcome,
  WireError,
} from '../../../ts/wire/index.ts';
import { structs } from './support/arbitraries.ts';
import { hex, toHex } from './support/bytes.ts';
import * as mls from './support/mls_samples.ts';

/** One change to an input: an octet replaced, put in or taken out. */
const edit = fc.tuple(fc.nat(), fc.constantFrom('replace', 'insert', 'delete'), fc.nat(255));

function edited(bytes: Uint8Array, [place, kind, octet]: [number, string, number]): Uint8Array {
  const octets = [...bytes];
  const at = place % (bytes.length + 1);
  if (kind === 'replace') octets.splice(at, 1, octet);
  else if (kind === 'insert') octets.splice(at, 0, octet);
  else octets.splice(at, 1);
  return Uint8Array.from(octets);
}

describe.each(structs)('%s', (_, arbitrary, encode, decode) => {
  it('decodes to what was encoded', () => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        expect(decode(encode(value as never))).toEqual(value);
      }),
    );
  });

  it('has one encoding: what is accepted, whatever was altered, encodes to the very same bytes', () => {
    fc.assert(
      fc.property(arbitrary, edit, (value, change) => {
        const bytes = edited(encode(value as never), change);
        let read: unknown;
        try {
          read = decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
          return;
        }
        expect(toHex(encode(read as never))).toBe(toHex(bytes));
      }),
    );
  });

  it('refuses arbitrary bytes with a WireError alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

describe.each<[string, string, (bytes: Uint8Array) => { bytes: Uint8Array }]>([
  ['a commit', mls.commit, decodeMlsMessage],
  ['a proposal', mls.externalRemove, decodeMlsMessage],
  ['an application message', mls.application, decodeMlsMessage],
  ['a Welcome', mls.welcome, decodeWelcome],
  ['a GroupInfo', mls.groupInfo, decodeGroupInfo],
  ['a KeyPackage', mls.keyPackage, decodeKeyPackage],
  ['a LeafNode', mls.leafNode, decodeLeafNode],
])('%s', (_, text, decode) => {
  it('is, however altered, refused with a WireError or covered to its last byte', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = changes.reduce(edited, hex(text));
        try {
          expect(decode(bytes).bytes).toEqual(bytes);
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          expect(error.details.offset).toBeLessThanOrEqual(bytes.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});

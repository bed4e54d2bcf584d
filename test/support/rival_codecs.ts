// The general CBOR libraries that our content codec is held against, each as strict as it can be told to be; and what
// they read, in one form. cbor-x gets a decoder for each input, as it keeps things of one for the next.

import * as cborX from 'cbor-x';
import * as cbor2 from 'cbor2';
import * as cborg from 'cborg';
import { Tagged } from '../../ts/content/index.ts';

export interface Rival {
  readonly name: string;
  /** Throws for what the library refuses. Leaves the bytes as they are. */
  readonly decode: (bytes: Uint8Array) => unknown;
  /** The canonical form, where the library has one. */
  readonly encode: (value: unknown) => Uint8Array;
  readonly tag: (tag: number, value: unknown) => unknown;
}

/** The tags of test values that cborg is to keep. */
export const keptTags = [2, 3, 23, 32, 33, 62, 80, 87, 999, 70_000];

const cborXOptions = { useRecords: false, mapsAsObjects: false, tagUint8Array: false } as const;
const cborgOptions = {
  strict: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  allowUndefined: false,
  tags: cborg.Tagged.preserve(...keptTags),
};

export const rivals: readonly Rival[] = [
  {
    name: 'cborg',
    decode: (bytes) => cborg.decode(bytes.slice(), cborgOptions),
    encode: (value) => cborg.encode(value, cborg.rfc8949EncodeOptions),
    tag: (tag, value) => new cborg.Tagged(tag, value),
  },
  {
    name: 'cbor2',
    decode: (bytes) =>
      cbor2.decode(bytes.slice(), {
        cde: true,
        preferMap: true,
        ignoreGlobalTags: true,
        rejectUndefined: true,
      }),
    encode: (value) => cbor2.encode(value, { cde: true }),
    tag: (tag, value) => new cbor2.Tag(tag, value),
  },
  {
    name: 'cbor-x',
    decode: (bytes) => new cborX.Decoder(cborXOptions).decode(bytes.slice()),
    encode: (value) => new Uint8Array(new cborX.Encoder(cborXOptions).encode(value)),
    tag: (tag, value) => new cborX.Tag(value, tag),
  },
];

/** A value of any of the libraries, or of ours, with plain bytes, `Tagged` for tags, and bigints above 2^53 − 1 only. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) {
    return new Map(Array.from(value, ([key, inner]) => [plain(key), plain(inner)]));
  }
  if (value instanceof cbor2.Tag)
    return new Tagged(Number(value.tag), plain(value.contents) as null);
  if (value instanceof Tagged || value instanceof cborg.Tagged || value instanceof cborX.Tag) {
    return new Tagged(value.tag, plain(value.value) as null);
  }
  return value;
}

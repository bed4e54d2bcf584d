// The content format: every published example decoded and encoded, beside three general CBOR libraries, which check
// nothing of the format and, but for cbor2, hardly the encoding. Each time has a view of its own: cbor-x keeps a DataView
// on the array that it is given.

import { readdirSync, readFileSync } from 'node:fs';
import { decode as decodeCborX, Encoder, isNativeAccelerationEnabled } from 'cbor-x';
import * as cbor2 from 'cbor2';
import * as cborg from 'cborg';
import {
  decodeContent,
  decodeDerivedValues,
  decodeStatusReport,
  encodeContent,
  encodeDerivedValues,
  encodeStatusReport,
  type Profile,
} from '../../ts/content/index.ts';
import { type LoneOperation, repeated } from '../support/contest.ts';

interface Vector {
  readonly name: string;
  readonly profile: Profile;
  readonly bytes: Uint8Array;
}

function vectorsOf(folder: string, profile: Profile): Vector[] {
  const url = new URL(`../../test/vectors/${folder}/`, import.meta.url);
  return readdirSync(url)
    .filter((file) => file.endsWith('.cbor'))
    .map((file) => ({
      name: `${profile} ${file.replace('.cbor', '')}`,
      profile,
      bytes: new Uint8Array(readFileSync(new URL(file, url))),
    }));
}

const vectors: readonly Vector[] = [
  ...vectorsOf('content-04', 'draft04'),
  ...vectorsOf('content-08', 'draft08'),
  ...vectorsOf('status-01', 'draft08'),
];

/** One takes about a microsecond. */
const times = 256;

/** The same module a second time: the addon hangs itself on the first one only. */
const decoderModule = new URL('decode.js?without-addon', import.meta.resolve('cbor-x')).href;
const { Decoder: PlainDecoder }: typeof import('cbor-x') = await import(decoderModule);

const cborXOptions = { useRecords: false, mapsAsObjects: false, tagUint8Array: false } as const;
const plainDecoder = new PlainDecoder(cborXOptions);
const cborX = new Encoder(cborXOptions);
const cborgOptions = { useMaps: true, tags: cborg.Tagged.preserve(32, 62) };

/** What reads and writes a vector of this name. */
function codecOf({ name, profile }: Vector) {
  if (name.endsWith('implied-original')) {
    return {
      decode: (bytes: Uint8Array) => decodeDerivedValues(bytes, profile),
      encode: (values: ReturnType<typeof decodeDerivedValues>) =>
        encodeDerivedValues(values, profile),
    };
  }
  if (/ (report|status)$/.test(name)) {
    return {
      decode: (bytes: Uint8Array) => decodeStatusReport(bytes, profile),
      encode: encodeStatusReport,
    };
  }
  return {
    decode: (bytes: Uint8Array) => decodeContent(bytes, { profile }),
    encode: encodeContent,
  };
}

function decoding(vector: Vector): LoneOperation {
  const { buffer, byteOffset, length } = vector.bytes;
  const view = (): Uint8Array => new Uint8Array(buffer, byteOffset, length);
  const { decode } = codecOf(vector);
  return {
    name: `content decoded: ${vector.name}`,
    millis,
    ours: () => repeated(times, () => decode(view())),
    rivals: {
      'cbor-x': () => repeated(times, () => plainDecoder.decode(view())),
      ...(isNativeAccelerationEnabled && {
        'cbor-x with addon': () => repeated(times, () => cborX.decode(view())),
      }),
      cborg: () => repeated(times, () => cborg.decode(view(), cborgOptions)),
      cbor2: () => repeated(times, () => cbor2.decode(view())),
    },
  };
}

function encoding(vector: Vector): LoneOperation {
  const { decode, encode } = codecOf(vector) as {
    decode: (bytes: Uint8Array) => unknown;
    encode: (value: unknown) => Uint8Array;
  };
  const ours = decode(vector.bytes.slice());
  const theirs = decodeCborX(vector.bytes.slice());
  const withTags = cborg.decode(vector.bytes.slice(), cborgOptions);
  const forCbor2 = cbor2.decode(vector.bytes.slice());
  return {
    name: `content encoded: ${vector.name}`,
    millis,
    ours: () => repeated(times, () => encode(ours)),
    rivals: {
      'cbor-x': () => repeated(times, () => cborX.encode(theirs)),
      cborg: () => repeated(times, () => cborg.encode(withTags)),
      cbor2: () => repeated(times, () => cbor2.encode(forCbor2)),
    },
  };
}

/** For which each contestant is timed in each round: many vectors, and each time is short. */
const millis = 40;

export const content: readonly LoneOperation[] = [
  ...vectors.map(decoding),
  ...vectors.map(encoding),
];

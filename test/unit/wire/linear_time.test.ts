// Decoding takes time in proportion to the input: no input of a permitted size is a burden.

import { describe, expect, it } from 'vitest';
import {
  decodeCapabilities,
  decodeExtensions,
  decodeFanoutMessages,
  decodeKeyMaterialResponse,
  decodeMlsMessage,
  decodeSyncResponse,
  decodeUpdateRequest,
  decodeUploadKeyPackages,
  encodeUploadKeyPackages,
  parseMimiUri,
  WireError,
} from '../../../ts/wire/index.ts';
import { fastest, growthOf } from '../../support/growth.ts';
import { concat, hex, utf8Hex, vector } from './support/bytes.ts';
import * as mls from './support/mls_samples.ts';

function repeat(unit: Uint8Array, count: number): Uint8Array {
  const bytes = new Uint8Array(unit.length * count);
  for (let index = 0; index < count; index++) bytes.set(unit, index * unit.length);
  return bytes;
}

const SMALL = 2_000;
const FACTOR = 16;
/** A quadratic decoder would take FACTOR times longer than a linear one does. */
const TOLERANCE = 10;
/** Below this the clock and the machine tell more than the input does. */
const LEAST_MS = 0.05;
const limits = { maxBytes: 64 << 20, maxTreeBytes: 64 << 20 };

const refs = hex('02 01f1');
const commitHead = '0001 0001 0167 0000000000000005 01 00000003 00 03';
const commitTail = '00 01e1 01e2 01e3';

describe('time grows with the input and no faster', () => {
  it.each<[string, (count: number) => () => unknown]>([
    [
      'a commit of many references',
      (count) => {
        const bytes = concat(hex(commitHead), vector(repeat(refs, count)), hex(commitTail));
        return () => decodeMlsMessage(bytes, limits);
      },
    ],
    [
      'an update of many proposals',
      (count) => {
        const more = vector(repeat(hex(mls.externalRemove), count));
        const bytes = concat(hex(mls.selfRemove), more);
        return () => decodeUpdateRequest(bytes, limits);
      },
    ],
    [
      'many fan-out messages',
      (count) => {
        const bytes = repeat(hex(`0000000000000001 ${mls.application} 00`), count);
        return () => decodeFanoutMessages(bytes, limits);
      },
    ],
    [
      'many clients with key packages',
      (count) => {
        const client = hex(`00 0161 ${mls.keyPackage}`);
        const bytes = concat(hex('01 00 00'), vector(repeat(client, count)));
        return () => decodeKeyMaterialResponse(bytes, limits);
      },
    ],
    [
      'many empty extensions',
      (count) => {
        const bytes = vector(repeat(hex('000100'), count));
        return () => decodeExtensions(bytes, limits);
      },
    ],
    [
      'long lists of capabilities',
      (count) => {
        const list = vector(repeat(hex('0001'), count));
        const bytes = concat(list, list, list, list, list);
        return () => decodeCapabilities(bytes, limits);
      },
    ],
    [
      'many events',
      (count) => {
        const event = hex(`0161 0000000000000001 00`);
        const bytes = concat(hex('00 00'), vector(repeat(event, count)));
        return () => decodeSyncResponse(bytes, limits);
      },
    ],
    [
      'writing many key packages',
      (count) => {
        const keyPackages = Array.from({ length: count }, () => new Uint8Array(20));
        return () => encodeUploadKeyPackages({ keyPackages });
      },
    ],
    [
      'reading many key packages',
      (count) => {
        const keyPackages = Array.from({ length: count }, () => new Uint8Array(20));
        const bytes = encodeUploadKeyPackages({ keyPackages });
        return () => decodeUploadKeyPackages(bytes, limits);
      },
    ],
  ])('%s', (_, prepare) => {
    const small = prepare(SMALL);
    const large = prepare(SMALL * FACTOR);
    const enough = FACTOR * TOLERANCE;
    expect(growthOf(small, large, { leastMs: LEAST_MS, enough })).toBeLessThan(enough);
  });

  it('a large opaque vector is a view, whatever its size', () => {
    const tree = vector(new Uint8Array(16 << 20).fill(0));
    const groupInfo = hex(mls.groupInfo);
    const bytes = concat(hex(mls.commit), hex('00 01'), groupInfo, hex('01'), tree);
    const request = decodeUpdateRequest(bytes, limits);
    if (request.kind !== 'commit' || request.ratchetTree.representation !== 'full') {
      throw new Error('The bytes are a commit with its tree.');
    }
    expect(request.ratchetTree.ratchetTree.buffer).toBe(bytes.buffer);
    expect(fastest(() => decodeUpdateRequest(bytes, limits))).toBeLessThan(20);
  });

  it('a hostile URI is refused at once', () => {
    const hostile = `mimi://${'a-'.repeat(500_000)}`;
    expect(fastest(() => expect(() => parseMimiUri(hostile)).toThrow(WireError))).toBeLessThan(50);
    const inLimit = `mimi://${'a.'.repeat(120)}!/u/${utf8Hex('x').repeat(60)}`;
    expect(fastest(() => expect(() => parseMimiUri(inLimit)).toThrow(WireError))).toBeLessThan(50);
  });
});

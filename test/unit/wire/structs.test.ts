// Every struct of the wire layer against bytes written by hand, and what each refuses.

import { describe, expect, it } from 'vitest';
import {
  encodeGroupInfoRequestTBS,
  encodeGroupInfoResponseTBS,
  encodeKeyMaterialRequestTBS,
  WireError,
} from '../../../ts/wire/index.ts';
import { concat, hex, toHex } from './support/bytes.ts';
import { refusal } from './support/refusal.ts';
import {
  groupInfoRequest,
  groupInfoResponse,
  groupInfoResponseTbs,
  keyMaterialRequest,
  keyMaterialTbs,
  samples,
} from './support/samples.ts';

describe.each(samples)('$name', ({ bytes, value, encode, decode }) => {
  it('encodes to the bytes of the grammar', () => {
    expect(toHex(encode(value as never))).toBe(toHex(bytes));
  });

  it('decodes from the bytes of the grammar', () => {
    expect(decode(bytes)).toStrictEqual(value);
  });

  it('is refused as truncated when cut at any byte', () => {
    for (let length = 0; length < bytes.length; length++) {
      const error = refusal(() => decode(bytes.subarray(0, length)));
      expect(error.code).toBe('truncated');
      expect(error.details.offset).toBeLessThanOrEqual(length);
      expect(error.details.path).toMatch(/^\//);
    }
  });

  it('is refused with any trailing byte', () => {
    for (let octet = 0; octet < 256; octet++) {
      const error = refusal(() => decode(concat(bytes, Uint8Array.of(octet))));
      expect(error.code).toBe('trailingBytes');
      expect(error.details.offset).toBe(bytes.length);
    }
  });

  it('is refused when larger than the limits', () => {
    const limits = { maxBytes: bytes.length - 1, maxTreeBytes: 0 };
    expect(refusal(() => decode(bytes, limits)).code).toBe('tooLarge');
  });

  it('is, with any one byte altered, refused with a WireError or read such that it encodes back', () => {
    for (let index = 0; index < bytes.length; index++) {
      for (const octet of [0x00, 0x01, 0x02, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff]) {
        const altered = bytes.slice();
        altered[index] = octet;
        let read: unknown;
        try {
          read = decode(altered);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
          continue;
        }
        expect(toHex(encode(read as never))).toBe(toHex(altered));
      }
    }
  });

  it('reads from a part of a larger buffer and gives plain Uint8Arrays', () => {
    const larger = Buffer.concat([hex('ffff'), bytes, hex('ffff')]);
    const part = larger.subarray(2, 2 + bytes.length);
    expect(decode(part)).toStrictEqual(value);
  });
});

describe('the inputs of signatures', () => {
  it('KeyMaterialRequestTBS is the request without its signature', () => {
    expect(toHex(encodeKeyMaterialRequestTBS(keyMaterialRequest))).toBe(toHex(hex(keyMaterialTbs)));
  });

  it('GroupInfoRequestTBS is the request without its signature', () => {
    expect(toHex(encodeGroupInfoRequestTBS(groupInfoRequest))).toBe(
      '010001' + '01d1' + '0001026964' + '01ab' + '0102c0de',
    );
  });

  it('GroupInfoResponseTBS is the response of a success without its signature', () => {
    if (groupInfoResponse.status !== 'success') throw new Error('The sample is a success.');
    expect(toHex(encodeGroupInfoResponseTBS(groupInfoResponse))).toBe(
      toHex(hex(groupInfoResponseTbs)),
    );
  });
});

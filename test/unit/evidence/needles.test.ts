// The search of the visibility audit: ts/evidence/audit/needles.ts, encodings.ts.

import { describe, expect, test } from 'vitest';
import { Needles } from '../../../ts/evidence/audit/needles.ts';

const secret = Buffer.from('00ff10e7a95c3b7720a1d4b8', 'hex');
const name = 'Dóra Dvořák/7';

function searchFor(what: string | Uint8Array): Needles {
  const needles = new Needles();
  if (typeof what === 'string') needles.addText('it', what);
  else needles.add('it', what);
  return needles;
}

const around = (bytes: Uint8Array | string): Uint8Array =>
  Buffer.concat([Buffer.from('xyz'), Buffer.from(bytes), Buffer.from('zyx')]);

describe('a secret of bytes is found', () => {
  const forms: [string, string, Uint8Array | string][] = [
    ['as it is', 'raw', secret],
    ['in hexadecimal', 'hex', secret.toString('hex')],
    ['in capital hexadecimal', 'hex', secret.toString('hex').toUpperCase()],
    ['in base64', 'base64', secret.toString('base64')],
    [
      'in base64 behind an octet',
      'base64',
      Buffer.concat([Buffer.of(7), secret]).toString('base64'),
    ],
    ['in base64url', 'base64url', secret.toString('base64url')],
    ['URL-encoded', 'url', '%00%FF%10%E7%A9%5C%3B%77%20%A1%D4%B8'],
    ['URL-encoded, with what needs it not kept', 'url', '%00%ff%10%e7%a9%5c%3bw%20%a1%d4%b8'],
    ['in hexadecimal in UTF-16', 'utf-16le', Buffer.from(secret.toString('hex'), 'utf16le')],
    ['as a list in JSON', 'json', JSON.stringify([...secret])],
    ['as JSON writes a Uint8Array', 'json', JSON.stringify(new Uint8Array(secret))],
  ];
  test.each(forms)('%s', (_, encoding, bytes) => {
    const found = searchFor(secret).find(around(bytes));
    expect(found.map((one) => one.name)).toContain('it');
    // What is alike in two forms, such as base64 without signs, is told as one of them.
    expect(['base64', encoding]).toContain(found[0]?.encoding);
  });
});

describe('a text is found', () => {
  const forms: [string, string, Uint8Array | string][] = [
    ['in UTF-16, low octets first', 'utf-16le', Buffer.from(name, 'utf16le')],
    ['in UTF-16, high octets first', 'utf-16be', Buffer.from(name, 'utf16le').swap16()],
    ['in JSON without other signs than those of ASCII', 'json', 'D\\u00f3ra Dvo\\u0159\\u00e1k/7'],
    ['in JSON with its slashes escaped', 'json', 'Dóra Dvořák\\/7'],
    ['in a path', 'url', encodeURIComponent(name)],
  ];
  test.each(forms)('%s', (_, encoding, bytes) => {
    expect(searchFor(name).find(around(bytes))).toEqual([{ name: 'it', encoding }]);
  });
});

test('nothing is found where a secret stands in part only, or at the very end cut off', () => {
  const needles = searchFor(secret);
  expect(needles.in(around(secret.subarray(1)))).toEqual([]);
  expect(needles.in(secret.subarray(0, -1))).toEqual([]);
  expect(needles.in(new Uint8Array())).toEqual([]);
  expect(needles.in(secret)).toEqual(['it']);
});

test('a secret that would be found by chance is refused', () => {
  expect(() => searchFor(secret.subarray(0, 7))).toThrow(RangeError);
});

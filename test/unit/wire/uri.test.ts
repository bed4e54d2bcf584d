// MIMI URIs (draft-ietf-mimi-protocol-06, "MIMI URI examples"), paths, ClientIdentity and the directory.

import { describe, expect, it } from 'vitest';
import * as wire from '../../../ts/wire/index.ts';
import { concat, hex, utf8Hex } from './support/bytes.ts';
import { refusal } from './support/refusal.ts';

const label63 = 'a'.repeat(63);

describe('a MIMI URI', () => {
  it.each([
    ['mimi://a.example', 'provider', 'a.example', ''],
    ['mimi://a.example/u/alice', 'user', 'a.example', 'alice'],
    ['mimi://a.example/d/ClientA1', 'client', 'a.example', 'ClientA1'],
    ['mimi://a.example/r/clubhouse', 'room', 'a.example', 'clubhouse'],
    ['mimi://a.example/g/clubhouse', 'group', 'a.example', 'clubhouse'],
    ['mimi://localhost/u/a', 'user', 'localhost', 'a'],
    ['mimi://xn--bcher-kva.example/u/A.b_c~d-9', 'user', 'xn--bcher-kva.example', 'A.b_c~d-9'],
    [
      `mimi://${label63}.example/r/${'x'.repeat(128)}`,
      'room',
      `${label63}.example`,
      'x'.repeat(128),
    ],
  ])('%s is taken apart', (text, kind, domain, id) => {
    expect(wire.parseMimiUri(text)).toEqual({ kind, domain, id });
    expect(wire.domainOf(text)).toBe(domain);
  });

  it.each([
    '',
    'mimi://',
    'mimi:a.example',
    'MIMI://a.example',
    'mimi://A.example',
    'https://a.example/u/alice',
    'mimi://a.example/',
    'mimi://a.example/u',
    'mimi://a.example/u/',
    'mimi://a.example/x/alice',
    'mimi://a.example/u/alice/',
    'mimi://a.example/u/alice?x',
    'mimi://a.example/u/alice#x',
    'mimi://a.example/u/al%69ce',
    'mimi://a.example/u/älice',
    'mimi://a.example/u/alice\n',
    'mimi://a.example/u/.',
    'mimi://a.example/u/..',
    'mimi://a.example:443/u/alice',
    'mimi://user@a.example/u/alice',
    'mimi://a..example/u/alice',
    'mimi://.example/u/alice',
    'mimi://a.example./u/alice',
    'mimi://-a.example/u/alice',
    'mimi://a-.example/u/alice',
    'mimi://a_b.example/u/alice',
    `mimi://${label63}a.example/u/alice`,
    `mimi://${`${label63}.`.repeat(4)}example/u/alice`,
    `mimi://a.example/u/${'x'.repeat(129)}`,
  ])('%j is refused', (text) => {
    expect(refusal(() => wire.parseMimiUri(text)).code).toBe('invalidUri');
  });

  it('of another kind than expected is refused', () => {
    const room = 'mimi://a.example/r/clubhouse';
    expect(wire.asRoomUri(room)).toBe(room);
    for (const as of [wire.asProviderUri, wire.asUserUri, wire.asClientUri, wire.asGroupUri]) {
      expect(refusal(() => as(room)).code).toBe('invalidUri');
    }
  });

  it('is built of a domain and an id', () => {
    expect(wire.providerUri('a.example')).toBe('mimi://a.example');
    expect(wire.userUri('a.example', 'alice')).toBe('mimi://a.example/u/alice');
    expect(wire.clientUri('a.example', 'd1')).toBe('mimi://a.example/d/d1');
    expect(wire.roomUri('a.example', 'x')).toBe('mimi://a.example/r/x');
    expect(wire.groupUri('a.example', 'x')).toBe('mimi://a.example/g/x');
  });

  it('is not built of a domain or an id outside the grammar', () => {
    expect(refusal(() => wire.providerUri('A.example')).code).toBe('unencodable');
    expect(refusal(() => wire.userUri('a/b', 'alice')).code).toBe('unencodable');
    expect(refusal(() => wire.userUri('a.example', 'al/ice')).code).toBe('unencodable');
    expect(refusal(() => wire.userUri('a.example', '')).code).toBe('unencodable');
  });
});

describe('the MLS group of a room', () => {
  const room = wire.roomUri('a.example', 'clubhouse');

  it('has the group URI of the same domain and id as its id', () => {
    expect(wire.groupUriOf(room)).toBe('mimi://a.example/g/clubhouse');
    expect(wire.groupIdOf(room)).toEqual(hex(utf8Hex('mimi://a.example/g/clubhouse')));
    expect(wire.roomOfGroupId(wire.groupIdOf(room))).toBe(room);
  });

  it('is refused when its id is no group URI', () => {
    for (const text of ['6d', utf8Hex(room), 'ff', '']) {
      expect(refusal(() => wire.roomOfGroupId(hex(text))).code).toBe('invalidUri');
    }
  });
});

describe('a URI in an endpoint path', () => {
  it('is one percent-encoded segment', () => {
    const segment = 'mimi%3A%2F%2Fa.example%2Fr%2Fclub~house';
    expect(wire.encodePathUri('mimi://a.example/r/club~house')).toBe(segment);
    expect(wire.decodePathUri(segment)).toBe('mimi://a.example/r/club~house');
    expect(wire.decodePathUri(segment.toLowerCase())).toBe('mimi://a.example/r/club~house');
    expect(wire.decodePathUri('mimi:%2F%2Fa.example')).toBe('mimi://a.example');
  });

  it.each(['', 'a/b', 'a?b', 'a#b', 'a b', '%', '%2', '%zz', '%c3%28', 'ä', '%ed%a0%80'])(
    '%j is refused',
    (segment) => {
      expect(refusal(() => wire.decodePathUri(segment)).code).toBe('invalidUri');
    },
  );

  it('is not made of half a surrogate pair', () => {
    expect(refusal(() => wire.encodePathUri('\ud800')).code).toBe('unencodable');
  });
});

describe('ClientIdentity', () => {
  const user = `0d${utf8Hex('mimi://a/u/al')}`;
  const client = `0c${utf8Hex('mimi://a/d/1')}`;

  it('is refused when the two are of different providers', () => {
    const other = `0c${utf8Hex('mimi://b/d/1')}`;
    const error = refusal(() => wire.decodeClientIdentity(hex(user + other)));
    expect([error.code, error.details]).toEqual([
      'wrongContent',
      { offset: 14, path: '/clientUri' },
    ]);
    const value = { userUri: wire.userUri('a', 'al'), clientUri: wire.clientUri('b', '1') };
    expect(refusal(() => wire.encodeClientIdentity(value)).code).toBe('unencodable');
  });

  it('is refused when a URI is of another kind', () => {
    for (const [bytes, path] of [
      [concat(hex(client), hex(client)), '/userUri'],
      [concat(hex(user), hex(user)), '/clientUri'],
    ] as const) {
      const error = refusal(() => wire.decodeClientIdentity(bytes));
      expect([error.code, error.details.path]).toEqual(['invalidUri', path]);
    }
  });
});

describe('the directory', () => {
  const base = 'https://mimi.a.example/v1';
  const directory: wire.Directory = {
    keyMaterial: `${base}/keyMaterial/{targetUser}`,
    update: `${base}/update/{roomId}`,
    notify: `${base}/notify/{roomId}`,
    submitMessage: `${base}/submitMessage/{roomId}`,
    groupInfo: `${base}/groupInfo/{roomId}`,
  };
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

  it('is a JSON object of URL templates', () => {
    const text = new TextDecoder().decode(wire.encodeDirectory(directory));
    expect(JSON.parse(text)).toEqual(directory);
    expect(wire.decodeDirectory(wire.encodeDirectory(directory))).toEqual(directory);
  });

  it('may name the endpoints that not every provider has, and others yet unknown', () => {
    const reportAbuse = `${base}/reportAbuse/{roomId}`;
    expect(wire.decodeDirectory(json({ ...directory, reportAbuse, future: 5 }))).toEqual({
      ...directory,
      reportAbuse,
    });
  });

  it('takes a template as its provider wrote it, with or without a slash', () => {
    const update = `${base}/update{roomId}`;
    const read = wire.decodeDirectory(json({ ...directory, update }));
    expect(wire.endpointUrl(read, 'update', 'mimi://a.example/r/$&x')).toBe(
      `${base}/updatemimi%3A%2F%2Fa.example%2Fr%2F%24%26x`,
    );
  });

  it('gives the URL of an endpoint with the id percent-encoded', () => {
    expect(wire.endpointUrl(directory, 'keyMaterial', 'mimi://b.example/u/bob')).toBe(
      `${base}/keyMaterial/mimi%3A%2F%2Fb.example%2Fu%2Fbob`,
    );
  });

  it.each<[string, unknown]>([
    ['without update', { ...directory, update: undefined }],
    ['with a template that is no text', { ...directory, notify: 7 }],
    ['with a template without a variable', { ...directory, notify: `${base}/notify` }],
    ['with two variables', { ...directory, notify: `${base}/{a}/{b}` }],
    ['with a relative URL', { ...directory, notify: '/notify/{roomId}' }],
    ['with another scheme', { ...directory, notify: 'file:///{roomId}' }],
    ['with the variable as the host', { ...directory, notify: 'https://{roomId}/' }],
    ['with credentials', { ...directory, notify: 'https://u:p@a.example/{roomId}' }],
    ['that is a list', []],
    ['that is null', null],
  ])('is refused %s', (_, value) => {
    expect(refusal(() => wire.decodeDirectory(json(value))).code).toBe('invalidDirectory');
  });

  it('is refused when it is not JSON, not UTF-8 or too large', () => {
    const decode = (bytes: Uint8Array) => refusal(() => wire.decodeDirectory(bytes)).code;
    expect(decode(new TextEncoder().encode('{'))).toBe('invalidDirectory');
    expect(decode(hex('c328'))).toBe('invalidUtf8');
    expect(decode(new Uint8Array(70_000))).toBe('tooLarge');
  });

  it('is not written with what would be refused', () => {
    const broken = { ...directory, notify: 'notify' };
    expect(refusal(() => wire.encodeDirectory(broken)).code).toBe('unencodable');
  });
});

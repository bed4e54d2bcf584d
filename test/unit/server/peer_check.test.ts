// Who may speak as a provider: Host, From and the shared secret, and that every failure looks the same.
import { describe, expect, test } from 'vitest';
import { peerCheck } from '../../../ts/server/auth/peer.ts';
import { bearerToken, secretsEqual } from '../../../ts/server/auth/secrets.ts';

const SECRET_B = 'secret-shared-with-b';
const SECRET_C = 'secret-shared-with-c';
const check = peerCheck(
  'a.example',
  new Map([
    ['b.example', SECRET_B],
    ['c.example', SECRET_C],
  ]),
);
const good = {
  host: 'a.example',
  from: 'mimi@b.example',
  authorization: `Bearer ${SECRET_B}`,
};
const from = (headers: Record<string, string | undefined>, remoteAddress = '127.0.0.1') =>
  check({ headers, remoteAddress });

describe('authentication of peers', () => {
  test('the right Host, From and secret give the source domain', () => {
    expect(from(good)).toBe('b.example');
  });

  test('the port of Host is ignored, and its case', () => {
    expect(from({ ...good, host: 'A.example:8474' })).toBe('b.example');
  });

  test.each<[string, Record<string, string | undefined>]>([
    ['no secret', { ...good, authorization: undefined }],
    ['an empty secret', { ...good, authorization: 'Bearer ' }],
    ['a wrong secret', { ...good, authorization: 'Bearer secret-of-nobody' }],
    ["another peer's secret", { ...good, authorization: `Bearer ${SECRET_C}` }],
    ['another scheme', { ...good, authorization: `Basic ${SECRET_B}` }],
    ['no From', { ...good, from: undefined }],
    ['another peer in From', { ...good, from: 'mimi@c.example' }],
    ['an unknown peer in From', { ...good, from: 'mimi@d.example' }],
    ['ourselves in From', { ...good, from: 'mimi@a.example' }],
    ['another local part in From', { ...good, from: 'alice@b.example' }],
    ['a display name in From', { ...good, from: 'b <mimi@b.example>' }],
    ['no Host', { ...good, host: undefined }],
    ['another Host', { ...good, host: 'b.example' }],
    ['a longer Host', { ...good, host: 'a.example.b.example' }],
  ])('%s is unauthorized, without a particular', (_name, headers) => {
    expect(() => from(headers)).toThrow(
      expect.objectContaining({ layer: 'server', code: 'unauthorized', details: {} }),
    );
  });

  test('a shared secret is not taken from outside loopback', () => {
    expect(() => from(good, '10.0.0.1')).toThrow(expect.objectContaining({ code: 'unauthorized' }));
  });
});

describe('bearer secrets', () => {
  test('only equal secrets are equal, whatever their lengths', () => {
    expect(secretsEqual('abc', 'abc')).toBe(true);
    expect(secretsEqual('abc', 'abd')).toBe(false);
    expect(secretsEqual('ab', 'abc')).toBe(false);
    expect(secretsEqual('', 'abc')).toBe(false);
  });

  test('a token is read from a Bearer header of bounded length only', () => {
    expect(bearerToken('Bearer abc-_.~+/=')).toBe('abc-_.~+/=');
    expect(bearerToken('bearer abc')).toBe('abc');
    for (const header of [undefined, '', 'Bearer', 'Bearer a b', 'Bearer \u00e9', 'Token abc']) {
      expect(bearerToken(header)).toBeUndefined();
    }
    expect(bearerToken(`Bearer ${'a'.repeat(4097)}`)).toBeUndefined();
  });
});

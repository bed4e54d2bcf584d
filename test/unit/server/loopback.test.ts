// What counts as loopback, where alone plain HTTP is allowed.
import { describe, expect, test } from 'vitest';
import { isLoopback, isLoopbackPeer, urlHost } from '../../../ts/server/loopback.ts';

describe('loopback', () => {
  test.each(['127.0.0.1', '127.8.9.10', '::1', '[::1]', 'localhost', 'LOCALHOST'])(
    '%s is this machine itself',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  test.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    'a.example',
    'localhost.a.example',
    '127.0.0.1.a.example',
    '',
  ])('%j is not this machine itself', (host) => {
    expect(isLoopback(host)).toBe(false);
  });

  test('a socket address is loopback also when IPv4 is mapped into IPv6', () => {
    expect(isLoopbackPeer('::ffff:127.0.0.1')).toBe(true);
    expect(isLoopbackPeer('::ffff:10.0.0.1')).toBe(false);
    expect(isLoopbackPeer(undefined)).toBe(false);
  });

  test('an IPv6 address stands in brackets in a URL', () => {
    expect(urlHost('::1')).toBe('[::1]');
    expect(urlHost('127.0.0.1')).toBe('127.0.0.1');
  });
});

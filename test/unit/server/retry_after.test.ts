// Retry-After as seconds or as a date (RFC 9110 section 10.2.3).
import { describe, expect, test } from 'vitest';
import { retryAfterSeconds } from '../../../ts/server/http/error_reply.ts';
import { parseRetryAfter } from '../../../ts/server/retry_after.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);

describe('Retry-After', () => {
  test('seconds become milliseconds', () => {
    expect(parseRetryAfter('7', NOW)).toBe(7000);
    expect(parseRetryAfter(' 0 ', NOW)).toBe(0);
  });

  test('a date becomes the time until then, never less than nothing', () => {
    expect(parseRetryAfter('Thu, 01 Jan 2026 12:00:30 GMT', NOW)).toBe(30_000);
    expect(parseRetryAfter('Thu, 01 Jan 2026 11:00:00 GMT', NOW)).toBe(0);
  });

  test('a wait longer than an hour is cut to an hour', () => {
    expect(parseRetryAfter('9'.repeat(400), NOW)).toBe(3_600_000);
  });

  test.each([undefined, '', '-1', '1.5', 'soon', '2026-01-01'])('%j tells no wait', (field) => {
    expect(parseRetryAfter(field, NOW)).toBeUndefined();
  });

  test('what is sent is whole seconds, never less than asked and never zero', () => {
    expect(retryAfterSeconds(1)).toBe('1');
    expect(retryAfterSeconds(1001)).toBe('2');
    expect(retryAfterSeconds(0)).toBe('1');
  });
});

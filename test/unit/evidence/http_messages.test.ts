// Cutting a connection into messages: ts/evidence/audit/http_messages.ts.

import { expect, test } from 'vitest';
import { HttpMessages } from '../../../ts/evidence/audit/http_messages.ts';

const request = (body: string) =>
  Buffer.from(`POST /v1/notify/x HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`);

test('messages are cut out whole, however the bytes come', () => {
  const wire = Buffer.concat([request('one'), request(''), request('three\r\n\r\n')]);
  for (const size of [1, 7, wire.length]) {
    const messages = new HttpMessages();
    const found = [];
    for (let at = 0; at < wire.length; at += size) {
      found.push(...messages.push(wire.subarray(at, at + size)));
    }
    expect(found.map(({ body }) => Buffer.from(body).toString())).toEqual([
      'one',
      '',
      'three\r\n\r\n',
    ]);
    expect(Buffer.concat(found.map(({ bytes }) => bytes))).toEqual(wire);
  }
});

test('an answer that has no body by its status has none', () => {
  const [answer, ...more] = new HttpMessages().push(
    Buffer.from('HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx'),
  );
  expect(answer?.start).toBe('HTTP/1.1 204 No Content');
  expect(more.map(({ body }) => Buffer.from(body).toString())).toEqual(['x']);
});

test('a message that states no length is not guessed at', () => {
  const chunked = Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
  expect(() => new HttpMessages().push(chunked)).toThrow(
    expect.objectContaining({ layer: 'audit', code: 'unreadable' }),
  );
});

// Cuts the bytes of an HTTP/1.1 connection into messages, as they passed: the head and the body that its length says
// (RFC 9112, section 6). Our clients and servers always state a length, so that nothing else is understood here.

import { AuditError } from './error.ts';

/** One request or response, as it stood on the wire. */
export interface HttpMessage {
  /** Head and body. */
  readonly bytes: Uint8Array;
  /** The first line: `POST /v1/notify/… HTTP/1.1`, or a status line. */
  readonly start: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

const HEAD_END = Buffer.from('\r\n\r\n');
/** Statuses that have no body (RFC 9112, section 6.3). */
const BODILESS = /^HTTP\/1\.1 (?:1\d\d|204|304) /;

/** One direction of a connection. */
export class HttpMessages {
  #rest: Buffer = Buffer.alloc(0);

  /** Takes what has come and gives the messages that are whole now. @throws AuditError `unreadable`. */
  push(chunk: Uint8Array): HttpMessage[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: HttpMessage[] = [];
    for (;;) {
      const message = this.#next();
      if (message === undefined) return messages;
      messages.push(message);
    }
  }

  #next(): HttpMessage | undefined {
    const at = this.#rest.indexOf(HEAD_END);
    if (at === -1) return undefined;
    const [start = '', ...lines] = this.#rest.toString('latin1', 0, at).split('\r\n');
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    if (headers.has('transfer-encoding')) {
      throw new AuditError('unreadable', 'A message on the wire states no length.');
    }
    const length = BODILESS.test(start) ? 0 : Number(headers.get('content-length') ?? 0);
    const bodyAt = at + HEAD_END.length;
    if (this.#rest.length < bodyAt + length) return undefined;
    const bytes = new Uint8Array(this.#rest.subarray(0, bodyAt + length));
    this.#rest = this.#rest.subarray(bodyAt + length);
    return { bytes, start, headers, body: bytes.subarray(bodyAt) };
  }
}

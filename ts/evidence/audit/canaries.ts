// Canaries: each kind of secret, in every way of writing it, in every place, planted on purpose while all is still recorded.
// A search that does not find one of them would not find a leak either.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Life, REPORTED, REPORTED_NAME } from './life.ts';
import type { Needles } from './needles.ts';
import { Relay } from './relay.ts';
import { PLACES, type Place, type Recorded, type Tape } from './tape.ts';
import { DOMAINS } from './world.ts';

const WINDOW = 'canaries';
/** The server that answers with what it is sent. */
const ECHO = 'echo.example';
const SHARD = 'canaries';
const BEFORE = 'before ';
const AFTER = ' after';

/** One canary. */
export interface Planted {
  readonly kind: string;
  readonly encoding: string;
  readonly place: Place;
  /** Which of the recorded items it must be in. */
  readonly item: number;
}

/** How many were planted and found, and which were not. */
export interface Canaries {
  readonly planted: number;
  readonly found: number;
  readonly missed: readonly string[];
}

/**
 * How a secret may be written: by the means of the platform, and not by those of the search (encodings.ts), so that the two
 * can disagree.
 */
const WRITERS: Readonly<Record<string, (secret: Buffer, text: string | undefined) => Buffer>> = {
  raw: (secret) => secret,
  hex: (secret) => Buffer.from(secret.toString('hex')),
  HEX: (secret) => Buffer.from(secret.toString('hex').toUpperCase()),
  base64: (secret) => Buffer.from(secret.toString('base64')),
  'base64, one octet before': (secret) =>
    Buffer.from(Buffer.concat([Buffer.from('x'), secret]).toString('base64')),
  'base64, two octets before': (secret) =>
    Buffer.from(Buffer.concat([Buffer.from('xy'), secret]).toString('base64')),
  base64url: (secret) => Buffer.from(secret.toString('base64url')),
  url: (secret, text) =>
    Buffer.from(text === undefined ? escaped(secret) : encodeURIComponent(text)),
  'url, lower case': (secret) => Buffer.from(escaped(secret).toLowerCase()),
  'utf-16le': (secret, text) => Buffer.from(text ?? secret.toString('hex'), 'utf16le'),
  'utf-16be': (secret, text) => Buffer.from(text ?? secret.toString('base64'), 'utf16le').swap16(),
  json: (secret, text) => Buffer.from(JSON.stringify({ canary: text ?? new Uint8Array(secret) })),
  'json of a buffer': (secret) => Buffer.from(JSON.stringify(secret)),
  'json in ascii': (_secret, text) =>
    Buffer.from(JSON.stringify(text ?? '').replaceAll(/[^ -~]/g, asciiEscape)),
};

const escaped = (secret: Buffer): string =>
  secret
    .toString('hex')
    .toUpperCase()
    .replaceAll(/../g, (octet) => `%${octet}`);

const asciiEscape = (char: string): string =>
  `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Kinds of secrets that are texts, and are written as such. */
const TEXTS = [
  'display name',
  REPORTED_NAME,
  'content',
  REPORTED,
  'join link',
  'user URI',
  'client URI',
];

/** Plants one of each kind of `needles` in every way and place. The world of the life must still be open. */
export async function plantCanaries(life: Life, needles: Needles): Promise<Planted[]> {
  const { tape } = life;
  tape.enter(WINDOW);
  await using planter = await Planter.open(life);
  const planted: Planted[] = [];
  for (const kind of needles.names()) {
    const [secret] = needles.valuesOf(kind) as [Uint8Array];
    const text = TEXTS.includes(kind) ? Buffer.from(secret).toString('utf8') : undefined;
    for (const [encoding, write] of Object.entries(WRITERS)) {
      if (encoding === 'json in ascii' && text === undefined) continue;
      const written = write(Buffer.from(secret), text);
      const bytes = Buffer.concat([Buffer.from(BEFORE), written, Buffer.from(AFTER)]);
      for (const place of PLACES) {
        const from = tape.recorded.length;
        await planter.plant(place, bytes);
        const item = indexOfPlace(tape, place, from);
        planted.push({ kind, encoding, place, item });
      }
    }
  }
  return planted;
}

/** Where what was just planted stands, a row’s value behind its key; beyond the end where it was not recorded. */
function indexOfPlace({ recorded }: Tape, place: Place, from: number): number {
  const at = recorded.findLastIndex((item) => item.place === place);
  return at < from ? recorded.length : at;
}

/** Searches for the canaries as for everything else. */
export function findCanaries(
  planted: readonly Planted[],
  recorded: readonly Recorded[],
  needles: Needles,
): Canaries {
  const missed = planted.filter(({ kind, item }) => {
    const bytes = recorded[item]?.bytes ?? new Uint8Array();
    return !needles.in(bytes).includes(kind);
  });
  return {
    planted: planted.length,
    found: planted.length - missed.length,
    missed: missed.map(({ kind, encoding, place }) => `${kind}, ${encoding}, ${place}`),
  };
}

/** Puts bytes where servers have theirs: through the taps of the hub, and through relays. */
class Planter implements AsyncDisposable {
  readonly #life: Life;
  readonly #echo: Server;
  readonly #relay: Relay;
  readonly #epoch: number;
  #head = 0;

  private constructor(life: Life, echo: Server, relay: Relay, epoch: number) {
    this.#life = life;
    this.#echo = echo;
    this.#relay = relay;
    this.#epoch = epoch;
  }

  static async open(life: Life): Promise<Planter> {
    const echo = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        response.setHeader('content-length', body.length).end(body);
      });
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const relay = await Relay.open(ECHO, life.tape);
    relay.leadTo(`http://127.0.0.1:${(echo.address() as AddressInfo).port}`);
    const { store } = life.world.tapsOf(DOMAINS.hub);
    const { epoch, head } = await store.acquire(SHARD, DOMAINS.hub, 60_000);
    const planter = new Planter(life, echo, relay, epoch);
    planter.#head = head;
    return planter;
  }

  async plant(place: Place, bytes: Uint8Array): Promise<void> {
    const { store, log } = this.#life.world.tapsOf(DOMAINS.hub);
    switch (place) {
      case 'wire request':
        // Nothing is served there: what is sent is recorded all the same.
        await post(`${this.#life.world.urlOf(DOMAINS.hub)}/canary`, bytes);
        return;
      case 'wire response':
        await post(`${this.#relay.url}/canary`, bytes);
        return;
      case 'store row': {
        const rows = [{ key: Buffer.from('canary'), value: bytes }];
        await store.append(SHARD, this.#epoch, this.#head, { rows, records: [] });
        await this.#readHead();
        return;
      }
      case 'log record':
        await store.append(SHARD, this.#epoch, this.#head, { rows: [], records: [{ bytes }] });
        await this.#readHead();
        return;
      case 'log line':
        log.write(bytes);
    }
  }

  async #readHead(): Promise<void> {
    this.#head = await this.#life.world.tapsOf(DOMAINS.hub).store.head(SHARD);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#relay.close();
    await new Promise((resolve) => this.#echo.close(resolve));
  }
}

async function post(url: string, bytes: Uint8Array): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream' };
  const answer = await fetch(url, { method: 'POST', headers, body: Buffer.from(bytes) });
  await answer.arrayBuffer();
}

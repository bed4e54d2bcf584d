// The small attackers of the visibility audit, on recordings made by hand: ts/evidence/audit/attackers.

import { describe, expect, test } from 'vitest';
import { enumerateFranks } from '../../../ts/evidence/audit/attackers/franks.ts';
import { findLinks } from '../../../ts/evidence/audit/attackers/linkage.ts';
import { mapPseudonyms } from '../../../ts/evidence/audit/attackers/pseudonyms.ts';
import { compareSizes } from '../../../ts/evidence/audit/attackers/sizes.ts';
import { ben, bob, clientsOf, type Person, userOf } from '../../../ts/evidence/audit/cast.ts';
import type { Frame } from '../../../ts/evidence/audit/frames.ts';
import type { Life } from '../../../ts/evidence/audit/life.ts';
import type { Recorded } from '../../../ts/evidence/audit/tape.ts';
import type { View } from '../../../ts/evidence/audit/view.ts';
import { generateSignatureKeyPair } from '../../../ts/mls/index.ts';
import { blindedSender, blindOf, frankingTag, makeFrank } from '../../../ts/privacy/parts/frank.ts';
import { signerOf } from '../../../ts/privacy/parts/hpke.ts';
import { type ClientUri, roomUri } from '../../../ts/wire/index.ts';

/** What a hub has of one window: these bytes, in a row. */
function view(...parts: readonly (Uint8Array | string)[]): View {
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const item = {
    party: 'a.example',
    window: 'w',
    peer: undefined,
    what: 'rooms-0 z',
    bytes,
    at: 0,
  };
  return {
    domain: 'a.example',
    items: [{ ...item, place: 'store row' }],
    frames: [],
    opened: [],
    bytes: [bytes],
  };
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const common = random(40);

describe('a user of two rooms', () => {
  const meet = (first: View, second: View, ...others: View[]) =>
    findLinks({ person: bob, first, second, others });

  test('is linked by a value that both rooms showed of nobody else', () => {
    const queue = random(16);
    const links = meet(view(common, queue, common), view(random(50), queue), view(common));
    expect(links).toEqual([{ by: 'store row rooms-0 z', bytes: 16 }]);
  });

  test('is linked by a value of eight bytes', () => {
    const id = random(8);
    expect(meet(view(random(9), id), view(id, random(9)), view(common))).toHaveLength(1);
  });

  test('is not linked by what others were shown as well, nor by less than eight bytes', () => {
    const few = random(7);
    expect(meet(view(common), view(common), view(common))).toEqual([]);
    expect(meet(view(common, few, common), view(common, few, common), view(common))).toEqual([]);
    expect(meet(view(random(99)), view(random(99)), view(random(99)))).toEqual([]);
  });

  test('is linked by the real name, however it is written in a path', () => {
    const client = clientsOf(bob)[0] as string;
    const [first, second] = [view('x', client), view(encodeURIComponent(client))];
    expect(meet(first, second, view(userOf(ben))).map(({ by }) => by)).toContain('real URI');
  });
});

describe('sizes', () => {
  const frames = (...sizes: readonly number[]) =>
    sizes.map((size) => ({ content: 'application', sizes: [size] }) as unknown as Frame);

  test('that are powers of two with the same framing around them tell classes', () => {
    expect(compareSizes(frames(332, 588, 588, 4172)).tell).toBe('classes');
  });
  test('that are not tell contents', () => {
    expect(compareSizes(frames(332, 588, 589)).tell).toBe('contents');
  });
  test('of which there is one tell nothing', () => {
    expect(compareSizes(frames(332, 332)).tell).toBe('nothing');
  });
});

describe('who sent a message', () => {
  const keys = generateSignatureKeyPair(1);
  const room = roomUri('a.example', 'club');
  const salt = random(16);
  const tag = frankingTag(salt, random(30));
  const acceptedAt = 1_700_000_000_000n;
  const key = { hubKey: random(32), publicKey: keys.publicKey, sign: signerOf(1, keys.privateKey) };
  const frames = (form: 'exedra' | 'draft06', blind = blindOf(salt)) => {
    const sender = userOf(bob);
    const franked = { tag, sender, room, acceptedAt, position: 7n };
    const bytes = makeFrank(form, 1, key, {
      ...franked,
      blindedSender: blindedSender(blind, sender),
    });
    const frame = { frank: { bytes, acceptedAt }, tag };
    return [frame, frame, { frank: undefined }] as unknown as Frame[];
  };
  const known = { room, keys: [random(32), keys.publicKey], uris: [userOf(ben), userOf(bob)] };
  const nobody = { franked: 1, found: 0 };

  test('is found by trying, where the frank names it', () => {
    expect(enumerateFranks(frames('draft06'), known)).toEqual({ franked: 1, found: 1 });
    expect(enumerateFranks(frames('draft06'), { ...known, uris: [userOf(ben)] })).toEqual(nobody);
    expect(enumerateFranks(frames('draft06'), { ...known, keys: [random(32)] })).toEqual(nobody);
  });

  test('is found by trying, where the blind is one of the values that stand beside it', () => {
    expect(enumerateFranks(frames('exedra', tag), known)).toEqual({ franked: 1, found: 1 });
    const salted = blindOf(tag.subarray(0, 16));
    expect(enumerateFranks(frames('exedra', salted), known)).toEqual({ franked: 1, found: 1 });
  });

  test('is not found where it is blinded', () => {
    expect(enumerateFranks(frames('exedra'), known)).toEqual(nobody);
  });
});

describe('which account is behind a pseudonym', () => {
  const alias = { user: `mimi://b.example/u/${'7'.repeat(32)}`, client: 'mimi://b.example/d/77' };
  const [phone] = clientsOf(bob) as [ClientUri];
  const access = (person: Person, token: string) => ({
    user: userOf(person),
    client: clientsOf(person)[0] as ClientUri,
    token,
    queues: [{ client: `mimi://b.example/d/q-${token}`, token: token.replace('token', 'queue') }],
  });
  const accesses = new Map([
    ['b.example', [access(bob, 'token-of-bob'), access(ben, 'token-of-ben')]],
  ]);
  const item = (fields: Partial<Recorded>): Recorded => ({
    party: 'b.example',
    window: 'w',
    place: 'wire request',
    peer: 'device',
    what: '/client/v1/sync',
    bytes: new Uint8Array([1]),
    at: 0,
    ...fields,
  });
  const request = (token: string, connection: number, at: number, body = '') =>
    item({
      bytes: Buffer.from(`POST /x HTTP/1.1\r\nauthorization: Bearer ${token}\r\n\r\n${body}`),
      connection,
      at,
    });
  const map = (...recorded: Recorded[]) =>
    mapPseudonyms(
      {
        tape: { recorded },
        accesses,
        seats: new Map([
          [bob, [alias]],
          [ben, []],
        ]),
      } as unknown as Life,
      'b.example',
    );

  test('shows where both stand in one request, in its answer, or in one row', () => {
    const response = item({
      place: 'wire response',
      connection: 3,
      bytes: Buffer.from(`welcome to ${alias.user}`),
    });
    const row = (text: string) =>
      item({ place: 'store row', what: 'accounts o', peer: undefined, bytes: Buffer.from(text) });
    const bare = request('token-of-bob', 3, 0);
    for (const shows of [
      [request('token-of-bob', 3, 0, alias.client)],
      [request('token-of-bob', 3, 0, 'q-token-of-bob, mimi://b.example/d/q-token-of-bob')],
      [bare, response],
      [bare, { ...request('token-of-ben', 3, 0), peer: 'a.example' }, response],
      [row(`owner ${alias.user}`), row(userOf(bob))],
      [item({ place: 'log line', bytes: Buffer.from(`${phone} is ${alias.user}`) })],
    ]) {
      expect(map(...shows).named).toEqual({ found: 1, of: 2 });
    }
    for (const shows of [
      [bare, { ...response, connection: 4 }],
      // Another provider's connection has the number of one of its own.
      [
        request('queue-of-bob', 3, 0),
        { ...request('token-of-bob', 3, 0), peer: 'a.example' },
        response,
      ],
      [request('queue-of-bob', 3, 0, alias.client), bare],
      [row(`owner ${alias.user}`), item({ place: 'log line', bytes: Buffer.from(phone) })],
    ]) {
      expect(map(...shows).named).toEqual({ found: 0, of: 2 });
    }
  });

  test('shows where account and queue have a value in common that no other has', () => {
    const value = random(12);
    const request12 = (token: string, body: Uint8Array) => {
      const plain = request(token, 1, 0);
      return { ...plain, bytes: Buffer.concat([plain.bytes, body]) };
    };
    const joined = (...recorded: Recorded[]) => map(...recorded).joined;
    const bobs = [request12('token-of-bob', value), request12('queue-of-bob', value)];
    expect(joined(...bobs)).toEqual({ found: 1, of: 2 });
    expect(joined(...bobs, request12('token-of-ben', value))).toEqual({ found: 0, of: 2 });
    expect(joined(request12('token-of-bob', value), request12('queue-of-ben', value))).toEqual({
      found: 0,
      of: 2,
    });
  });

  test('shows where both come over one connection', () => {
    const calls = [request('token-of-bob', 1, 0), request('queue-of-bob', 2, 0)];
    expect(map(...calls).connections).toEqual({ found: 0, of: 1 });
    expect(map(...calls, request('queue-of-bob', 1, 9)).connections).toEqual({
      found: 1,
      of: 2,
    });
  });

  test('is guessed by the moments of requests', () => {
    const accounts = [request('token-of-bob', 1, 100), request('token-of-ben', 2, 200)];
    const right = [request('queue-of-bob', 3, 101), request('queue-of-ben', 4, 198)];
    expect(map(...accounts, ...right).byTime).toEqual({ found: 2, of: 2 });
    const crossed = [request('queue-of-bob', 3, 201), request('queue-of-ben', 4, 99)];
    expect(map(...accounts, ...crossed).byTime).toEqual({ found: 0, of: 2 });
    expect(map(request('token-of-bob', 1, 100), ...right).byTime).toEqual({ found: 0, of: 0 });
  });
});

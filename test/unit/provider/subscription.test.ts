// Which events of a room a local device is served, through removals and Welcomes.

import { expect, test } from 'vitest';
import {
  decodeSubscription,
  encodeSeq,
  encodeSubscription,
} from '../../../ts/provider/records/room_rows.ts';
import { roomRows } from '../../../ts/provider/rows.ts';
import {
  isServed,
  readService,
  type Service,
  subscribeRows,
  welcomeRows,
} from '../../../ts/provider/subscription.ts';
import { clientUri, roomUri } from '../../../ts/wire/index.ts';

const client = clientUri('a.example', 'bob-1');
const room = roomUri('a.example', 'club');
const REF = new Uint8Array();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The rows of one device, as a store would hold them. */
class Rows {
  readonly #rows = new Map<string, Uint8Array>();

  write(rows: ReturnType<typeof subscribeRows>): void {
    for (const { key, value } of rows) {
      if (value === undefined) this.#rows.delete(hex(key));
      else this.#rows.set(hex(key), value);
    }
  }

  end(seq: number): void {
    this.write([{ key: roomRows.subscriptionEnd(client, room), value: encodeSeq(seq) }]);
  }

  async service(): Promise<Service | undefined> {
    return readService({ get: async (key) => this.#rows.get(hex(key)) }, client, room);
  }

  async welcome(seq: number): Promise<void> {
    this.write(welcomeRows(client, room, seq, seq, REF, await this.service()));
  }

  async served(upTo: number): Promise<number[]> {
    const service = await this.service();
    const all = Array.from({ length: upTo }, (_, index) => index + 1);
    return service === undefined ? [] : all.filter((seq) => isServed(service, seq));
  }
}

test('a device is served what comes after its Welcome, until it is taken out', async () => {
  const rows = new Rows();
  expect(await rows.served(9)).toEqual([]);
  await rows.welcome(3);
  expect(await rows.served(9)).toEqual([4, 5, 6, 7, 8, 9]);
  rows.end(6);
  expect(await rows.served(9)).toEqual([4, 5, 6]);
});

test('who is added again is served both stretches, and nothing of the time between', async () => {
  const rows = new Rows();
  await rows.welcome(3);
  rows.end(6);
  await rows.welcome(8);
  rows.end(10);
  await rows.welcome(13);
  expect(await rows.served(15)).toEqual([4, 5, 6, 9, 10, 14, 15]);
});

test('a Welcome to who is in the room moves nothing', async () => {
  const rows = new Rows();
  await rows.welcome(3);
  await rows.welcome(7);
  expect(await rows.served(9)).toEqual([4, 5, 6, 7, 8, 9]);
});

test('who joins by itself is served from there on only', async () => {
  const rows = new Rows();
  await rows.welcome(3);
  rows.write(subscribeRows(client, room, 7));
  expect(await rows.served(9)).toEqual([7, 8, 9]);
});

test('of many absences the oldest are forgotten with all before them', async () => {
  const rows = new Rows();
  await rows.welcome(1);
  for (let turn = 1; turn <= 40; turn++) {
    rows.end(turn * 10);
    await rows.welcome(turn * 10 + 5);
  }
  const service = await rows.service();
  expect(service?.absences).toHaveLength(16);
  const served = await rows.served(410);
  expect(served[0]).toBe(246);
  for (const seq of served) expect((seq - 1) % 10 >= 5 || seq % 10 === 0, `${seq}`).toBe(true);
});

test('the row comes back as it was written', () => {
  const subscription = { from: 4, absences: [{ first: 7, last: 8 }] };
  expect(decodeSubscription(encodeSubscription(subscription))).toEqual(subscription);
});

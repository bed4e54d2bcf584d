// The storage in memory keeps what the KeyValue interface promises, and rows come back as they were written.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryKeyValue } from '../../../ts/client/index.ts';
import { type HistoryRow, historyRows } from '../../../ts/client/state/history_row.ts';
import { plainKey, roomKey, roomOfKey, splitKey } from '../../../ts/client/state/keys.ts';
import { type OutboxRow, outboxRows } from '../../../ts/client/state/outbox_row.ts';
import { type RoomRow, roomRows } from '../../../ts/client/state/room_row.ts';
import { clientUri, roomUri, userUri } from '../../../ts/wire/index.ts';

const b = (...octets: number[]) => Uint8Array.from(octets);

test('rows come in bytewise order of their keys, those under the prefix only', async () => {
  const storage = memoryKeyValue();
  await storage.write([
    { key: b(2, 0), value: b(1) },
    { key: b(1, 255), value: b(2) },
    { key: b(1), value: b(3) },
    { key: b(1, 0), value: b(4) },
  ]);

  expect((await storage.load(b(1))).map(({ key }) => [...key])).toEqual([[1], [1, 0], [1, 255]]);
  expect(await storage.load()).toHaveLength(4);
  expect(await storage.load(b(3))).toEqual([]);
});

test('the later of two changes of one key counts, and undefined deletes', async () => {
  const storage = memoryKeyValue([{ key: b(1), value: b(1) }]);
  await storage.write([
    { key: b(1), value: undefined },
    { key: b(2), value: b(1) },
    { key: b(2), value: b(2) },
    { key: b(3), value: b(3) },
    { key: b(3), value: undefined },
  ]);

  expect(await storage.load()).toEqual([{ key: b(2), value: b(2) }]);
});

test('a change of an array after the write, or of one that was loaded, changes no row', async () => {
  const storage = memoryKeyValue();
  const value = b(1, 2);
  await storage.write([{ key: b(1), value }]);
  value[0] = 9;
  const [loaded] = await storage.load();
  loaded?.value.fill(7);

  expect(await storage.load()).toEqual([{ key: b(1), value: b(1, 2) }]);
});

test('the rows of one room never fall under the prefix of another', () => {
  const short = roomUri('a.example', 'r');
  const long = roomUri('a.example', 'r1');
  const prefix = roomKey('history', short);

  const other = roomKey('history', long, 1n);

  expect([...other.subarray(0, prefix.length)]).not.toEqual([...prefix]);
  expect([...roomKey('history', short, 1n).subarray(0, prefix.length)]).toEqual([...prefix]);
});

test('a key tells its kind, and a key of none is not taken for one', () => {
  const room = roomUri('a.example', 'club');
  const split = splitKey(roomKey('outbox', room, 7n));

  expect(split?.kind).toBe('outbox');
  expect(roomOfKey(split?.rest ?? b())).toBe(room);
  expect(splitKey(plainKey('mls', b(1, 2)))).toEqual({ kind: 'mls', rest: b(1, 2) });
  expect(splitKey(b(9, 9))).toBeUndefined();
});

test('row keys of a room sort as their numbers', () => {
  const room = roomUri('a.example', 'club');
  const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(u64, u64, (left, right) => {
      const [a, c] = [roomKey('history', room, left), roomKey('history', room, right)];
      const order = Buffer.compare(a, c);
      expect(Math.sign(order)).toBe(left < right ? -1 : left > right ? 1 : 0);
    }),
  );
});

const octets = fc.uint8Array({ maxLength: 200 });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const u32 = fc.nat({ max: 2 ** 32 - 1 });
const status = fc.constantFrom('active', 'joining', 'stale', 'left') as fc.Arbitrary<
  RoomRow['status']
>;

test('a room row comes back as it was written', () => {
  const flight = fc.record({
    kind: fc.constantFrom('create', 'commit', 'proposal', 'join'),
    hash: octets,
    epoch: u64,
    request: octets,
    before: status,
  }) as fc.Arbitrary<NonNullable<RoomRow['flight']>>;
  const row: fc.Arbitrary<RoomRow> = fc.record({
    status,
    lastSeq: u64,
    joinedEpoch: u64,
    lastEpoch: u64,
    nextNumber: u64,
    queued: fc.array(octets, { maxLength: 3 }),
    proposals: u32,
    leaving: fc.array(
      fc.record({ leaf: u32, proposer: fc.option(u32, { nil: undefined }), ref: octets }),
      { maxLength: 3 },
    ),
    mandate: fc.option(octets, { nil: undefined }),
    mode: fc.constantFrom('open', 'members-only'),
    index: octets,
    verdict: fc.option(
      fc.record({ seq: u64, code: fc.constant('R3-remover'), committer: fc.string() }),
      { nil: undefined },
    ),
    successor: fc.option(fc.constant(roomUri('a.example', 'next')), { nil: undefined }),
    predecessor: fc.option(fc.constant(roomUri('a.example', 'before')), { nil: undefined }),
    shareIndex: fc.boolean(),
    shareWrapper: fc.boolean(),
    shareLink: fc.boolean(),
    owed: fc.array(
      fc.record({
        lifetime: fc.constantFrom('epoch', 'room'),
        name: octets,
        value: octets,
      }) as fc.Arbitrary<RoomRow['owed'][number]>,
      { maxLength: 3 },
    ),
    declined: fc.boolean(),
    unsubscribe: fc.boolean(),
    flight: fc.option(flight, { nil: undefined }),
    bans: fc.array(
      fc.record({
        pseudonym: fc.string(),
        real: fc.constant(userUri('a.example', 'bob')),
        linkKey: octets,
        sound: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(row, (value) => {
      expect(roomRows.decode(roomRows.encode(value))).toEqual(value);
    }),
  );
});

test('an outbox row comes back as it was written', () => {
  const row: fc.Arbitrary<OutboxRow> = fc.record({
    number: u64,
    localId: octets,
    content: octets,
    sealed: fc.option(fc.record({ message: octets, id: octets, epoch: u64 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(row, (value) => {
      expect(outboxRows.decode(outboxRows.encode(value))).toEqual(value);
    }),
  );
});

test('a history row comes back as it was written', () => {
  const message = {
    id: 'ab',
    sender: userUri('a.example', 'alice'),
    client: clientUri('a.example', 'alice-1'),
    content: b(0, 255),
    epoch: 3n,
    acceptedAt: 1_700_000_000_000,
    seq: 9n,
  };
  const rows: HistoryRow[] = [
    { kind: 'gap', gap: { seq: 4n, code: 'undecryptable' } },
    { kind: 'message', message: { ...message, own: false } },
    { kind: 'message', message: { ...message, own: true, localId: '00ff' } },
  ];
  for (const row of rows) expect(historyRows.decode(historyRows.encode(row))).toEqual(row);
});

test('a row that was damaged is refused as such', () => {
  const row = outboxRows.encode({ number: 1n, localId: b(1), content: b(2), sealed: undefined });

  expect(() => outboxRows.decode(row.subarray(1))).toThrow(
    expect.objectContaining({ code: 'wrongStorage' }),
  );
  expect(() => roomRows.decode(b(200))).toThrow(expect.objectContaining({ code: 'wrongStorage' }));
});

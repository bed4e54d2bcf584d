// What every engine of the Store interface must keep (ts/provider/store.ts), as one suite of tests.
// An engine's test file calls `describeStore` with a way to open it.

import { afterEach, describe, expect, it } from 'vitest';
import type { AppendBatch, Lease, Store } from '../../ts/provider/store.ts';
import type { StoreLimits } from '../../ts/store/limits.ts';
import { ALL, bytes, none, records, rows, TTL, text } from './store_batches.ts';
import { describeService } from './store_service_conformance.ts';

export interface StoreUnderTest {
  readonly clock: () => number;
  readonly limits?: Partial<StoreLimits>;
}

/** Gives a fresh, empty store. */
export type OpenStore = (options: StoreUnderTest) => Promise<Store>;

export function describeStore(name: string, open: OpenStore): void {
  describe(`${name}: the rules of a store`, () => {
    const opened: Store[] = [];
    let now = 1_000_000;
    const openStore = async (limits?: Partial<StoreLimits>): Promise<Store> => {
      const store = await open({ clock: () => now, ...(limits && { limits }) });
      opened.push(store);
      return store;
    };
    const owned = async (
      limits?: Partial<StoreLimits>,
    ): Promise<{ store: Store; lease: Lease; append: (batch: AppendBatch) => Promise<number> }> => {
      const store = await openStore(limits);
      const lease = await store.acquire('s', 'a', TTL);
      const append = async (batch: AppendBatch): Promise<number> =>
        (await store.append('s', lease.epoch, await store.head('s'), batch)).head;
      return { store, lease, append };
    };
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });

    describe('the log', () => {
      it('gives positions 1, 2, 3… without a gap, and reads them back in order', async () => {
        const { store, append } = await owned();
        expect(await append(records('one', 'two'))).toBe(2);
        expect(await append(records('three'))).toBe(3);
        expect(await store.head('s')).toBe(3);
        expect(await store.read('s', 1, 10)).toEqual([
          { position: 1, bytes: text('one') },
          { position: 2, bytes: text('two') },
          { position: 3, bytes: text('three') },
        ]);
      });

      it('reads from a position and at most the limit', async () => {
        const { store, append } = await owned();
        await append(records('a', 'b', 'c', 'd'));
        expect((await store.read('s', 2, 2)).map((record) => record.position)).toEqual([2, 3]);
        expect((await store.read('s', 0, 2)).map((record) => record.position)).toEqual([1, 2]);
        expect(await store.read('s', 5, 2)).toEqual([]);
        expect(await store.read('s', 1, 0)).toEqual([]);
      });

      it('is empty for a shard nobody has written', async () => {
        const store = await openStore();
        expect(await store.head('never')).toBe(0);
        expect(await store.read('never', 1, 10)).toEqual([]);
        expect(await store.get('never', text('k'))).toBeUndefined();
        expect(await store.range('never', ALL)).toEqual([]);
        expect(await store.cursors('never')).toEqual(new Map());
        expect(await store.lookup('never', text('id'))).toBeUndefined();
      });

      it('keeps empty records and records of every byte value', async () => {
        const { store, append } = await owned();
        const every = Uint8Array.from({ length: 256 }, (_, i) => i);
        const large = new Uint8Array(3_000_000).fill(0xa5);
        await append({
          records: [{ bytes: bytes() }, { bytes: every }, { bytes: large }],
          rows: [],
        });
        const read = await store.read('s', 1, 3);
        expect(read.slice(0, 2).map((record) => record.bytes)).toEqual([bytes(), every]);
        expect(Buffer.compare(read[2]?.bytes as Uint8Array, large)).toBe(0);
      });

      it('keeps what was given, whatever the caller does to its buffers afterwards', async () => {
        const { store, lease } = await owned();
        const record = text('record');
        const value = text('value');
        const done = store.append('s', lease.epoch, 0, {
          records: [{ bytes: record }],
          rows: [{ key: text('k'), value }],
        });
        await done;
        record.fill(0);
        value.fill(0);
        (await store.read('s', 1, 1))[0]?.bytes.fill(0);
        expect((await store.read('s', 1, 1))[0]?.bytes).toEqual(text('record'));
        expect(await store.get('s', text('k'))).toEqual(text('value'));
      });

      it('keeps shards apart', async () => {
        const { store, append } = await owned();
        await append(records('mine'));
        const other = await store.acquire('t', 'b', TTL);
        expect(other).toEqual({ epoch: 1, head: 0 });
        await store.append('t', other.epoch, 0, rows([text('k'), text('v')]));
        expect(await store.read('t', 1, 10)).toEqual([]);
        expect(await store.get('s', text('k'))).toBeUndefined();
      });

      it('commits appends to many shards at once, each by itself', async () => {
        const store = await openStore();
        const names = Array.from({ length: 50 }, (_, i) => `shard ${i}`);
        const leases = await Promise.all(names.map((shard) => store.acquire(shard, 'a', TTL)));
        const outcomes = await Promise.allSettled(
          names.map((shard, i) =>
            store.append(shard, (leases[i] as Lease).epoch, i % 2, records(shard)),
          ),
        );
        expect(outcomes.map((outcome) => outcome.status)).toEqual(
          names.map((_, i) => (i % 2 === 0 ? 'fulfilled' : 'rejected')),
        );
        for (const [i, shard] of names.entries()) {
          expect(await store.head(shard)).toBe(i % 2 === 0 ? 1 : 0);
        }
      });

      it('takes appends that follow each other without waiting', async () => {
        const { store, lease } = await owned();
        await Promise.all(
          Array.from({ length: 100 }, (_, i) =>
            store.append('s', lease.epoch, i, records(`record ${i + 1}`)),
          ),
        );
        const read = await store.read('s', 1, 1000);
        expect(read.map((record) => new TextDecoder().decode(record.bytes))).toEqual(
          Array.from({ length: 100 }, (_, i) => `record ${i + 1}`),
        );
      });
    });

    describe('who may append', () => {
      it('refuses an append to another head with conflict and the head', async () => {
        const { store, lease, append } = await owned();
        await append(records('one', 'two'));
        for (const wrong of [0, 1, 3]) {
          await expect(
            store.append('s', lease.epoch, wrong, records('late')),
          ).rejects.toMatchObject({ code: 'conflict', details: { head: 2 } });
        }
        expect(await store.head('s')).toBe(2);
      });

      it('refuses an append without a lease, or with one that was never given', async () => {
        const { store } = await owned();
        await expect(store.append('none', 0, 0, records('x'))).rejects.toMatchObject({
          code: 'fenced',
        });
        await expect(store.append('s', 7, 0, records('x'))).rejects.toMatchObject({
          code: 'fenced',
          details: { epoch: 1 },
        });
      });

      it('gives a held shard to nobody else until the lease ends', async () => {
        const { store } = await owned();
        await expect(store.acquire('s', 'b', TTL)).rejects.toMatchObject({ code: 'held' });
        now += TTL - 1;
        await expect(store.acquire('s', 'b', TTL)).rejects.toMatchObject({ code: 'held' });
        now += 1;
        expect(await store.acquire('s', 'b', TTL)).toEqual({ epoch: 2, head: 0 });
      });

      it('fences an owner that was paused while another took over', async () => {
        const { store, lease } = await owned();
        now += TTL;
        const next = await store.acquire('s', 'b', TTL);
        await store.append('s', next.epoch, 0, records('of b'));
        await expect(store.append('s', lease.epoch, 0, records('of a'))).rejects.toMatchObject({
          code: 'fenced',
          details: { epoch: next.epoch },
        });
        await expect(store.append('s', lease.epoch, 1, records('of a'))).rejects.toMatchObject({
          code: 'fenced',
        });
        await expect(store.renew('s', lease.epoch, TTL)).rejects.toMatchObject({ code: 'lost' });
        await store.release('s', lease.epoch);
        await expect(store.acquire('s', 'c', TTL)).rejects.toMatchObject({ code: 'held' });
        expect((await store.read('s', 1, 9)).map((record) => record.bytes)).toEqual([text('of b')]);
      });

      it('lets an owner go on after its lease ended, as long as nobody took the shard', async () => {
        const { store, lease } = await owned();
        now += 2 * TTL;
        expect(await store.append('s', lease.epoch, 0, records('late'))).toEqual({ head: 1 });
        await store.renew('s', lease.epoch, TTL);
        await expect(store.acquire('s', 'b', TTL)).rejects.toMatchObject({ code: 'held' });
      });

      it('extends a lease from now on', async () => {
        const { store, lease } = await owned();
        now += TTL - 1;
        await store.renew('s', lease.epoch, TTL);
        now += TTL - 1;
        await expect(store.acquire('s', 'b', TTL)).rejects.toMatchObject({ code: 'held' });
        now += 1;
        expect((await store.acquire('s', 'b', TTL)).epoch).toBe(2);
      });

      it('frees a released shard at once, and fences who released it', async () => {
        const { store, lease } = await owned();
        await store.release('s', lease.epoch);
        await expect(store.append('s', lease.epoch, 0, records('x'))).rejects.toMatchObject({
          code: 'fenced',
        });
        await expect(store.renew('s', lease.epoch, TTL)).rejects.toMatchObject({ code: 'lost' });
        expect((await store.acquire('s', 'b', TTL)).epoch).toBe(lease.epoch + 1);
      });

      it('lets the same owner acquire again, and fences its earlier self', async () => {
        const { store, lease, append } = await owned();
        await append(records('one'));
        const again = await store.acquire('s', 'a', TTL);
        expect(again).toEqual({ epoch: lease.epoch + 1, head: 1 });
        await expect(store.append('s', lease.epoch, 1, records('x'))).rejects.toMatchObject({
          code: 'fenced',
        });
        expect(await store.append('s', again.epoch, 1, records('two'))).toEqual({ head: 2 });
      });

      it('gives a free shard to exactly one of many who ask at once', async () => {
        const store = await openStore();
        const asked = await Promise.allSettled(
          Array.from({ length: 8 }, (_, i) => store.acquire('s', `owner ${i}`, TTL)),
        );
        expect(asked.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
      });

      it('lets exactly one of 8 writers win each of 600 rounds', { timeout: 60_000 }, async () => {
        const { store, lease } = await owned();
        for (let round = 0; round < 600; round++) {
          const outcomes = await Promise.allSettled(
            Array.from({ length: 8 }, (_, writer) =>
              store.append('s', lease.epoch, round, records(`${round} ${writer}`)),
            ),
          );
          const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
          expect(refused).toHaveLength(7);
          for (const { reason } of refused) {
            expect(reason).toMatchObject({ code: 'conflict', details: { head: round + 1 } });
          }
        }
        const read = await store.read('s', 1, 1000);
        expect(read).toHaveLength(600);
        const rounds = read.map((record) =>
          Number(new TextDecoder().decode(record.bytes).split(' ')[0]),
        );
        expect(rounds).toEqual(Array.from({ length: 600 }, (_, i) => i));
      });
    });

    describe('rows', () => {
      const keys = [
        bytes(),
        bytes(0),
        bytes(0, 0),
        bytes(0, 1),
        bytes(0x61),
        bytes(0x61, 0),
        bytes(0x61, 0xff),
        bytes(0x7f),
        bytes(0x80),
        bytes(0xc3, 0xa9),
        bytes(0xff),
        bytes(0xff, 0xff),
      ];
      const filled = async (): Promise<Store> => {
        const { store, append } = await owned();
        const pairs = keys.map((key, i): [Uint8Array, Uint8Array] => [key, bytes(i)]);
        await append(rows(...pairs.slice(6), ...pairs.slice(0, 6)));
        return store;
      };
      const indexes = (found: { value: Uint8Array }[]): (number | undefined)[] =>
        found.map(({ value }) => value[0]);

      it('are found under any key, also an empty one', async () => {
        const store = await filled();
        for (const [i, key] of keys.entries()) expect(await store.get('s', key)).toEqual(bytes(i));
        expect(await store.get('s', bytes(0, 2))).toBeUndefined();
      });

      it('come in bytewise key order, forwards and backwards', async () => {
        const store = await filled();
        const all = await store.range('s', ALL);
        expect(all.map(({ key }) => key)).toEqual(keys);
        expect(indexes(all)).toEqual(keys.map((_, i) => i));
        const back = await store.range('s', { ...ALL, reverse: true });
        expect(back.map(({ key }) => key)).toEqual([...keys].reverse());
      });

      it('are bounded by from, which is included, and to, which is not', async () => {
        const store = await filled();
        const bounds = { from: bytes(0, 1), to: bytes(0x80) };
        expect(indexes(await store.range('s', bounds))).toEqual([3, 4, 5, 6, 7]);
        expect(indexes(await store.range('s', { ...bounds, reverse: true }))).toEqual([
          7, 6, 5, 4, 3,
        ]);
        expect(await store.range('s', { from: bytes(0x80), to: bytes(0x80) })).toEqual([]);
        expect(await store.range('s', { from: bytes(0x80), to: bytes(0) })).toEqual([]);
        expect(indexes(await store.range('s', { from: bytes(0xfe), to: bytes(0xff) }))).toEqual([]);
      });

      it('stop at the limit, from either end', async () => {
        const store = await filled();
        expect(indexes(await store.range('s', { ...ALL, limit: 3 }))).toEqual([0, 1, 2]);
        expect(indexes(await store.range('s', { ...ALL, limit: 2, reverse: true }))).toEqual([
          11, 10,
        ]);
        expect(await store.range('s', { ...ALL, limit: 0 })).toEqual([]);
      });

      it('are overwritten and deleted, and deleting what is not there is no fault', async () => {
        const { store, append } = await owned();
        await append(rows([text('k'), text('1')], [text('l'), bytes()]));
        await append(rows([text('k'), text('2')], [text('l'), undefined], [text('m'), undefined]));
        expect(await store.get('s', text('k'))).toEqual(text('2'));
        expect(await store.get('s', text('l'))).toBeUndefined();
        expect(await store.range('s', ALL)).toEqual([{ key: text('k'), value: text('2') }]);
      });

      it('may be empty, which is not the same as missing', async () => {
        const { store, append } = await owned();
        await append(rows([text('k'), bytes()]));
        expect(await store.get('s', text('k'))).toEqual(bytes());
      });

      it('take the last of several writes to one key in a batch', async () => {
        const { store, append } = await owned();
        await append(rows([text('k'), text('1')], [text('k'), undefined], [text('k'), text('3')]));
        expect(await store.get('s', text('k'))).toEqual(text('3'));
      });
    });

    describe('all or nothing', () => {
      const limits = { recordBytes: 100, batchBytes: 250, keyBytes: 20 };
      const good = { bytes: text('good'), requestId: text('id') };
      const row = { key: text('k'), value: text('v') };

      it.each<[string, AppendBatch]>([
        ['a record', { records: [good, { bytes: new Uint8Array(101) }, good], rows: [row] }],
        [
          'a request id',
          { records: [good, { bytes: bytes(), requestId: new Uint8Array(21) }], rows: [row] },
        ],
        ['a row', { records: [good], rows: [row, { key: text('l'), value: new Uint8Array(101) }] }],
        [
          'a row key',
          { records: [good], rows: [row, { key: new Uint8Array(21), value: bytes() }] },
        ],
        [
          'the sum',
          {
            records: Array.from({ length: 3 }, () => ({ bytes: new Uint8Array(90) })),
            rows: [row],
          },
        ],
      ])('writes nothing of a batch in which %s is too large', async (_what, batch) => {
        const { store, append } = await owned(limits);
        await append(records('first'));
        await expect(append(batch)).rejects.toMatchObject({ code: 'tooLarge' });
        expect(await store.head('s')).toBe(1);
        expect(await store.read('s', 1, 9)).toEqual([{ position: 1, bytes: text('first') }]);
        expect(await store.range('s', { from: bytes(), to: bytes(0xff) })).toEqual([]);
        expect(await store.lookup('s', text('id'))).toBeUndefined();
        expect(await append(records('second'))).toBe(2);
      });

      it('writes nothing of a batch that meets a conflict', async () => {
        const { store, lease } = await owned();
        await expect(
          store.append('s', lease.epoch, 5, { records: [good], rows: [row] }),
        ).rejects.toMatchObject({ code: 'conflict' });
        expect(await store.get('s', row.key)).toBeUndefined();
        expect(await store.lookup('s', good.requestId)).toBeUndefined();
      });

      it('takes a batch just at the limits, and one with nothing in it', async () => {
        const { append } = await owned(limits);
        const full = new Uint8Array(100);
        expect(
          await append({
            records: [{ bytes: full }, { bytes: full }],
            rows: [{ key: new Uint8Array(20), value: new Uint8Array(30) }],
          }),
        ).toBe(2);
        expect(await append(none)).toBe(2);
      });

      it('takes keys of 1024 bytes, and refuses names and keys beyond', async () => {
        const { store, lease, append } = await owned();
        const key = new Uint8Array(1024).fill(0xff);
        const batch = {
          records: [{ bytes: text('r'), requestId: key }],
          rows: [{ key, value: text('v') }],
        };
        expect(await append(batch)).toBe(1);
        expect(await store.get('s', key)).toEqual(text('v'));
        expect(await store.lookup('s', key)).toBe(1);
        const long = 'n'.repeat(1025);
        await expect(store.acquire(long, 'a', TTL)).rejects.toMatchObject({ code: 'tooLarge' });
        await expect(store.advance('s', [{ follower: long, position: 1 }])).rejects.toMatchObject({
          code: 'tooLarge',
        });
        await expect(
          store.append('s', lease.epoch, 1, rows([new Uint8Array(1025), bytes()])),
        ).rejects.toMatchObject({ code: 'tooLarge' });
        expect(await store.get('s', new Uint8Array(1025))).toBeUndefined();
      });
    });

    describeService({ openStore, owned });
  });
}

// The second half of the conformance suite: cursors, request ids, trimming, waking, and a store that is closed.

import { describe, expect, it } from 'vitest';
import { ALL, type Bench, bytes, records, TTL, text } from './store_batches.ts';

export function describeService({ openStore, owned }: Bench): void {
  describe('cursors', () => {
    it('only move forward', async () => {
      const store = await openStore();
      await store.advance('s', [
        { follower: 'b.example', position: 5 },
        { follower: 'c.example', position: 2 },
      ]);
      await store.advance('s', [
        { follower: 'b.example', position: 3 },
        { follower: 'c.example', position: 4 },
      ]);
      expect(await store.cursors('s')).toEqual(
        new Map([
          ['b.example', 5],
          ['c.example', 4],
        ]),
      );
    });

    it('keep the furthest of several positions, in one call or in many at once', async () => {
      const store = await openStore();
      await store.advance('s', [
        { follower: 'b', position: 9 },
        { follower: 'b', position: 4 },
      ]);
      await Promise.all(
        [3, 12, 7, 11].map((position) => store.advance('s', [{ follower: 'c', position }])),
      );
      expect(await store.cursors('s')).toEqual(
        new Map([
          ['b', 9],
          ['c', 12],
        ]),
      );
    });

    it('belong to their shard', async () => {
      const store = await openStore();
      await store.advance('s', [{ follower: 'b', position: 1 }]);
      expect(await store.cursors('t')).toEqual(new Map());
    });
  });

  describe('request ids', () => {
    it('lead to the position of their record', async () => {
      const { store, append } = await owned();
      await append({
        records: [
          { bytes: text('one') },
          { bytes: text('two'), requestId: text('id of two') },
          { bytes: text('three'), requestId: bytes() },
        ],
        rows: [],
      });
      expect(await store.lookup('s', text('id of two'))).toBe(2);
      expect(await store.lookup('s', bytes())).toBe(3);
      expect(await store.lookup('s', text('other'))).toBeUndefined();
      expect((await store.read('s', 2, 1))[0]?.bytes).toEqual(text('two'));
    });

    it('lead to the latest of several records under one id', async () => {
      const { store, append } = await owned();
      const again = { records: [{ bytes: text('r'), requestId: text('id') }], rows: [] };
      await append(again);
      await append(again);
      expect(await store.lookup('s', text('id'))).toBe(2);
      await store.trim('s', 1);
      expect(await store.lookup('s', text('id'))).toBe(2);
    });
  });

  describe('trimming', () => {
    it('drops records and their request ids, and keeps head, rows and cursors', async () => {
      const { store, append } = await owned();
      for (let i = 1; i <= 1300; i += 100) {
        await append({
          records: Array.from({ length: 100 }, (_, j) => ({
            bytes: text(`record ${i + j}`),
            requestId: text(`id ${i + j}`),
          })),
          rows: [{ key: text(`row ${i}`), value: bytes(1) }],
        });
      }
      await store.advance('s', [{ follower: 'b', position: 3 }]);
      await store.trim('s', 1250);
      expect(await store.head('s')).toBe(1300);
      expect((await store.read('s', 1, 1))[0]).toEqual({
        position: 1251,
        bytes: text('record 1251'),
      });
      expect(await store.lookup('s', text('id 1250'))).toBeUndefined();
      expect(await store.lookup('s', text('id 1251'))).toBe(1251);
      expect(await store.range('s', ALL)).toHaveLength(13);
      expect(await store.cursors('s')).toEqual(new Map([['b', 3]]));
      expect(await append(records('next'))).toBe(1301);
    });

    it('goes no further than the head, and never back', async () => {
      const { store, append } = await owned();
      await append(records('one', 'two'));
      await store.trim('s', 99);
      expect(await store.head('s')).toBe(2);
      expect(await append(records('three'))).toBe(3);
      await store.trim('s', 1);
      await store.trim('never written', 5);
      expect(await store.read('s', 1, 9)).toEqual([{ position: 3, bytes: text('three') }]);
    });
  });

  describe('waking', () => {
    it('calls listeners of the shard after an append, until they stop', async () => {
      const { store, append } = await owned();
      let woken = 0;
      let others = 0;
      const seen: Promise<number>[] = [];
      const stop = store.wake('s', () => {
        woken += 1;
        seen.push(store.head('s'));
      });
      store.wake('t', () => {
        others += 1;
      });
      await append(records('one'));
      await expect.poll(() => woken).toBeGreaterThan(0);
      expect(await seen[0]).toBe(1);
      stop();
      const before = woken;
      await append(records('two'));
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect([woken, others]).toEqual([before, 0]);
    });
  });

  describe('a closed store', () => {
    it('refuses everything as unavailable', async () => {
      const { store, lease } = await owned();
      await store.close();
      const refused: Promise<unknown>[] = [
        store.acquire('s', 'a', TTL),
        store.renew('s', lease.epoch, TTL),
        store.release('s', lease.epoch),
        store.append('s', lease.epoch, 0, records('x')),
        store.read('s', 1, 1),
        store.head('s'),
        store.get('s', text('k')),
        store.range('s', ALL),
        store.advance('s', []),
        store.cursors('s'),
        store.lookup('s', text('id')),
        store.trim('s', 1),
        store.snapshot('nowhere'),
      ];
      for (const outcome of await Promise.allSettled(refused)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
      }
      await store.close();
    });

    it('has finished what it accepted', async () => {
      const { store, lease } = await owned();
      const appended = store.append('s', lease.epoch, 0, records('x'));
      await store.close();
      expect(await appended).toEqual({ head: 1 });
    });
  });
}

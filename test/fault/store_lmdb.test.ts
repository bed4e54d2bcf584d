// Faults around the LMDB store: kill -9, a second process, a stopped owner, a directory without write
// permission, a disk without room. The rule: what was acknowledged stays, and the next start just works.

import { chmodSync, mkdirSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import type { Store } from '../../ts/provider/store.ts';
import { openLmdbStore } from '../../ts/store/lmdb/store.ts';
import { text } from '../support/store_batches.ts';
import { freshPath } from '../support/store_directory.ts';
import { requireBuild, type Said, StoreProcess } from '../support/store_process.ts';

beforeAll(requireBuild, 120_000);

/** Everything the child was told is durable must be there, in order, with its rows and request ids. */
async function expectAcknowledged(store: Store, said: readonly Said[]): Promise<void> {
  for (const shard of ['shard 0', 'shard 1', 'shard 2', 'shard 3']) {
    const mine = said.filter((what) => what.shard === shard);
    const acknowledged = Math.max(0, ...mine.map((what) => what.head ?? 0));
    const advanced = Math.max(0, ...mine.map((what) => what.cursor ?? 0));
    const head = await store.head(shard);
    expect(head).toBeGreaterThanOrEqual(acknowledged);
    expect(head % 3).toBe(0);
    const read = await store.read(shard, 1, head + 1);
    expect(read).toEqual(
      Array.from({ length: head }, (_, i) => ({
        position: i + 1,
        bytes: text(`${shard} ${i + 1}`),
      })),
    );
    if (head > 0) {
      expect(await store.get(shard, text('row 0'))).toEqual(text(`head ${head}`));
      expect(await store.lookup(shard, text(`id ${head}`))).toBe(head);
    }
    expect((await store.cursors(shard)).get('b.example') ?? 0).toBeGreaterThanOrEqual(advanced);
  }
}

it('kill -9 under load, ten times, loses nothing that was acknowledged', async () => {
  const path = freshPath();
  for (let round = 0; round < 10; round++) {
    const child = new StoreProcess('append', path);
    await child.hasSaid(20 + round * 37);
    await child.kill();
    expect(child.said.some((what) => what.head !== undefined)).toBe(true);
    const store = await openLmdbStore({ path });
    await expectAcknowledged(store, child.said);
    await store.close();
  }
}, 120_000);

it('a second process is told within a second that the store is open, and by whom', async () => {
  const path = freshPath();
  const child = new StoreProcess('hold', path);
  await child.hasSaid(1);
  const started = performance.now();
  await expect(openLmdbStore({ path })).rejects.toMatchObject({
    code: 'locked',
    message: expect.stringMatching(/already open in process \d+: stop that one, or choose another/),
  });
  expect(performance.now() - started).toBeLessThan(1000);
  await child.kill();
});

it('a stopped process still has its store, and kill -9 frees it at once', async () => {
  const path = freshPath();
  const child = new StoreProcess('hold', path);
  await child.hasSaid(1);
  child.signal('SIGSTOP');
  const started = performance.now();
  await expect(openLmdbStore({ path })).rejects.toMatchObject({ code: 'locked' });
  expect(performance.now() - started).toBeLessThan(1000);
  await child.kill();
  const freed = performance.now();
  const store = await openLmdbStore({ path });
  expect(performance.now() - freed).toBeLessThan(1000);
  await store.close();
});

it('of several starts after a kill -9 exactly one gets the store', async () => {
  const path = freshPath();
  for (let round = 0; round < 3; round++) {
    const dead = new StoreProcess('hold', path);
    await dead.hasSaid(1);
    await dead.kill();
    const starts = Array.from({ length: 4 }, () => new StoreProcess('hold', path));
    await Promise.race(starts.map((start) => start.hasSaid(1)));
    const losers = await Promise.all(
      starts.map((start) =>
        Promise.race([start.ended().then(() => 1), start.hasSaid(1).then(() => 0)]),
      ),
    );
    expect(losers.filter((lost) => lost === 1)).toHaveLength(3);
    await Promise.all(starts.map((start) => start.kill()));
  }
}, 60_000);

it('a directory without write permission is refused with its path', async () => {
  const path = freshPath();
  mkdirSync(path);
  chmodSync(path, 0o555);
  const child = new StoreProcess('unprivileged', path);
  await child.ended();
  expect(child.said).toEqual([
    { code: 'notWritable', message: expect.stringContaining(`${path} is not writable (EACCES)`) },
  ]);
});

it('a disk without room refuses appends as full, applies nothing, and keeps the rest readable', async () => {
  const path = freshPath();
  const child = new StoreProcess('fill', path, 8192);
  await child.ended();
  const { head = 0, refusal, headAfter, readable } = child.said[0] ?? {};
  expect(refusal).toBe('full');
  expect(head).toBeGreaterThan(50);
  expect([headAfter, readable]).toEqual([head, head]);
  const store = await openLmdbStore({ path });
  expect(await store.head('s')).toBe(head);
  const { epoch } = await store.acquire('s', 'next', 1000);
  const more = { records: [{ bytes: new Uint8Array(20_000) }], rows: [] };
  expect(await store.append('s', epoch, head, more)).toEqual({ head: head + 1 });
  await store.close();
});

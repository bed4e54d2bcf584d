// The LMDB engine: the rules of the Store interface, and what it adds to them: reopening, snapshots,
// limits, and clear refusals at opening.

import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../../ts/provider/store.ts';
import { openLmdbStore } from '../../../ts/store/lmdb/store.ts';
import { bytes, records, text } from '../../support/store_batches.ts';
import { describeStore } from '../../support/store_conformance.ts';
import { freshPath } from '../../support/store_directory.ts';

describeStore('lmdb', (options) => openLmdbStore({ path: freshPath(), ...options }));

const TTL = 10_000;

async function fill(store: Store): Promise<void> {
  const { epoch } = await store.acquire('s', 'a', TTL);
  await store.append('s', epoch, 0, {
    records: [{ bytes: text('one'), requestId: text('id') }, { bytes: text('two') }],
    rows: [{ key: bytes(0, 0xff), value: text('value') }],
  });
  await store.advance('s', [{ follower: 'b', position: 1 }]);
  const other = await store.acquire('tä', 'a', TTL);
  await store.append('tä', other.epoch, 0, records('x', 'y', 'z'));
  await store.trim('tä', 2);
}

async function expectFilled(store: Store): Promise<void> {
  expect(await store.read('s', 1, 9)).toEqual([
    { position: 1, bytes: text('one') },
    { position: 2, bytes: text('two') },
  ]);
  expect(await store.get('s', bytes(0, 0xff))).toEqual(text('value'));
  expect(await store.lookup('s', text('id'))).toBe(1);
  expect(await store.cursors('s')).toEqual(new Map([['b', 1]]));
  expect(await store.read('tä', 1, 9)).toEqual([{ position: 3, bytes: text('z') }]);
  expect(await store.head('tä')).toBe(3);
}

describe('an LMDB store that is opened again', () => {
  it('has everything it acknowledged', async () => {
    const path = freshPath();
    const store = await openLmdbStore({ path });
    await fill(store);
    await store.close();
    const again = await openLmdbStore({ path });
    await expectFilled(again);
    await again.close();
  });

  it('frees the leases of the earlier process and goes on with higher epochs', async () => {
    const path = freshPath();
    const store = await openLmdbStore({ path });
    const lease = await store.acquire('s', 'a', 1e9);
    await store.close();
    const again = await openLmdbStore({ path });
    await expect(again.append('s', lease.epoch, 0, records('x'))).rejects.toMatchObject({
      code: 'fenced',
      details: { epoch: lease.epoch },
    });
    expect(await again.acquire('s', 'b', TTL)).toEqual({ epoch: lease.epoch + 1, head: 0 });
    await again.close();
  });

  it('gives new shards numbers of their own', async () => {
    const path = freshPath();
    for (let round = 0; round < 3; round++) {
      const store = await openLmdbStore({ path });
      const { epoch } = await store.acquire(`shard ${round}`, 'a', TTL);
      await store.append(`shard ${round}`, epoch, 0, records(`record ${round}`));
      for (let i = 0; i <= round; i++) {
        expect(await store.read(`shard ${i}`, 1, 9)).toEqual([
          { position: 1, bytes: text(`record ${i}`) },
        ]);
      }
      await store.close();
    }
  });
});

describe('a snapshot', () => {
  it('is a store of its own, with all that was committed when it began', async () => {
    const path = freshPath();
    const copy = `${path}-copy`;
    const store = await openLmdbStore({ path });
    await fill(store);
    const { epoch } = await store.acquire('busy', 'a', TTL);
    const writing = Array.from({ length: 200 }, (_, i) =>
      store.append('busy', epoch, i, records(`record ${i}`)),
    );
    await Promise.all([store.snapshot(copy), ...writing]);
    const restored = await openLmdbStore({ path: copy });
    await expectFilled(restored);
    const head = await restored.head('busy');
    expect(await restored.read('busy', 1, 1000)).toHaveLength(head);
    await Promise.all([store.close(), restored.close()]);
  });

  it('does not overwrite what is there', async () => {
    const path = freshPath();
    const store = await openLmdbStore({ path });
    await store.snapshot(`${path}-copy`);
    await expect(store.snapshot(`${path}-copy`)).rejects.toMatchObject({ code: 'notWritable' });
    await expect(store.snapshot('/dev/null/copy')).rejects.toMatchObject({ code: 'notWritable' });
    expect(readdirSync(join(path, '..')).sort()).toEqual(['store', 'store-copy']);
    await store.close();
  });
});

describe('a store with a size limit', () => {
  it('refuses appends beyond it as full, applies nothing of them, and still serves', async () => {
    const store = await openLmdbStore({ path: freshPath(), mapSizeBytes: 1024 * 1024 });
    const { epoch } = await store.acquire('s', 'a', TTL);
    const record = new Uint8Array(10_000).fill(1);
    const append = (head: number): Promise<unknown> =>
      store.append('s', epoch, head, {
        records: [{ bytes: record }],
        rows: [{ key: text(`row ${head}`), value: bytes(1) }],
      });
    let head = 0;
    let refusal: unknown;
    while (refusal === undefined && head < 1000) {
      await append(head).then(
        () => {
          head += 1;
        },
        (error: unknown) => {
          refusal = error;
        },
      );
    }
    expect(refusal).toMatchObject({ code: 'full' });
    expect(head).toBeGreaterThan(20);
    expect(await store.head('s')).toBe(head);
    expect(await store.read('s', 1, 1000)).toHaveLength(head);
    expect(await store.get('s', text(`row ${head}`))).toBeUndefined();
    await store.advance('s', [{ follower: 'b', position: head }]);
    await store.trim('s', head);
    await append(head);
    expect(await store.head('s')).toBe(head + 1);
    await store.close();
  });
});

describe('opening refuses', () => {
  it('a directory that is open already, with its process in the message', async () => {
    const path = freshPath();
    const store = await openLmdbStore({ path });
    await expect(openLmdbStore({ path })).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await store.close();
    await (await openLmdbStore({ path })).close();
  });

  it('all but one of many who open a directory at once', async () => {
    const path = freshPath();
    for (let round = 0; round < 20; round++) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, () => openLmdbStore({ path })),
      );
      const stores = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      expect(stores).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'locked' });
      }
      await stores[0]?.value.close();
    }
    expect(readdirSync(path).filter((name) => name.endsWith('.sock'))).toHaveLength(1);
  });

  it('a path below a file', async () => {
    const path = freshPath();
    writeFileSync(path, 'a file');
    for (const bad of [path, join(path, 'below')]) {
      await expect(openLmdbStore({ path: bad })).rejects.toMatchObject({
        code: 'notWritable',
        message: expect.stringContaining(bad),
      });
    }
  });

  it('data in a newer format', async () => {
    const path = freshPath();
    await (await openLmdbStore({ path })).close();
    const db = open({ path, noSubdir: false, keyEncoding: 'binary', encoding: 'binary' });
    await db.put(bytes(0), text('exedra provider 2'));
    await db.close();
    await expect(openLmdbStore({ path })).rejects.toMatchObject({
      code: 'wrongVersion',
      details: { version: 2 },
    });
  });

  it('the database of another program', async () => {
    const path = freshPath();
    const db = open({ path, noSubdir: false });
    await db.put('key', 'value');
    await db.close();
    await expect(openLmdbStore({ path })).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('files that are no database, or the first part of one', async () => {
    const garbage = freshPath();
    mkdirSync(garbage);
    writeFileSync(join(garbage, 'data.mdb'), new Uint8Array(100_000).fill(0x5a));
    await expect(openLmdbStore({ path: garbage })).rejects.toMatchObject({ code: 'corrupt' });

    const cut = freshPath();
    const store = await openLmdbStore({ path: cut });
    const { epoch } = await store.acquire('s', 'a', TTL);
    await store.append('s', epoch, 0, { records: [{ bytes: new Uint8Array(500_000) }], rows: [] });
    await store.close();
    truncateSync(join(cut, 'data.mdb'), 100_000);
    await expect(openLmdbStore({ path: cut })).rejects.toMatchObject({ code: 'corrupt' });
  });
});

it('a store may lie under a path longer than a socket address', async () => {
  const path = join(freshPath(), 'a'.repeat(120), 'b'.repeat(120));
  const store = await openLmdbStore({ path });
  await expect(openLmdbStore({ path })).rejects.toMatchObject({ code: 'locked' });
  await fill(store);
  await store.close();
  const again = await openLmdbStore({ path });
  await expectFilled(again);
  await again.close();
});

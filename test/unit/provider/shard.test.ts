// The shard: order, group commit, and what a failed write does. Over the real memory store and one that fails.

import { describe, expect, test } from 'vitest';
import { ProviderError } from '../../../ts/provider/errors.ts';
import { defaultLimits } from '../../../ts/provider/limits.ts';
import { type Input, Shard } from '../../../ts/provider/shard.ts';
import type { Store } from '../../../ts/provider/store.ts';
import { openMemoryStore } from '../../../ts/store/index.ts';
import { withAppend, withFaults } from '../../support/faulty_store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

async function openShard(store: Store, limits = {}) {
  const forgotten: string[] = [];
  const lost: string[] = [];
  const shard = await Shard.open(
    {
      name: 's',
      store,
      clock: () => 1000,
      limits: { ...defaultLimits, ...limits },
      forget: (owner) => forgotten.push(owner),
      onLost: (name) => lost.push(name),
    },
    'test',
  );
  return { shard, forgotten, lost };
}

const record = (text: string): Input<string> => ({
  owner: text,
  decide: ({ position }) => ({
    answer: `${text}@${position}`,
    records: [{ bytes: bytes(text) }],
    rows: [{ key: bytes(text), value: bytes('1') }],
  }),
});

describe('a shard', () => {
  test('decides inputs in the order in which they were given and writes them together', async () => {
    const { store, sizes } = withFaults(openMemoryStore(), []);
    const { shard } = await openShard(store);
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => shard.run(record(name))));
    expect(answers).toEqual(['a@1', 'b@2', 'c@3']);
    expect(sizes).toEqual([3]);
    const log = await store.read('s', 1, 10);
    expect(log.map((entry) => new TextDecoder().decode(entry.bytes))).toEqual(['a', 'b', 'c']);
  });

  test('answers nothing before the write is durable', async () => {
    const inner = openMemoryStore();
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const store = withAppend(inner, async (...args) => {
      await gate;
      return inner.append(...args);
    });
    const { shard } = await openShard(store);
    let answered = false;
    const pending = shard.run(record('a')).then(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).toBe(false);
    release();
    await pending;
    expect(answered).toBe(true);
  });

  test('a refused input leaves the others of its batch untouched', async () => {
    const { shard } = await openShard(openMemoryStore());
    const refused: Input<string> = {
      decide: () => {
        throw new Error('refused');
      },
    };
    const answers = await Promise.allSettled([
      shard.run(record('a')),
      shard.run(refused),
      shard.run(record('b')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(shard.head).toBe(2);
  });

  test('an input reads the rows that were decided before it in the same batch', async () => {
    const { shard } = await openShard(openMemoryStore());
    let seen: Uint8Array | undefined;
    const reader: Input<void> = {
      prepare: async (rows) => {
        seen = await rows.get(bytes('a'));
      },
      decide: () => ({ answer: undefined }),
    };
    await Promise.all([shard.run(record('a')), shard.run(reader)]);
    expect(seen).toEqual(bytes('1'));
  });

  test('a write that surely failed rejects its inputs, forgets their owners and keeps the shard going', async () => {
    const { store } = withFaults(openMemoryStore(), ['unavailable']);
    const { shard, forgotten } = await openShard(store);
    await expect(shard.run(record('a'))).rejects.toMatchObject({ code: 'storeUnavailable' });
    expect(forgotten).toEqual(['a']);
    expect(await shard.run(record('b'))).toBe('b@1');
  });

  test('a write of unknown outcome that took place is answered as done', async () => {
    const { store } = withFaults(openMemoryStore(), ['applied']);
    const { shard, forgotten } = await openShard(store);
    expect(await shard.run(record('a'))).toBe('a@1');
    expect(forgotten).toEqual([]);
    expect(await shard.run(record('b'))).toBe('b@2');
  });

  test('a write of unknown outcome that did not take place is answered as failed', async () => {
    const { store } = withFaults(openMemoryStore(), ['lost']);
    const { shard, forgotten } = await openShard(store);
    await expect(shard.run(record('a'))).rejects.toMatchObject({ code: 'storeUnavailable' });
    expect(forgotten).toEqual(['a']);
    expect(await shard.run(record('b'))).toBe('b@1');
  });

  test('stops for ever when another owner has taken the shard', async () => {
    const store = openMemoryStore();
    const { shard, lost } = await openShard(store);
    await store.acquire('s', 'test', 1000);
    await expect(shard.run(record('a'))).rejects.toMatchObject({ code: 'shardLost' });
    await expect(shard.run(record('b'))).rejects.toMatchObject({ code: 'shardLost' });
    expect(lost).toEqual(['s']);
    expect(await store.head('s')).toBe(0);
  });

  test('refuses inputs beyond its queue with a time to retry', async () => {
    const { shard } = await openShard(openMemoryStore(), { queuedInputs: 2 });
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((name) => shard.run(record(name))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect((outcomes[2] as PromiseRejectedResult).reason.details.retryAfterMs).toBeGreaterThan(0);
  });

  test('forgets the owner of a decision that asks for it, after its batch', async () => {
    const { shard, forgotten } = await openShard(openMemoryStore());
    const forget: Input<string> = { owner: 'x', decide: () => ({ answer: 'no', forget: true }) };
    expect(await Promise.all([shard.run(forget), shard.run(record('b'))])).toEqual(['no', 'b@1']);
    expect(forgotten).toEqual(['x']);
  });

  test('finishes what it has taken before it closes, and takes nothing after', async () => {
    const { shard } = await openShard(openMemoryStore());
    const pending = shard.run(record('a'));
    await shard.close();
    expect(await pending).toBe('a@1');
    await expect(shard.run(record('b'))).rejects.toMatchObject({ code: 'closed' });
  });

  test('writes what it has decided while refused inputs keep coming', async () => {
    const { shard } = await openShard(openMemoryStore(), { batchInputs: 8 });
    const refused: Promise<unknown>[] = [];
    let done = false;
    const refuse: Input<never> = {
      decide: () => {
        if (!done && refused.length < 10_000)
          refused.push(shard.run(refuse).catch(() => undefined));
        throw new ProviderError('roomExists');
      },
    };
    const written = shard.run(record('a'));
    refused.push(shard.run(refuse).catch(() => undefined));
    await written;
    done = true;
    expect(refused.length).toBeLessThan(100);
    await Promise.all(refused);
  });

  test('forgets whose memory a decision has left in doubt, after writing what stood before it', async () => {
    const store = openMemoryStore();
    const { shard, forgotten } = await openShard(store);
    const outcomes = await Promise.allSettled([
      shard.run(record('a')),
      shard.run({
        ...record('b'),
        decide: () => {
          throw new TypeError('a bug');
        },
      }),
      shard.run({
        ...record('c'),
        decide: () => {
          throw new ProviderError('unknownRoom');
        },
      }),
      shard.run(record('d')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(forgotten).toEqual(['b']);
    expect(await store.head('s')).toBe(2);
  });

  test('forgets it also when the write of what stood before it fails', async () => {
    const { store } = withFaults(openMemoryStore(), ['unavailable']);
    const { shard, forgotten } = await openShard(store);
    await Promise.allSettled([
      shard.run(record('a')),
      shard.run({
        ...record('b'),
        decide: () => {
          throw new TypeError('a bug');
        },
      }),
    ]);
    expect(forgotten.sort()).toEqual(['a', 'b']);
  });

  test('refuses an input whose write the store would not take, without harm to others', async () => {
    const store = openMemoryStore({ limits: { batchBytes: 4000, recordBytes: 3000 } });
    const { shard, forgotten } = await openShard(store, { writeBytes: 2000, batchBytes: 1000 });
    const large: Input<string> = {
      owner: 'large',
      decide: () => ({ answer: 'large', records: [{ bytes: new Uint8Array(3500) }] }),
    };
    const [before, refused, after] = await Promise.allSettled([
      shard.run(record('a')),
      shard.run(large),
      shard.run(record('b')),
    ]);
    expect([before?.status, after?.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(refused).toMatchObject({ reason: { code: 'tooLarge' } });
    expect(forgotten).toEqual(['large']);
  });
});

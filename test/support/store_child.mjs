// A process with an LMDB store, for fault tests that kill, stop or starve it. Plain JavaScript on the
// built dist/, so that the test runner is no part of what is killed.
// Usage: node store_child.mjs append|hold|fill <path>, or: unprivileged <path>

import { writeSync } from 'node:fs';
import { openLmdbStore } from '../../dist/store/index.js';

const [job = '', path = ''] = process.argv.slice(2);
// Synchronous, so that what was acknowledged has been said before anything can happen to us.
/** @param {object} message */
const say = (message) => writeSync(1, `${JSON.stringify(message)}\n`);
/**
 * @param {string} shard
 * @param {number} position
 */
const record = (shard, position) => new TextEncoder().encode(`${shard} ${position}`);

async function append() {
  const store = await openLmdbStore({ path });
  for (let lane = 0; lane < 8; lane++) {
    const shard = `shard ${lane % 4}`;
    if (lane < 4) void keepAppending(store, shard);
    else void keepAdvancing(store, shard);
  }
}

/**
 * @param {import('../../ts/provider/store.ts').Store} store
 * @param {string} shard
 */
async function keepAppending(store, shard) {
  let { epoch, head } = await store.acquire(shard, 'child', 60_000);
  for (;;) {
    const records = [1, 2, 3].map((i) => ({
      bytes: record(shard, head + i),
      requestId: record('id', head + i),
    }));
    const rows = [{ key: record('row', 0), value: record('head', head + 3) }];
    ({ head } = await store.append(shard, epoch, head, { records, rows }));
    say({ shard, head });
  }
}

/**
 * @param {import('../../ts/provider/store.ts').Store} store
 * @param {string} shard
 */
async function keepAdvancing(store, shard) {
  for (;;) {
    const position = await store.head(shard);
    await store.advance(shard, [{ follower: 'b.example', position }]);
    say({ shard, cursor: position });
  }
}

async function hold() {
  const store = await openLmdbStore({ path });
  say({ holds: true });
  setInterval(() => store.head('s'), 1000);
}

/** Appends until the file may not grow any more, then looks whether the store still serves. */
async function fill() {
  // The default action of this signal, which a write beyond the limit of `ulimit -f` raises, is death.
  process.on(/** @type {any} */ ('SIGXFSZ'), () => {});
  const store = await openLmdbStore({ path });
  const { epoch } = await store.acquire('s', 'child', 60_000);
  let head = 0;
  let refusal;
  while (refusal === undefined && head < 10_000) {
    const batch = { records: [{ bytes: new Uint8Array(20_000).fill(head) }], rows: [] };
    await store.append('s', epoch, head, batch).then(
      () => {
        head += 1;
      },
      (error) => {
        refusal = error.code;
      },
    );
  }
  const read = await store.read('s', 1, head + 10);
  say({ head, refusal, headAfter: await store.head('s'), readable: read.length });
  await store.close();
}

/** Opens the store as a user who may not write there. */
async function unprivileged() {
  if (process.getuid?.() === 0) process.setuid(65534);
  try {
    await openLmdbStore({ path });
    say({ opened: true });
    process.exit(0);
  } catch (error) {
    const { code, message } = /** @type {import('../../ts/errors.ts').ExedraError} */ (error);
    say({ code, message });
  }
}

/** @type {Record<string, () => Promise<void>>} */
const jobs = { append, hold, fill, unprivileged };
await jobs[job]?.();

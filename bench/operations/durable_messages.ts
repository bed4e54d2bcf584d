// Durable 1 KiB messages a second through the provider on LMDB, beside raw appends of the same bytes to LMDB.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Call, MlsMember } from '../../test/support/mls_member.ts';
import { quantile } from '../../ts/evidence/overhead/statistics.ts';
import { Provider } from '../../ts/provider/index.ts';
import { openLmdbStore } from '../../ts/store/index.ts';
import {
  decodeMlsMessage,
  decodeSubmitMessageResponse,
  encodeSubmitMessageRequest,
  type PrivateMessageView,
} from '../../ts/wire/index.ts';
import { rawLmdbAppends } from '../raw_lmdb.ts';
import { barsOf } from '../support/bars.ts';
import { benchRoom } from '../support/pairs.ts';
import type { Result } from '../support/result.ts';

/** Requests under way at once. */
const IN_FLIGHT = 256;
export const durableName = 'durable 1 KiB messages, provider on LMDB';

/** Measures both in turn, `rounds` times. */
export async function durableMessages(count: number, rounds: number): Promise<Result> {
  const ours: number[] = [];
  const raw: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const folder = await mkdtemp(join(tmpdir(), 'exedra-bench-'));
    try {
      const run = await providerRate(join(folder, 'provider'), count);
      ours.push(run.rate);
      bytes = run.recordBytes;
      raw.push(
        await rawLmdbAppends({ path: join(folder, 'raw'), count, bytes, inFlight: IN_FLIGHT }),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  const median = quantile(ours, 0.5);
  const rawMedian = quantile(raw, 0.5);
  const bar = barsOf(durableName, 1)[0]?.least ?? 0;
  const ratio = quantile(
    ours.map((rate, round) => rate / (raw[round] as number)),
    0.5,
  );
  return {
    name: durableName,
    members: 1,
    unit: 'per second',
    ours: { median, p75: quantile(ours, 0.75) },
    rivals: { 'raw LMDB appends': { median: rawMedian } },
    ratio: { 'raw LMDB appends': ratio },
    bar,
    ok: ratio >= bar,
  };
}

async function providerRate(
  path: string,
  count: number,
): Promise<{ rate: number; recordBytes: number }> {
  const store = await openLmdbStore({ path });
  const provider = await Provider.open({
    domain: 'a.example',
    store,
    clock: Date.now,
    random: (length) => new Uint8Array(randomBytes(length)),
    peers: { domains: [], post: () => Promise.reject(new Error('There are no peers.')) },
    report: () => {},
  });
  const call: Call = async (caller, operation, id, body) =>
    (await provider.fromDevice(caller, operation, id, body)).body;
  const member = new MlsMember(call, 'a.example', 'm0-phone');
  const { device } = member;
  if ((await member.createRoom(benchRoom)).code !== 'success') throw new Error('No room.');
  const plaintext = new Uint8Array(1024).fill(0x61);
  const requests = Array.from({ length: count }, () =>
    encodeSubmitMessageRequest({
      protocol: 'mls10',
      appMessage: decodeMlsMessage(member.group.encrypt(plaintext)) as PrivateMessageView,
      sendingUri: device.user,
    }),
  );
  const started = performance.now();
  await inFlight(requests, IN_FLIGHT, async (body) => {
    const { body: answer } = await provider.fromDevice(device, 'submitMessage', benchRoom, body);
    if (decodeSubmitMessageResponse(answer).code !== 'accepted') throw new Error('Not accepted.');
  });
  const seconds = (performance.now() - started) / 1000;
  const [, last] = await store.read('rooms-0', (await store.head('rooms-0')) - 1, 2);
  await provider.close();
  await store.close();
  return { rate: count / seconds, recordBytes: last?.bytes.length ?? 0 };
}

/** Runs the task over all items with so many under way at once. */
async function inFlight<Item>(
  items: readonly Item[],
  width: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const item = items[next] as Item;
      next += 1;
      await run(item);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

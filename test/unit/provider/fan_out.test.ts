// Fan-out over a log of the test's own: what is read and asked at once, and what a follower's answers lead to.

import { describe, expect, test } from 'vitest';
import { ProviderError } from '../../../ts/provider/errors.ts';
import { FanOut } from '../../../ts/provider/hub/fan_out.ts';
import { defaultLimits } from '../../../ts/provider/limits.ts';
import type { PeerReply } from '../../../ts/provider/peers.ts';
import { encodeLogRecord } from '../../../ts/provider/records/log_record.ts';
import { Shard } from '../../../ts/provider/shard.ts';
import { openMemoryStore } from '../../../ts/store/index.ts';
import { type RoomUri, roomUri } from '../../../ts/wire/index.ts';

const FOLLOWER = 'b.example';
const OK: PeerReply = { status: 201, body: new Uint8Array() };

interface Post {
  readonly room: string;
  readonly body: string;
}

/** A hub with one shard and one follower, that answers as `answer` says. */
async function openHub(answer: (post: Post) => Promise<PeerReply> | PeerReply) {
  const store = openMemoryStore();
  const deps = { store, clock: Date.now, limits: defaultLimits };
  const shard = await Shard.open(
    { ...deps, name: 's', forget: () => {}, onLost: () => {} },
    'test',
  );
  const fanOut = await FanOut.open({
    ...deps,
    shards: [shard],
    random: (length) => new Uint8Array(length),
    report: () => {},
    peers: {
      domains: [FOLLOWER],
      post: async (_target, _endpoint, room, body) =>
        answer({ room, body: new TextDecoder().decode(body) }),
    },
  });
  let seq = 0;
  const accept = (room: RoomUri, fanout: string | Uint8Array) => {
    seq += 1;
    const bytes = encodeLogRecord({
      kind: 'application',
      room,
      seq,
      epoch: 1n,
      acceptedAt: 1,
      from: 'mimi://a.example/u/alice',
      fanout: typeof fanout === 'string' ? new TextEncoder().encode(fanout) : fanout,
      welcome: new Uint8Array(),
      followers: [FOLLOWER],
      welcomed: [],
    });
    return shard.run({ decide: () => ({ answer: undefined, records: [{ bytes }] }) });
  };
  return { store, fanOut, accept };
}

const room = (index: number) => roomUri('a.example', `room-${index}`);

describe('fan-out', () => {
  test('asks few things of a follower at once, however many rooms have news', async () => {
    let open = 0;
    let most = 0;
    const hub = await openHub(async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 1));
      open -= 1;
      return OK;
    });
    await Promise.all(Array.from({ length: 200 }, (_, index) => hub.accept(room(index), 'm')));
    await hub.fanOut.deliver();
    expect(hub.fanOut.backlog()).toMatchObject([{ records: 0 }]);
    expect(most).toBeLessThanOrEqual(16);
    expect(most).toBeGreaterThan(1);
  });

  test('holds few bytes of the log in memory at once', async () => {
    const hub = await openHub(() => OK);
    const large = new Uint8Array(1 << 20);
    for (let sent = 0; sent < 40; sent++) await hub.accept(room(0), large);
    let most = 0;
    let held = 0;
    const read = hub.store.read.bind(hub.store);
    hub.store.read = async (shard, from, limit) => {
      const records = await read(shard, from, limit);
      held += records.reduce((total, { bytes }) => total + bytes.length, 0);
      most = Math.max(most, held);
      return records;
    };
    const advance = hub.store.advance.bind(hub.store);
    hub.store.advance = (...request) => {
      held = 0;
      return advance(...request);
    };
    await hub.fanOut.deliver();
    expect(hub.fanOut.backlog()).toMatchObject([{ records: 0 }]);
    expect(most).toBeLessThan(20 << 20);
  });

  test('sends less at once to a follower that takes less, and leaves nothing out', async () => {
    const taken: string[] = [];
    const hub = await openHub(({ body }) => {
      if (body.length > 3) return { ...OK, status: 413 };
      taken.push(...body);
      return OK;
    });
    for (const message of 'abcdefgh') await hub.accept(room(0), message);
    await hub.fanOut.deliver();
    expect(taken.join('')).toBe('abcdefgh');
    expect(hub.fanOut.backlog()).toMatchObject([{ records: 0 }]);
  });

  test('brings the news of other rooms while the follower cannot take that of one', async () => {
    const taken: string[] = [];
    const hub = await openHub((post) => {
      if (post.room === room(0)) return { ...OK, status: 503 };
      taken.push(post.room);
      return OK;
    });
    for (let index = 0; index < 20; index++) await hub.accept(room(index), 'm');
    await hub.fanOut.deliver();
    expect(taken.sort()).toEqual(Array.from({ length: 19 }, (_, index) => room(index + 1)).sort());
    expect(hub.fanOut.backlog()).toMatchObject([{ records: 20 }]);
  });

  test('does not try every room at a follower that cannot be reached', async () => {
    let posts = 0;
    const hub = await openHub(() => {
      posts += 1;
      throw new ProviderError('peerUnavailable');
    });
    for (let index = 0; index < 100; index++) await hub.accept(room(index), 'm');
    await hub.fanOut.deliver();
    expect(posts).toBeLessThanOrEqual(16);
  });
});

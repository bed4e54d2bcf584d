// The way from a hub's log to its followers' inboxes and devices: in order, each message once, whoever is away.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
import { type Provider, ProviderError, type ProviderEvent } from '../../ts/provider/index.ts';
import type { Store } from '../../ts/provider/store.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  decodeFanoutMessages,
  decodeSyncResponse,
  encodeFanoutMessages,
  encodeSyncRequest,
  type FanoutMessage,
  roomUri,
} from '../../ts/wire/index.ts';
import { add, convene, MlsMember } from '../support/mls_member.ts';
import { Network, type Post } from '../support/network.ts';
import { asText, messageIn, roomLog } from '../support/room_log.ts';

const HUB = 'a.example';
const FIRST = 'b.example';
const SECOND = 'c.example';
const club = roomUri(HUB, 'club');

let network: Network;
let stores: Map<string, Store>;
/** At the hub, at the first follower, at the second. */
let alice: MlsMember;
let bob: MlsMember;
let carol: MlsMember;

beforeEach(async () => {
  await init();
  network = new Network(HUB, FIRST, SECOND);
  stores = new Map();
  for (const domain of [HUB, FIRST, SECOND]) {
    const store = openMemoryStore();
    stores.set(domain, store);
    await network.open(domain, store);
  }
  alice = new MlsMember(network.call, HUB, 'alice-1');
  bob = new MlsMember(network.call, FIRST, 'bob-1');
  carol = new MlsMember(network.call, SECOND, 'carol-1');
  for (const member of [alice, bob, carol]) await member.register();
  await convene(club, [alice, bob, carol]);
  await deliver();
});

afterEach(async () => {
  for (const domain of [HUB, FIRST, SECOND]) await network.provider(domain).close();
});

const deliver = () => network.provider(HUB).deliver();
const storeOf = (domain: string) => stores.get(domain) as Store;

/** Sends messages of Alice; gives their MLSMessages. */
async function say(count: number): Promise<string[]> {
  const sent: string[] = [];
  for (let index = 0; index < count; index++) {
    const message = alice.group.encrypt(new TextEncoder().encode(`message ${index}`));
    expect((await alice.submit(club, message)).code).toBe('accepted');
    sent.push(asText(message));
  }
  return sent;
}

/** What a follower's inbox holds, Welcomes included, in its order. */
async function inboxOf(domain: string): Promise<string[]> {
  const log = await roomLog(storeOf(domain), club);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  return log.map(({ fanout, welcome }) => asText(fanout.length > 0 ? fanout : welcome));
}

/** What the hub's log has for a follower. */
async function meantFor(domain: string): Promise<string[]> {
  return (await roomLog(storeOf(HUB), club)).flatMap((record) => [
    ...(record.followers.includes(domain) ? [asText(record.fanout)] : []),
    ...(record.welcomed.includes(domain) ? [asText(record.welcome)] : []),
  ]);
}

const notifies = (target: string): Post[] =>
  network.posts.filter((post) => post.endpoint === 'notify' && post.target === target);

const failures = (to: string) =>
  (network.events.get(HUB) ?? []).filter(
    (event): event is Extract<ProviderEvent, { type: 'deliveryFailed' }> =>
      event.type === 'deliveryFailed' && event.to === to,
  );

const notify = (messages: readonly FanoutMessage[], provider: Provider = network.provider(FIRST)) =>
  provider.fromPeer(HUB, 'notify', club, encodeFanoutMessages(messages));

describe('fan-out', () => {
  test('brings each follower what is for it, in the order of the log', async () => {
    await say(3);
    const update = bob.commit({ update: true });
    expect((await bob.update(club, update)).code).toBe('success');
    bob.group.acceptPending();
    alice.follow(update.commit);
    await say(200);
    await deliver();

    for (const domain of [FIRST, SECOND]) {
      const inbox = await inboxOf(domain);
      expect(inbox).toEqual(await meantFor(domain));
      // The Welcome, 203 messages, one commit.
      expect(inbox).toHaveLength(205);
    }
  });

  test('goes on where it stopped after the hub has been opened anew', async () => {
    await say(2);
    await deliver();
    await say(2);
    await network.provider(HUB).close();
    await network.open(HUB, storeOf(HUB));
    const before = notifies(FIRST).length;
    await deliver();

    expect(notifies(FIRST)).toHaveLength(before + 1);
    expect(await inboxOf(FIRST)).toEqual(await meantFor(FIRST));
  });

  test('tries a follower that is away again, with growing pauses, and delays nobody else', async () => {
    let away: 'refuses the connection' | 'answers 503' | undefined = 'refuses the connection';
    network.interfere = ({ target }) => {
      if (target !== SECOND || away === undefined) return undefined;
      if (away === 'refuses the connection') throw new ProviderError('peerUnavailable');
      return { status: 503, body: new Uint8Array() };
    };
    for (let attempt = 0; attempt < 6; attempt++) {
      if (attempt === 3) away = 'answers 503';
      await say(1);
      await deliver();
      // The one that is there has all, whatever the other does.
      expect(await inboxOf(FIRST)).toEqual(await meantFor(FIRST));
      expect(failures(SECOND)).toHaveLength(attempt + 1);
      const { nextRetryAt } = network.provider(HUB);
      expect(nextRetryAt).toBe(network.now + (failures(SECOND).at(-1)?.retryInMs ?? 0));
      // Before its time it is left alone.
      const asked = notifies(SECOND).length;
      network.now = (nextRetryAt ?? 0) - 1;
      await deliver();
      expect(notifies(SECOND)).toHaveLength(asked);
      network.now += 1;
    }
    const pauses = failures(SECOND).map(({ retryInMs }) => retryInMs);
    // Doubled each time, with up to half added at random: the least of one is above the most of the one before.
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(200 * 2 ** index);
      expect(pause).toBeLessThanOrEqual(300 * 2 ** index);
    }

    away = undefined;
    await deliver();
    expect(await inboxOf(SECOND)).toEqual(await meantFor(SECOND));
    expect(network.provider(HUB).nextRetryAt).toBeUndefined();
    expect(network.provider(HUB).backlog()).toEqual(
      [FIRST, SECOND].map((follower) => ({ shard: 'rooms-0', follower, records: 0 })),
    );
  });

  test('waits as long as a follower asks for', async () => {
    network.interfere = ({ target }) =>
      target === SECOND ? { status: 503, body: new Uint8Array(), retryAfterMs: 60_000 } : undefined;
    await say(1);
    await deliver();
    expect(failures(SECOND).map(({ retryInMs }) => retryInMs)).toEqual([60_000]);
  });

  test('does not wait for a follower that gives no answer before it serves the others', async () => {
    let answer = (): void => undefined;
    network.interfere = ({ target }) =>
      target === SECOND
        ? new Promise((resolve) => {
            answer = () => resolve({ status: 201, body: new Uint8Array() });
          })
        : undefined;
    await say(1);
    const stuck = deliver();
    await expect.poll(() => inboxOf(FIRST)).toEqual(await meantFor(FIRST));
    await say(1);
    await deliver();
    expect(await inboxOf(FIRST)).toEqual(await meantFor(FIRST));
    answer();
    network.interfere = () => undefined;
    await stuck;
  });

  test('sends again what a follower took without an answer, and the follower has it once', async () => {
    let lost = 0;
    network.interfere = async ({ source, target, endpoint, id, body }) => {
      if (target !== FIRST || lost > 0) return undefined as never;
      lost += 1;
      await network.provider(target).fromPeer(source, endpoint, id, body);
      throw new ProviderError('peerUnknown');
    };
    await say(3);
    await deliver();
    await say(2);
    network.now += 1000;
    await deliver();

    const [first, second] = notifies(FIRST).slice(-2);
    expect(decodeFanoutMessages(first?.body as Uint8Array)).toHaveLength(3);
    expect(decodeFanoutMessages(second?.body as Uint8Array)).toHaveLength(5);
    expect(await inboxOf(FIRST)).toEqual(await meantFor(FIRST));
  });

  test('skips what a follower refuses for good, says so, and goes on', async () => {
    network.interfere = ({ target }) =>
      target === SECOND ? { status: 404, body: new Uint8Array() } : undefined;
    await say(2);
    await deliver();
    network.interfere = () => undefined;
    const later = await say(1);
    await deliver();

    expect(network.events.get(HUB)).toContainEqual({
      type: 'deliveryRefused',
      to: SECOND,
      room: club,
      status: 404,
    });
    const fanouts = notifies(SECOND)
      .slice(-1)
      .flatMap(({ body }) => decodeFanoutMessages(body));
    expect(fanouts.map(messageIn)).toEqual(later);
    expect(await inboxOf(SECOND)).toHaveLength((await meantFor(SECOND)).length - 2);
    expect(await inboxOf(FIRST)).toEqual(await meantFor(FIRST));
  });
});

describe('an inbox', () => {
  test('takes messages once, however often and in whatever portions they come', async () => {
    await say(5);
    await deliver();
    const before = await inboxOf(FIRST);
    const messages = notifies(FIRST).flatMap(({ body }) => decodeFanoutMessages(body));
    expect(messages).toHaveLength(before.length);

    for (const { body } of notifies(FIRST)) {
      const reply = await network.provider(FIRST).fromPeer(HUB, 'notify', club, body);
      expect(reply.status).toBe(201);
    }
    const portions = [
      messages,
      ...messages.map((message) => [message]),
      messages.slice(0, 2),
      messages.slice(1),
      [...messages.slice(0, 1), ...messages],
    ];
    for (const portion of portions) expect((await notify(portion)).status).toBe(201);
    expect(await inboxOf(FIRST)).toEqual(before);

    // Also after the follower has been opened anew, when it knows only what it has stored.
    await network.provider(FIRST).close();
    await network.open(FIRST, storeOf(FIRST));
    for (const portion of portions) expect((await notify(portion)).status).toBe(201);
    expect(await inboxOf(FIRST)).toEqual(before);
    const [next] = await say(1);
    await deliver();
    expect((await inboxOf(FIRST)).length).toBe(before.length + 1);
    expect(
      messageIn(
        decodeFanoutMessages(notifies(FIRST).at(-1)?.body as Uint8Array)[0] as FanoutMessage,
      ),
    ).toBe(next);
  });

  test('takes the new ones out of a portion that begins with repeats, in order', async () => {
    await say(2);
    await deliver();
    const before = await inboxOf(FIRST);
    network.interfere = ({ target }) => {
      if (target === FIRST) throw new ProviderError('peerUnavailable');
      return undefined;
    };
    await say(3);
    await deliver();
    const seen = decodeFanoutMessages(notifies(FIRST).at(-2)?.body as Uint8Array);
    const fresh = decodeFanoutMessages(notifies(FIRST).at(-1)?.body as Uint8Array);
    expect(fresh).toHaveLength(3);

    expect((await notify([...seen, ...fresh.slice(0, 1)])).status).toBe(201);
    expect((await notify([...seen, ...fresh])).status).toBe(201);
    expect(await inboxOf(FIRST)).toEqual([
      ...before,
      ...fresh.map((message) => asText(encodeFanoutMessages([message]))),
    ]);
  });

  test('takes nothing for a room from a provider that is not its hub', async () => {
    await say(1);
    await deliver();
    const before = await inboxOf(FIRST);
    const body = notifies(FIRST).at(-1)?.body as Uint8Array;
    const fromOther = network.provider(FIRST).fromPeer(SECOND, 'notify', club, body);
    await expect(fromOther).rejects.toMatchObject({ code: 'wrongPeer' });
    expect(await inboxOf(FIRST)).toEqual(before);
  });

  test('takes nothing for a room that none of its users is invited to', async () => {
    await say(1);
    await deliver();
    const body = notifies(FIRST).at(-1)?.body as Uint8Array;
    const unknown = network.provider(FIRST).fromPeer(HUB, 'notify', roomUri(HUB, 'other'), body);
    await expect(unknown).rejects.toMatchObject({ code: 'unknownRoom' });
  });
});

describe('a Welcome', () => {
  /** The kinds of events that a device has got, from the start. */
  async function kindsFor(member: MlsMember): Promise<string[]> {
    const request = encodeSyncRequest({ cursor: new Uint8Array(), waitMs: 0, limit: 1000 });
    const { events } = decodeSyncResponse(await member.call('sync', '', request));
    return events.map(({ fanout }) => decodeFanoutMessages(fanout)[0]?.kind ?? 'none');
  }

  test('goes to the devices that it adds only, and the events after it to nobody else', async () => {
    const dave = new MlsMember(network.call, FIRST, 'dave-1');
    const erin = new MlsMember(network.call, FIRST, 'erin-1');
    const frank = new MlsMember(network.call, HUB, 'frank-1');
    for (const member of [dave, erin, frank]) await member.register();
    await say(1);
    await add(club, alice, [bob, carol], [dave]);
    await say(1);
    await deliver();

    // Bob was there from the first; what came before him and before Dave is not for them.
    expect(await kindsFor(bob)).toEqual(['welcome', 'application', 'commit', 'application']);
    expect(await kindsFor(dave)).toEqual(['welcome', 'application']);
    expect(await kindsFor(erin)).toEqual([]);
    expect(await kindsFor(frank)).toEqual([]);
    expect(await kindsFor(carol)).toEqual(['welcome', 'application', 'commit', 'application']);
    // To the provider of those who were added, and to no other.
    const welcomes = (target: string) =>
      notifies(target)
        .flatMap(({ body }) => decodeFanoutMessages(body))
        .filter(({ kind }) => kind === 'welcome').length;
    expect([welcomes(FIRST), welcomes(SECOND)]).toEqual([2, 1]);
  });

  test('reaches every device of a user that is added, each once', async () => {
    const phone = new MlsMember(network.call, FIRST, 'dave-1');
    const laptop = new MlsMember(network.call, FIRST, 'dave-2');
    for (const member of [phone, laptop]) await member.register();
    await phone.allow(alice.device.user);
    const keyPackages = await alice.claim(club, phone.device.user);
    expect(keyPackages).toHaveLength(2);
    const bundle = alice.commit({ add: keyPackages });
    expect((await alice.update(club, bundle)).code).toBe('success');
    alice.group.acceptPending();
    await say(1);
    await deliver();

    for (const member of [phone, laptop]) {
      expect(await kindsFor(member)).toEqual(['welcome', 'application']);
      member.join(bundle.welcome as Uint8Array, alice.group.ratchetTree());
      expect(member.authenticator).toBe(alice.authenticator);
    }
  });
});

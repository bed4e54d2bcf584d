// kill -9 under load: of the hub, of a follower, of devices. The rule: what was acknowledged is in the log, each
// follower and each device has it once and in order, and all go on without anybody repairing anything.

import { afterEach, beforeAll, expect, test } from 'vitest';
import { init } from '../../ts/mls/index.ts';
import type { LogRecord } from '../../ts/provider/records/log_record.ts';
import { openLmdbStore } from '../../ts/store/index.ts';
import { roomUri } from '../../ts/wire/index.ts';
import { BusyDevice } from '../support/busy_device.ts';
import { type ProviderProcess, startPair } from '../support/provider_process.ts';
import { asText, messageOf, roomLog } from '../support/room_log.ts';
import { type Seeded, seeded } from '../support/seed.ts';
import { freshPath } from '../support/store_directory.ts';
import { requireBuild } from '../support/store_process.ts';
import { until } from '../support/until.ts';

const club = roomUri('a.example', 'club');

beforeAll(async () => {
  requireBuild();
  await init();
}, 120_000);

interface Stage {
  readonly hub: ProviderProcess;
  readonly follower: ProviderProcess;
  readonly devices: readonly BusyDevice[];
  readonly random: Seeded;
}

let stage: Stage | undefined;
afterEach(async () => {
  if (stage === undefined) return;
  await Promise.all([stage.hub.stop('SIGKILL'), stage.follower.stop('SIGKILL')]);
  await Promise.all(stage.devices.map((device) => device.close()));
  stage = undefined;
});

/** Two providers with two busy devices each, all in one room. */
async function open(name: string): Promise<Stage> {
  const random = seeded(name);
  const { hub, follower } = await startPair(freshPath());
  const device = (provider: ProviderProcess, who: string) =>
    new BusyDevice(provider, who, club, random);
  const devices = [
    device(hub, 'alice'),
    device(hub, 'bob'),
    device(follower, 'carol'),
    device(follower, 'dave'),
  ];
  stage = { hub, follower, devices, random };
  const [host, ...guests] = devices as [BusyDevice, ...BusyDevice[]];
  for (const each of devices) {
    await each.open();
    await each.device.publishKeyPackages(2);
  }
  await host.device.createRoom(club);
  for (const guest of guests) {
    await guest.device.allow(host.user);
    await host.room.invite(guest.user);
    await until('an invitation', async () => {
      await guest.device.sync({ waitMs: 200 });
      return guest.device.invitations().length > 0;
    });
    await guest.device.invitations()[0]?.accept();
  }
  return stage;
}

const acknowledgements = ({ devices }: Stage): number =>
  devices.reduce((count, { acknowledged }) => count + acknowledged.length, 0);

/** Waits until some more has been acknowledged, then a moment that falls anywhere in the next requests. */
async function underLoad(on: Stage): Promise<void> {
  const before = acknowledgements(on);
  const more = on.random.between(4, 16);
  await until('the devices go on', () => acknowledgements(on) >= before + more, 30_000);
  await new Promise((resolve) => setTimeout(resolve, on.random.next() * 40));
}

/** Ends the load and lets everybody come to the end of the log, by nothing but syncing. */
async function settle({ hub, follower, devices }: Stage): Promise<void> {
  await Promise.all(devices.map((device) => device.rest()));
  let before = '';
  let quiet = 0;
  await until(
    () => `all are at the end of the log: ${before}`,
    async () => {
      await Promise.all(devices.map(({ device }) => device.sync()));
      const [log, inbox] = await Promise.all([hub.inspect(club), follower.inspect(club)]);
      const states = devices.map(({ room }) => `${room.epoch}/${room.unsent}/${room.status}`);
      const now = [log.seq, log.epoch, inbox.seq, ...states].join(' ');
      const done = devices.every(
        ({ room }) => room.unsent === 0 && Number(room.epoch) === log.epoch,
      );
      quiet = done && now === before ? quiet + 1 : 0;
      before = now;
      return quiet >= 3;
    },
    60_000,
  );
}

/** Stops the providers and compares what is on disk with what was acknowledged and what the devices have. */
async function expectAllThere(on: Stage): Promise<void> {
  const { hub, follower, devices } = on;
  await settle(on);
  expect(await Promise.all([hub.stop('SIGTERM'), follower.stop('SIGTERM')])).toEqual([0, 0]);
  expectNoOtherComplaints(hub);
  expectNoOtherComplaints(follower);
  const log = await readLog(hub);
  const inbox = await readLog(follower);

  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  expect(inbox.map(({ seq }) => seq)).toEqual(inbox.map((_, index) => index + 1));
  const messages = log.flatMap((record) => messageOf(record) ?? []);
  expect(new Set(messages).size).toBe(messages.length);
  expectAcknowledged(devices, log);

  // The follower: exactly what was for it, once each, in the order of the log.
  const expected = log.flatMap(({ followers, welcomed, fanout, welcome }) => [
    ...(followers.includes(follower.domain) ? [asText(fanout)] : []),
    ...(welcomed.includes(follower.domain) ? [asText(welcome)] : []),
  ]);
  expect(inbox.map(({ fanout, welcome }) => asText(fanout.length > 0 ? fanout : welcome))).toEqual(
    expected,
  );
  await expectHistories(devices, log);
}

/** A provider may complain about the other one's absence, and about nothing else. */
function expectNoOtherComplaints({ domain, complaints }: ProviderProcess): void {
  const absent = /"code":"peer(Unavailable|Unknown)"/;
  const others = complaints.split('\n').filter((line) => line !== '' && !absent.test(line));
  expect(others, `what ${domain} complains about`).toEqual([]);
}

async function readLog({ storePath }: ProviderProcess): Promise<LogRecord[]> {
  const store = await openLmdbStore({ path: storePath });
  try {
    return await roomLog(store, club);
  } finally {
    await store.close();
  }
}

/** Each acknowledgement is true: its message is in the log, with its time, in the order in which they came. */
function expectAcknowledged(devices: readonly BusyDevice[], log: readonly LogRecord[]): void {
  const places = new Map(log.map((record, index) => [messageOf(record), index]));
  for (const { name, acknowledged } of devices) {
    for (const kind of ['application', 'commit'] as const) {
      const own = acknowledged.filter((item) => item.kind === kind);
      const found = own.map(({ message }) => places.get(message) ?? Number.NaN);
      expect(found.filter(Number.isNaN), `${name}'s ${kind}s that are lost`).toEqual([]);
      expect(found.map((index) => log[index]?.acceptedAt)).toEqual(
        own.map(({ acceptedAt }) => acceptedAt),
      );
      // The same bytes sent twice are acknowledged twice.
      const first = [...new Set(found)];
      expect(first, `${name}'s ${kind}s in order`).toEqual(first.toSorted((a, b) => a - b));
    }
  }
}

/** Each device has each message of the log once, in the order of the log, and nothing that it could not read. */
async function expectHistories(
  devices: readonly BusyDevice[],
  log: readonly LogRecord[],
): Promise<void> {
  const histories = await Promise.all(devices.map(({ room }) => room.messages()));
  const lines = histories.map((history) =>
    history.map(({ id, client, content, acceptedAt, epoch }) => ({
      id,
      client,
      content: Buffer.from(content).toString(),
      acceptedAt,
      epoch,
    })),
  );
  const [first = []] = lines;
  const inLog = log
    .filter(({ kind }) => kind === 'application')
    .map(({ acceptedAt, epoch, from }) => `${acceptedAt} in epoch ${epoch} by ${from}`);
  for (const [index, { name, problems }] of devices.entries()) {
    const own = (histories[index] ?? []).map(
      ({ acceptedAt, epoch, sender }) => `${acceptedAt} in epoch ${epoch} by ${sender}`,
    );
    expect(own, `${name}'s history; it had ${problems.join('; ') || 'no problems'}`).toEqual(inLog);
  }
  const ids = new Set(first.map(({ id }) => id));
  const contents = first.map(({ content }) => content);
  expect(ids.size).toBe(first.length);
  expect(new Set(contents).size, 'no content comes twice').toBe(contents.length);
  for (const [index, each] of devices.entries()) {
    expect(lines[index], `${each.name}'s history`).toEqual(first);
    expect(await each.room.gaps(), `${each.name}'s gaps`).toEqual([]);
    expect(each.room.epoch).toBe(devices[0]?.room.epoch);
    expect(each.room.members()).toHaveLength(devices.length);
    expect(each.room.unsent).toBe(0);
    // All that `send` took is there, acknowledged at once or sent later; under the id that it named.
    const missing = each.told.filter(
      ({ id, content }) => !contents.includes(content) || (id !== undefined && !ids.has(id)),
    );
    expect(missing, `what ${each.name} sent and nobody has`).toEqual([]);
    const own = contents.filter((content) => content.startsWith(`${each.name} `));
    expect(own).toEqual(own.toSorted((a, b) => numberOf(a) - numberOf(b)));
  }
}

const numberOf = (content: string): number => Number(content.split(' ')[1]);

test('a hub that is killed under load, twenty times, keeps all it has acknowledged, and all go on by themselves', async () => {
  const on = await open('hub killed');
  for (const device of on.devices) device.work();
  for (let kill = 0; kill < 20; kill++) {
    await underLoad(on);
    await on.hub.stop('SIGKILL');
    await on.hub.start();
  }
  await underLoad(on);
  await expectAllThere(on);
  expect(on.devices.every(({ committed }) => committed > 0)).toBe(true);
});

test('a follower that is killed under load, eight times, misses nothing and takes nothing twice', async () => {
  const on = await open('follower killed');
  for (const device of on.devices) device.work();
  for (let kill = 0; kill < 8; kill++) {
    await underLoad(on);
    await on.follower.stop('SIGKILL');
    // The hub's users go on meanwhile, and the hub finds nobody to deliver to.
    await underLoad(on);
    await on.follower.start();
  }
  await underLoad(on);
  await expectAllThere(on);
});

test('devices that die under load, twelve times, and come back from their rows lose and repeat nothing', async () => {
  const on = await open('devices killed');
  for (const device of on.devices) device.work();
  for (let death = 0; death < 12; death++) {
    await underLoad(on);
    const victim = on.random.pick(on.devices);
    await victim.die();
    if (death % 4 === 3) {
      await on.hub.stop('SIGKILL');
      await on.hub.start();
    }
    await victim.open();
    victim.work();
  }
  await underLoad(on);
  await expectAllThere(on);
  expect(on.devices.flatMap(({ problems }) => problems)).toEqual([]);
});

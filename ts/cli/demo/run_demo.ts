// `exedra demo` and `exedra serve --demo`: three provider processes, the conversation in each mode, its account.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePorts } from '../../evidence/loopback/free_ports.ts';
import { modeNames } from '../../privacy/index.ts';
import { DEFAULT_PORT } from '../../server/config.ts';
import type { DemoOptions } from '../commands/demo.ts';
import { aborted } from '../signals.ts';
import { accountOf, failureOf, playAll } from './play.ts';
import { ProviderProcess } from './provider_process.ts';
import { Story } from './story.ts';
import { Telling } from './telling.ts';

const HUB = 'a.example';
const FOLLOWERS = ['b.example', 'c.example'] as const;

/** Plays the conversation, tells it, and keeps serving where that is asked. @throws DemoError. */
export async function runDemo(options: DemoOptions): Promise<{ ok: boolean }> {
  const stage = await openStage(options);
  const { hub, followers, folder } = stage;
  try {
    await Promise.all([hub, ...followers].map((provider) => provider.start()));
    const ok = await perform(options, stage);
    if (ok && options.keepServing) {
      const others = followers.map(({ domain, url }) => `${domain} serves at ${url}`);
      process.stdout.write(`  ${others.join(', ')}; Ctrl-C stops all.\n`);
      process.stdout.write(`exedra: listening on ${hub.url}\n`);
      await aborted(options.stopped);
    }
    return { ok };
  } finally {
    await Promise.all([hub, ...followers].map((provider) => provider.stop('SIGTERM')));
    if (!options.keepServing && options.store === undefined) rmSync(folder, { recursive: true });
  }
}

interface Stage {
  readonly folder: string;
  readonly run: string;
  readonly hub: ProviderProcess;
  readonly followers: readonly [ProviderProcess, ProviderProcess];
}

/** Chooses folder, ports and secrets. A demo that does not stay leaves nothing behind. */
async function openStage({ keepServing, store, port, logLevel }: DemoOptions): Promise<Stage> {
  const folder = keepServing
    ? resolve(store ?? '.exedra')
    : (store ?? mkdtempSync(join(tmpdir(), 'exedra-demo-')));
  const [free = 0, ...rest] = await freePorts(1 + FOLLOWERS.length);
  const hubPort = port || (keepServing && port !== 0 ? DEFAULT_PORT : free);
  const places = [
    { domain: HUB, port: hubPort },
    ...FOLLOWERS.map((domain, index) => ({ domain, port: rest[index] as number })),
  ];
  const secrets = new Map<string, string>();
  const secretBetween = (...pair: readonly string[]) => {
    const key = [...pair].sort().join();
    const secret = secrets.get(key) ?? randomBytes(24).toString('base64url');
    secrets.set(key, secret);
    return secret;
  };
  const provider = (domain: string) =>
    new ProviderProcess({
      domain,
      port: places.find((place) => place.domain === domain)?.port as number,
      folder: join(folder, domain),
      adminToken: randomBytes(24).toString('base64url'),
      peers: places
        .filter((place) => place.domain !== domain)
        .map((place) => ({ ...place, secret: secretBetween(domain, place.domain) })),
      logLevel: logLevel ?? 'error',
    });
  return {
    folder,
    run: randomBytes(3).toString('hex'),
    hub: provider(HUB),
    followers: [provider(FOLLOWERS[0]), provider(FOLLOWERS[1])],
  };
}

async function perform(options: DemoOptions, stage: Stage): Promise<boolean> {
  const { json, stopped } = options;
  const { folder, run, hub, followers } = stage;
  const [follower, other] = followers;
  const modes = options.mode === 'all' ? modeNames() : [options.mode];
  const devices = join(folder, 'devices');
  const stories = modes.map(
    (mode) => new Story({ mode, hub, follower, other, run, folder: devices }),
  );
  if (json) {
    const plays = await playAll(stories, { hub, stopped, onStep: () => undefined });
    const account = accountOf(plays, followers.length, hub.restarts);
    process.stdout.write(`${JSON.stringify(account)}\n`);
    return account.ok;
  }
  const telling = new Telling(stories, (text) => process.stdout.write(text));
  telling.open(modes, [
    { domain: hub.domain, url: hub.url, role: 'the hub, Alice’s provider' },
    { domain: follower.domain, url: follower.url, role: 'a follower, Bob’s provider' },
    { domain: other.domain, url: other.url, role: 'a follower, Carol’s provider' },
  ]);
  const plays = await playAll(stories, { hub, stopped, onStep: (row) => telling.step(row) });
  telling.close(plays, hub.restarts);
  const failure = failureOf(plays);
  if (failure !== undefined) throw failure.error;
  return true;
}

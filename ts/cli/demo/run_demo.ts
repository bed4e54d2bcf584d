// `exedra demo` and `exedra serve --demo`: two provider processes, the conversation, its account.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ExedraError } from '../../errors.ts';
import { DEFAULT_PORT } from '../../server/config.ts';
import type { DemoOptions } from '../commands/demo.ts';
import { aborted } from '../signals.ts';
import { freePort, ProviderProcess } from './provider_process.ts';
import { type Outcome, playOpen, type Step } from './story.ts';
import { Telling } from './telling.ts';

const HUB = 'a.example';
const FOLLOWER = 'b.example';

/** Plays the conversation, tells it, and keeps serving where that is asked. @throws DemoError. */
export async function runDemo(options: DemoOptions): Promise<{ ok: boolean }> {
  const stage = await openStage(options);
  try {
    await Promise.all([stage.hub.start(), stage.follower.start()]);
    const ok = await perform(options, stage);
    if (ok && options.keepServing) {
      process.stdout.write(`  ${FOLLOWER} serves at ${stage.follower.url}; Ctrl-C stops both.\n`);
      process.stdout.write(`exedra: listening on ${stage.hub.url}\n`);
      await aborted(options.stopped);
    }
    return { ok };
  } finally {
    await Promise.all([stage.hub.stop('SIGTERM'), stage.follower.stop('SIGTERM')]);
    if (!options.keepServing && options.store === undefined) {
      rmSync(stage.folder, { recursive: true });
    }
  }
}

interface Stage {
  readonly folder: string;
  readonly run: string;
  readonly hub: ProviderProcess;
  readonly follower: ProviderProcess;
}

/** Chooses folder, ports and secrets. A demo that does not stay leaves nothing behind. */
async function openStage({ keepServing, store, port, logLevel }: DemoOptions): Promise<Stage> {
  const folder = keepServing
    ? resolve(store ?? '.exedra')
    : (store ?? mkdtempSync(join(tmpdir(), 'exedra-demo-')));
  const hubPort = port || (keepServing && port !== 0 ? DEFAULT_PORT : await freePort());
  const followerPort = await freePort();
  const secret = randomBytes(24).toString('base64url');
  const provider = (domain: string, own: number, other: string, otherPort: number) =>
    new ProviderProcess({
      domain,
      port: own,
      folder: join(folder, domain),
      adminToken: randomBytes(24).toString('base64url'),
      peer: { domain: other, port: otherPort, secret },
      logLevel: logLevel ?? 'error',
    });
  return {
    folder,
    run: randomBytes(3).toString('hex'),
    hub: provider(HUB, hubPort, FOLLOWER, followerPort),
    follower: provider(FOLLOWER, followerPort, HUB, hubPort),
  };
}

async function perform(options: DemoOptions, stage: Stage): Promise<boolean> {
  const { json, stopped } = options;
  const { folder, run, hub, follower } = stage;
  const telling = new Telling((text) => process.stdout.write(text));
  const steps: Step[] = [];
  if (!json) telling.open(hub, follower);
  try {
    const outcome = await playOpen({
      hub,
      follower,
      run,
      folder: join(folder, 'devices'),
      stopped,
      onStep: (step, deliveries) => {
        steps.push(step);
        if (!json) telling.step(step, deliveries);
      },
    });
    if (json) print({ ok: true, ...outcome });
    else telling.close(outcome);
    return true;
  } catch (error) {
    if (!json) throw error;
    const { code, message } = asError(error);
    print({ ok: false, steps, sent: 0, delivered: 0, restarts: 0, error: { code, message } });
    return false;
  }
}

/** The account as one JSON object. */
function print(account: Omit<Outcome, 'room'> & { ok: boolean; error?: object }): void {
  const { ok, sent, delivered, steps, restarts, error } = account;
  const modes = { open: { ok, sent, delivered, steps } };
  process.stdout.write(`${JSON.stringify({ ok, modes, followers: 1, restarts, error })}\n`);
}

function asError(error: unknown): { code: string; message: string } {
  if (error instanceof ExedraError) return error;
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

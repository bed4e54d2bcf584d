// `exedra demo`: a conversation across three providers, played in the privacy modes, checked and told; also behind
// `exedra serve --demo`.
import { Command, Option } from 'commander';
import { modeNames } from '../../privacy/index.ts';
import type { LogLevel } from '../../server/log.ts';
import { stopSignal } from '../signals.ts';

/** What the conversation is played with. */
export interface DemoOptions {
  /** The name of one privacy mode, or `all`. */
  readonly mode: string;
  /** Whether the account is one JSON object on stdout instead of text. */
  readonly json: boolean;
  /** Whether to go on serving after the last step, until `stopped`. */
  readonly keepServing: boolean;
  /** Where the hub listens; unset: its defaults. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Folder of the stores; unset: ./.exedra, or, of a demo that does not stay, a temporary one. */
  readonly store?: string | undefined;
  readonly logLevel?: LogLevel | undefined;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly stopped: AbortSignal;
}

/** Plays the conversation and prints its account; answers whether everything in it was as it must be. */
export type DemoRunner = (options: DemoOptions) => Promise<{ ok: boolean }>;

/** The subcommand for a runner. */
export function demoCommand(demo: DemoRunner): Command {
  return new Command('demo')
    .description(
      'Play a conversation across three providers in each privacy mode, check it, and tell side by side who saw what.',
    )
    .option('--json', 'print one JSON object instead of text', false)
    .addOption(
      new Option('--mode <mode>', 'which privacy mode')
        .choices(['all', ...modeNames()])
        .default('all'),
    )
    .addHelpText(
      'after',
      `
Examples:
  exedra demo
  exedra demo --mode hub-visible
  exedra demo --mode all --json | jq '.modes | map_values(.ok)'

Exits with 0 when every step was as it must be, else with 1.`,
    )
    .action(async (options: Pick<DemoOptions, 'json' | 'mode'>) => {
      await runDemoCommand(demo, { ...options, keepServing: false });
    });
}

/** Runs the demo under the signals of the process; a demo that is not ok makes the exit code 1. */
export async function runDemoCommand(
  demo: DemoRunner,
  options: Omit<DemoOptions, 'stopped'>,
): Promise<void> {
  const stop = stopSignal();
  const { ok } = await demo({ ...options, stopped: stop.signal });
  if (!ok) process.exitCode = 1;
  stop.release();
}

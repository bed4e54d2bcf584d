// The action matrix: eleven actions in each privacy mode at providers of each deployment, every cell by a scenario that runs.
// The June 2024 interim of the MIMI working group asked what ban, kick, block and report become under each protection.

import { modeNames } from '../../privacy/index.ts';
import { DEPLOYMENTS, type Deployment } from '../../provider/index.ts';
import { Account, type Verdict } from './account.ts';
import { expectedVerdict } from './expected.ts';
import { ban, unban } from './scenarios/ban.ts';
import { breakGlass } from './scenarios/break_glass.ts';
import { add, newDevice } from './scenarios/coming_in.ts';
import { block, mute, report, roleChange } from './scenarios/speech.ts';
import { kick, leave } from './scenarios/taking_out.ts';
import { Stage } from './stage.ts';

const SCENARIOS = {
  ban,
  unban,
  kick,
  block,
  report,
  mute,
  add,
  leave,
  'new device': newDevice,
  'role change': roleChange,
  'break glass': breakGlass,
} as const satisfies Record<string, (stage: Stage, account: Account) => Promise<void>>;

export type Action = keyof typeof SCENARIOS;

export const ACTIONS = Object.keys(SCENARIOS) as readonly Action[];

export interface Cell {
  readonly action: Action;
  readonly mode: string;
  readonly deployment: Deployment;
  readonly verdict: Verdict;
  /** What was seen, in words; of a scenario that failed, how. */
  readonly why: string;
  /** The test that plays the same scenario: file#title. */
  readonly test: string;
  /** Whether the scenario ran to its end. */
  readonly ran: boolean;
  /** The verdict that docs and tests are written for. */
  readonly expected: Verdict;
}

export interface ActionReport {
  readonly cells: readonly Cell[];
  /** Whether every scenario ran, with the verdict that is expected. */
  readonly ok: boolean;
}

export interface MatrixOptions {
  /** Default: all. */
  readonly modes?: readonly string[] | undefined;
  readonly deployments?: readonly Deployment[] | undefined;
  readonly actions?: readonly Action[] | undefined;
  /** Hears of each cell as it begins: which part of 1 is done, and which cell it is. */
  readonly onProgress?: ((part: number, what: string) => void) | undefined;
}

/** Plays all cells, one after the other. @throws PrivacyError `unknownMode`, ServerError. */
export async function actionMatrix(options: MatrixOptions = {}): Promise<ActionReport> {
  const { modes = modeNames(), deployments = DEPLOYMENTS, actions = ACTIONS } = options;
  const of = modes.length * deployments.length * actions.length;
  const cells: Cell[] = [];
  for (const deployment of deployments) {
    for (const mode of modes) {
      await using stage = await Stage.open(mode, deployment);
      for (const action of actions) {
        options.onProgress?.(cells.length / of, titleOf(action, mode, deployment));
        cells.push(await playCell(stage, action));
      }
    }
  }
  return { cells, ok: cells.every(isOk) };
}

/** Plays one action on an open stage; a failure becomes a cell that did not run. */
export async function playCell(stage: Stage, action: Action): Promise<Cell> {
  const { deployment } = stage;
  const mode = stage.mode.name;
  const account = new Account();
  const place = {
    action,
    mode,
    deployment,
    test: `${TEST_FILE}#${titleOf(action, mode, deployment)}`,
    expected: expectedVerdict(action, mode, deployment),
  };
  try {
    await SCENARIOS[action](stage, account);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ...place, verdict: 'impossible', why: `The scenario failed: ${why}`, ran: false };
  }
  return { ...place, verdict: account.verdict, why: account.why, ran: true };
}

export const isOk = ({ ran, verdict, expected }: Cell): boolean => ran && verdict === expected;

const TEST_FILE = 'test/scenario/action_matrix.test.ts';

/** How the test of a cell is called. */
export const titleOf = (action: string, mode: string, deployment: string): string =>
  `${action}: ${mode}, ${deployment}`;

// All benchmarks of a run, from those without a group to the largest group.

import { addHundred, addOne } from '../operations/add.ts';
import { coldLoad } from '../operations/cold_load.ts';
import { content } from '../operations/content.ts';
import { createGroup } from '../operations/create_group.ts';
import { durableMessages, durableName } from '../operations/durable_messages.ts';
import { hubCommit } from '../operations/hub_commit.ts';
import { join } from '../operations/join.ts';
import { joinExternally } from '../operations/join_externally.ts';
import { keyPackage } from '../operations/key_package.ts';
import { memory } from '../operations/memory.ts';
import { messageIds } from '../operations/message_ids.ts';
import { receive, send } from '../operations/messages.ts';
import { processCommit } from '../operations/process_commit.ts';
import { hubRestore, hubSnapshot, memberRestore, memberSave } from '../operations/saved_state.ts';
import { selfUpdate } from '../operations/self_update.ts';
import { contest, type Effort, type GroupOperation, type LoneOperation } from './contest.ts';
import { type Crowd, crowdOf, type Tree } from './crowd.ts';
import { Native } from './native.ts';
import { prepareChains } from './populated.ts';
import type { Result } from './result.ts';

const sizes = [2, 50, 200, 1000];

export const alone: readonly LoneOperation[] = [keyPackage, createGroup, ...messageIds, ...content];
/** What depends on the tree: measured on a bulk-added one, too. */
export const everyTree: readonly GroupOperation[] = [
  selfUpdate,
  processCommit,
  hubCommit,
  addOne,
  join,
];
export const populatedOnly: readonly GroupOperation[] = [
  // On a bulk-added tree of 1,000 ts-mls takes half a minute for one.
  joinExternally,
  addHundred,
  send,
  receive,
  hubSnapshot,
  hubRestore,
  memberSave,
  memberRestore,
];

export interface RunOptions {
  readonly quick: boolean;
  /** Whether a result is wanted. */
  readonly wants: (name: string, members: number) => boolean;
  /** Is told what is being measured. */
  readonly note: (text: string) => void;
}

const nameOn = (tree: Tree, name: string): string =>
  tree === 'populated' ? name : `${name}, bulk-added tree`;

/** Two have the same tree in both ways, and fifty not much else. */
function treesOf(members: number, quick: boolean): readonly Tree[] {
  return members === 2 || (quick && members === 50) ? ['populated'] : ['populated', 'bulk-added'];
}

/** Measures what is wanted. */
export async function measureAll({ quick, wants, note }: RunOptions): Promise<Result[]> {
  const effort: Effort = quick ? { rounds: 3, millis: 25 } : { rounds: 7, millis: 250 };
  const native = Native.start();
  if (native === undefined) note('the native rival was not built: no ratios to native OpenMLS');
  const results: Result[] = [];
  try {
    for (const operation of alone.filter(({ name }) => wants(name, 0))) {
      note(operation.name);
      results.push(await contest(operation, undefined, native, 0, effort));
    }
    if (wants('cold load', 0)) results.push(coldLoad(quick ? 5 : 15));
    for (const members of sizes) {
      for (const tree of treesOf(members, quick)) {
        results.push(
          ...(await measureCrowd(members, tree, native, effort, { quick, wants, note })),
        );
      }
    }
  } finally {
    await native?.stop();
  }
  if (wants(durableName, 1)) {
    note('durable messages');
    results.push(await durableMessages(quick ? 4_000 : 20_000, quick ? 3 : 5));
  }
  return results;
}

async function measureCrowd(
  members: number,
  tree: Tree,
  native: Native | undefined,
  effort: Effort,
  { quick, wants, note }: RunOptions,
): Promise<Result[]> {
  const operations = (tree === 'populated' ? [...everyTree, ...populatedOnly] : everyTree).filter(
    ({ name }) => wants(nameOn(tree, name), members),
  );
  const withMemory = tree === 'populated' && wants('memory of a group', members);
  if (operations.length === 0 && !withMemory) return [];
  const results: Result[] = [];
  if (tree === 'populated')
    prepareChains(
      [members - 2].filter((size) => size > 0),
      note,
    );
  note(`${members} members, ${tree} tree`);
  const crowd: Crowd = await crowdOf(members, tree, native);
  for (const operation of operations) {
    note(`${members} members, ${nameOn(tree, operation.name)}`);
    const suffix = tree === 'populated' ? '' : ', bulk-added tree';
    results.push(await contest(operation, crowd, native, members, effort, suffix));
  }
  if (withMemory) results.push(...memory(crowd, quick ? 1 : 3));
  crowd.ours.dispose();
  return results;
}

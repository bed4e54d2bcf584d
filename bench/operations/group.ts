// The operations of a group, one tinybench task each: what a member and what a hub pays for them.

import { Bench, type FnOptions } from 'tinybench';
import { createKeyPackage, Group } from '../../ts/mls/index.ts';
import { Crowd, newParty } from '../support/crowd.ts';
import { plain, type Result } from '../support/result.ts';

const KIB = new Uint8Array(1024).fill(0x61);

/** What is timed, and what surrounds each time untimed. */
interface Task {
  readonly name: string;
  readonly run: () => void;
  readonly options?: FnOptions;
}

/** Measures each operation for about `millis`, at each number of members. */
export async function groupOperations(sizes: readonly number[], millis: number): Promise<Result[]> {
  const results = await measure(0, millis, aloneTasks());
  for (const members of sizes) {
    const crowd = new Crowd(members);
    results.push(...(await measure(members, millis, [...commitTasks(crowd), ...joinTasks(crowd)])));
    results.push(...(await measure(members, millis, messageTasks(crowd))));
  }
  return results;
}

async function measure(members: number, millis: number, tasks: readonly Task[]): Promise<Result[]> {
  const bench = new Bench({ time: millis, warmupTime: millis / 5, warmupIterations: 3 });
  for (const { name, run, options } of tasks) bench.add(name, run, options);
  await bench.run();
  return bench.tasks.map(({ name, result }) => {
    if (result.state !== 'completed') {
      throw new Error(`The benchmark "${name}" ended as ${result.state}.`, { cause: result });
    }
    const { p50, p75 } = result.latency;
    return plain(name, members, 'µs', { median: p50 * 1000, p75: p75 * 1000 });
  });
}

/** What needs no group yet. */
function aloneTasks(): Task[] {
  const party = newParty('solo');
  let made = 0;
  return [
    {
      name: 'key package',
      run: () => {
        createKeyPackage(party.store, party.identity);
      },
    },
    {
      name: 'create group',
      run: () => {
        made += 1;
        const groupId = new TextEncoder().encode(`g${made}`);
        Group.create(party.store, party.identity, groupId)[Symbol.dispose]();
      },
    },
  ];
}

function commitTasks(crowd: Crowd): Task[] {
  let commit: Uint8Array = new Uint8Array();
  return [
    {
      name: 'self-update, made and merged',
      run: () => {
        commit = crowd.update();
      },
      options: {
        afterEach: () => {
          crowd.hubFollows(commit);
          crowd.otherFollows(commit);
        },
      },
    },
    {
      name: 'commit processed by a member',
      run: () => crowd.otherFollows(commit),
      options: {
        beforeEach: () => {
          commit = crowd.update();
          crowd.hubFollows(commit);
        },
      },
    },
    {
      name: 'commit processed and applied by the hub',
      run: () => crowd.hubFollows(commit),
      options: {
        beforeEach: () => {
          commit = crowd.update();
          crowd.otherFollows(commit);
        },
      },
    },
  ];
}

function joinTasks(crowd: Crowd): Task[] {
  let newcomer = newParty('newcomer');
  let keyPackage: Uint8Array = new Uint8Array();
  let welcome: Uint8Array = new Uint8Array();
  const invite = () => {
    newcomer = newParty('newcomer');
    keyPackage = createKeyPackage(newcomer.store, newcomer.identity).keyPackage;
  };
  return [
    {
      name: 'add one client',
      run: () => {
        crowd.creator.commit({ add: [keyPackage] });
      },
      options: { beforeEach: invite, afterEach: () => crowd.creator.discardPending() },
    },
    {
      name: 'join from a Welcome',
      run: () => {
        Group.join(newcomer.store, welcome, crowd.tree)[Symbol.dispose]();
      },
      options: {
        beforeEach: () => {
          invite();
          welcome = crowd.add(keyPackage);
        },
        afterEach: () => crowd.removeLast(),
      },
    },
  ];
}

function messageTasks(crowd: Crowd): Task[] {
  let message: Uint8Array = new Uint8Array();
  return [
    {
      name: 'send 1 KiB',
      run: () => {
        crowd.creator.encrypt(KIB);
      },
      // A new epoch: the receiver would refuse to skip so many generations.
      options: { afterAll: () => crowd.newEpoch() },
    },
    {
      name: 'receive 1 KiB',
      run: () => {
        crowd.other.process(message);
      },
      options: {
        beforeEach: () => {
          message = crowd.creator.encrypt(KIB);
        },
      },
    },
  ];
}

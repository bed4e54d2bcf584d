// Devices and groups for the tests of ts/mls: real ones, in memory.

import {
  type CipherSuite,
  type CommitBundle,
  createKeyPackage,
  Group,
  Identity,
  MemberStore,
  MlsError,
  type MlsErrorCode,
  type Processed,
} from '../../../ts/mls/index.ts';

export const suites: readonly CipherSuite[] = [1, 2, 3];

const encoder = new TextEncoder();
const decoder = new TextDecoder();
export const bytes = (text: string): Uint8Array => encoder.encode(text);
export const text = (value: Uint8Array): string => decoder.decode(value);
export const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

export interface Device {
  readonly name: string;
  readonly store: MemberStore;
  readonly identity: Identity;
}

export interface MemberDevice extends Device {
  readonly group: Group;
}

export function device(suite: CipherSuite, name: string): Device {
  const store = MemberStore.create();
  return { name, store, identity: Identity.create(store, suite, { type: 1, bytes: bytes(name) }) };
}

export function creator(suite: CipherSuite, name: string, groupId = 'room'): MemberDevice {
  const made = device(suite, name);
  return { ...made, group: Group.create(made.store, made.identity, bytes(groupId)) };
}

export const keyPackageOf = (of: Device): Uint8Array =>
  createKeyPackage(of.store, of.identity).keyPackage;

/** The commit in what was processed; anything else fails the test. */
export function commitOf(processed: Processed): Extract<Processed, { kind: 'commit' }> {
  if (processed.kind !== 'commit') throw new Error(`a commit, not ${processed.kind}`);
  return processed;
}

export function plaintextOf(processed: Processed): string {
  if (processed.kind !== 'application') throw new Error(`a message, not ${processed.kind}`);
  return text(processed.plaintext);
}

/** Gives a commit to members other than its sender, who accept it. */
export function deliver(commit: Uint8Array, to: readonly MemberDevice[]): void {
  for (const { group } of to) group.accept(commitOf(group.process(commit)).staged);
}

export function join(of: Device, welcome: Uint8Array | undefined, tree: Uint8Array): MemberDevice {
  if (welcome === undefined) throw new Error('no Welcome');
  return { ...of, group: Group.join(of.store, welcome, tree) };
}

/** A group of the named members, the first of whom created it and added the others. */
export function members(suite: CipherSuite, ...names: string[]): MemberDevice[] {
  const [first = 'alice', ...others] = names;
  const alice = creator(suite, first);
  if (others.length === 0) return [alice];
  const devices = others.map((name) => device(suite, name));
  const bundle = alice.group.commit({ add: devices.map(keyPackageOf) });
  alice.group.acceptPending();
  const tree = alice.group.ratchetTree();
  return [alice, ...devices.map((made) => join(made, bundle.welcome, tree))];
}

/** Makes a commit, accepts it and gives it to the others. */
export function commitTo(
  by: MemberDevice,
  others: readonly MemberDevice[],
  options: Parameters<Group['commit']>[0] = {},
): CommitBundle {
  const bundle = by.group.commit(options);
  by.group.acceptPending();
  deliver(bundle.commit, others);
  return bundle;
}

/** The code of the MlsError that `call` throws. */
export function codeOf(call: () => unknown): MlsErrorCode | 'nothing thrown' {
  return errorOf(call)?.code ?? 'nothing thrown';
}

/** The MlsError that `call` throws; another error is thrown on. */
export function errorOf(call: () => unknown): MlsError | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof MlsError) return error;
    throw error;
  }
  return undefined;
}

/** Everything that could have changed: all rows and the epoch's authenticator. */
export function stateOf({ store, group }: MemberDevice): string {
  const rows = store.rows().map(({ key, value }) => `${hex(key)}=${hex(value ?? bytes(''))}`);
  return [hex(group.epochAuthenticator()), String(group.hasPendingCommit), ...rows].join('\n');
}

export function agree(all: readonly MemberDevice[]): boolean {
  return new Set(all.map(({ group }) => hex(group.epochAuthenticator()))).size === 1;
}

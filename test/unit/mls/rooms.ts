// Groups with components for the tests of ts/mls. Here an update is the new content itself, and the last one wins.

import {
  type CommitBundle,
  type CommitOptions,
  type ComponentChange,
  Group,
  type GroupOptions,
  HubGroup,
  type HubProcessed,
  type Resolve,
} from '../../../ts/mls/index.ts';
import {
  bytes,
  commitOf,
  type Device,
  device,
  keyPackageOf,
  type MemberDevice,
} from './devices.ts';

export const NAME = 0x8001;
export const ROLES = 0x8002;

export const lastWins: Resolve = (changes) =>
  changes.map(({ id, updates }) => ({ id, value: updates.at(-1)?.update }));

/** A change that `lastWins` resolves; no text: remove. */
export function change(id: number, text?: string): ComponentChange {
  const value = text === undefined ? undefined : bytes(text);
  return { id, update: value, value };
}

/** What our rooms demand: AppDataDictionary, AppDataUpdate and SelfRemove (draft-ietf-mls-extensions), as code points. */
export const required = { extensions: [6], proposals: [8, 10], credentials: [] as number[] };

export function joinRoom(
  of: Device,
  bundle: CommitBundle,
  by: MemberDevice,
  handshakes: GroupOptions['handshakes'] = undefined,
): MemberDevice {
  if (bundle.welcome === undefined) throw new Error('no Welcome');
  const group = Group.join(of.store, bundle.welcome, by.group.ratchetTree(), { handshakes });
  return { ...of, group };
}

/** A room of these devices, the first of which creates it. */
export function roomOf(options: GroupOptions, ...devices: readonly Device[]): MemberDevice[] {
  const [creator, ...others] = devices;
  if (creator === undefined) throw new Error('nobody');
  const founder = {
    ...creator,
    group: Group.create(creator.store, creator.identity, bytes('room'), options),
  };
  if (others.length === 0) return [founder];
  const bundle = founder.group.commit({ add: others.map(keyPackageOf) });
  founder.group.acceptPending();
  return [founder, ...others.map((of) => joinRoom(of, bundle, founder, options.handshakes))];
}

export const room = (options: GroupOptions, ...names: readonly string[]): MemberDevice[] =>
  roomOf(options, ...names.map((name) => device(1, name)));

/** Two members of one room. */
export function pair(options: GroupOptions = {}): readonly [MemberDevice, MemberDevice] {
  const [alice, bob] = room(options, 'alice', 'bob');
  if (alice === undefined || bob === undefined) throw new Error('nobody');
  return [alice, bob];
}

export const hubOf = ({ group }: MemberDevice): HubGroup =>
  HubGroup.track(group.groupInfo(), group.ratchetTree());

export function hubCommit(
  hub: HubGroup,
  commit: Uint8Array,
  resolve: Resolve = lastWins,
): Extract<HubProcessed, { kind: 'commit' }> {
  const processed = hub.process(commit, resolve);
  if (processed.kind !== 'commit') throw new Error('not a commit');
  return processed;
}

/** Gives a commit to members, who resolve and accept it. */
export function follow(commit: Uint8Array, ...members: readonly MemberDevice[]): void {
  for (const { group } of members) {
    group.accept(commitOf(group.process(commit, lastWins)).staged);
  }
}

/** Makes a commit, accepts it and gives it to the others. */
export function commitAll(
  by: MemberDevice,
  others: readonly MemberDevice[],
  options: CommitOptions = {},
): CommitBundle {
  const bundle = by.group.commit(options);
  by.group.acceptPending();
  follow(bundle.commit, ...others);
  return bundle;
}

/** Whether these bytes occur somewhere in those. */
export const holds = (where: Uint8Array, what: Uint8Array): boolean =>
  Buffer.from(where).indexOf(what) >= 0;

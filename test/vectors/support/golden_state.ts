// What test/vectors/state says of a member's rows and of a hub's snapshot.

import { fileURLToPath } from 'node:url';
import type { CipherSuite, Group, HubGroup } from '../../../ts/mls/index.ts';
import { hex } from '../../unit/mls/devices.ts';

export const suites: readonly CipherSuite[] = [1, 2, 3];

/** The version of rows and snapshots that the files are of. */
const version = 1;

export const goldenFile = (suite: CipherSuite): string =>
  fileURLToPath(new URL(`../state/version-${version}-suite-${suite}.json`, import.meta.url));

export interface GoldenState {
  readonly suite: CipherSuite;
  /** Hexadecimal, as all bytes here. */
  readonly groupId: string;
  readonly rows: readonly (readonly [key: string, value: string])[];
  readonly snapshot: string;
  readonly member: ReturnType<typeof memberOf>;
  readonly hub: ReturnType<typeof hubOf>;
  /** Sent in the epoch of the rows, and the next commit, by another member each. */
  readonly message: string;
  readonly plaintext: string;
  readonly commit: string;
  readonly authenticatorAfter: string;
}

export const memberOf = (group: Group) => ({
  epoch: Number(group.epoch),
  leafIndex: group.ownLeafIndex,
  members: group.members().map(({ leafIndex, signatureKey }) => [leafIndex, hex(signatureKey)]),
  waiting: group.pendingProposals().map(hex),
  authenticator: hex(group.epochAuthenticator()),
  exported: hex(group.exportSecret('golden', new Uint8Array(), 32)),
  tree: hex(group.ratchetTree()),
});

export const hubOf = (hub: HubGroup) => ({
  epoch: Number(hub.epoch),
  members: hub.members().map(({ leafIndex, signatureKey }) => [leafIndex, hex(signatureKey)]),
  waiting: hub.pendingProposals().map(({ ref }) => hex(ref ?? new Uint8Array())),
  tree: hex(hub.ratchetTree()),
});

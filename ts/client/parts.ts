// The parts of a device that its rooms and invitations work with.

import type { Account } from './account.ts';
import type { Changes } from './changes.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import type { Notices } from './notices.ts';
import type { Outbox } from './outbox.ts';
import type { RoomRules } from './rules.ts';
import type { Vault } from './state/vault.ts';
import type { Stream } from './stream.ts';

export interface DeviceParts {
  readonly account: Account;
  readonly connection: Connection;
  readonly vault: Vault;
  readonly notices: Notices;
  readonly rules: RoomRules;
  readonly stream: Stream;
  readonly changes: Changes;
  readonly outbox: Outbox;
  readonly connections: Connections;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
}

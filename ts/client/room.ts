// A room as an app sees it: who is in it, what was said, and what a member can do.

import type { CipherSuite, CommitOptions } from '../mls/index.ts';
import type { RosterEntry } from '../room/index.ts';
import type { ClientUri, RoomUri, UserUri } from '../wire/index.ts';
import { ClientError } from './errors.ts';
import { endMembership } from './events/apply_commit.ts';
import { readHistory } from './history.ts';
import { type ClaimedKeyPackage, claimKeyPackages, keyMaterialRequest } from './key_material.ts';
import type { SentMessage } from './outbox.ts';
import type { DeviceParts } from './parts.ts';
import { activeGroup, commitFlight, leaveFlight } from './requests.ts';
import type { RoomState } from './state/device_state.ts';
import type { Gap, ReceivedMessage } from './state/history_row.ts';
import type { RoomStatus } from './state/room_row.ts';
import type { RoomView } from './state/vault.ts';

/** What an invitation did. */
export interface Invited {
  /** Clients that were added; none when all were in the room already. */
  readonly added: readonly ClientUri[];
  /** Clients of the user that had no key package. */
  readonly missing: readonly string[];
}

/**
 * A room of this device. What the properties give is what is stored; a change is there once its method has
 * returned. The methods that change the room throw ClientError `notActive`, `refused` (the hub's rule in
 * details), `unavailable` (nothing is changed), `unknown` (the next `sync` settles it), `contended`, `storageFailed`.
 */
export class Room {
  readonly uri: RoomUri;
  readonly #parts: DeviceParts;

  constructor(parts: DeviceParts, uri: RoomUri) {
    this.#parts = parts;
    this.uri = uri;
  }

  get status(): RoomStatus {
    return this.#view.status;
  }

  /** The group's epoch; 0 once this device is no longer in it. */
  get epoch(): bigint {
    return this.#view.epoch;
  }

  /** How many proposals wait for a commit. */
  get pendingProposals(): number {
    return this.#view.pendingProposals;
  }

  /** How many messages of this device are not in the log yet. */
  get unsent(): number {
    return this.#view.unsent;
  }

  /** The clients in the room, by leaf. */
  members(): readonly RosterEntry[] {
    return this.#view.members;
  }

  /** The users in the room, each once. */
  users(): UserUri[] {
    return [...new Set(this.members().map(({ user }) => user))];
  }

  /**
   * Adds all clients of a user. Throws ClientError `noKeyMaterial`, `wrongKeyPackage` besides; nothing is
   * committed then.
   */
  async invite(user: UserUri): Promise<Invited> {
    const { vault, connection } = this.#parts;
    const { suite, request } = await vault.exclusive((state) => {
      const group = activeGroup(state.room(this.uri));
      const suite: CipherSuite = group.suite;
      return { suite, request: keyMaterialRequest(state, this.uri, suite, user) };
    });
    const claim = await claimKeyPackages(connection, request, suite, user);
    let added: readonly ClientUri[] = [];
    await this.#commit((room) => {
      const absent = notInRoom(room, claim.keyPackages);
      if (absent.length === 0) return undefined;
      added = absent.map(({ client }) => client);
      return { add: absent.map(({ keyPackage }) => keyPackage) };
    });
    return { added, missing: claim.missing };
  }

  /** Removes all clients of another user; nothing happens when none is there. */
  async remove(user: UserUri): Promise<void> {
    if (user === this.#parts.account.user) {
      throw new ClientError('refused', 'A user is not removed by itself; call `leave`.', {
        details: { rule: 'leave' },
      });
    }
    await this.#commit((room) => {
      const leaves = leavesOf(room, (entry) => entry.user === user);
      return leaves.length === 0 ? undefined : { remove: leaves };
    });
  }

  /** Removes one client, such as a lost device of this user; nothing happens when it is not there. */
  async removeClient(client: ClientUri): Promise<void> {
    await this.#commit((room) => {
      const leaves = leavesOf(room, (entry) => entry.client === client);
      return leaves.length === 0 ? undefined : { remove: leaves };
    });
  }

  /** Renews this device's keys in the room. */
  async selfUpdate(): Promise<void> {
    await this.#commit(() => ({ update: true }));
  }

  /** Commits the proposals that wait, if there are any. */
  async commitPending(): Promise<void> {
    await this.#commit((room) => (room.row.queued.length === 0 ? undefined : {}));
  }

  /**
   * Leaves with all devices of this user: the removal is proposed, and takes effect when another member commits;
   * then the event `removed` comes. The last user leaves at once.
   */
  async leave(): Promise<void> {
    const { account, changes, connection, vault } = this.#parts;
    if (this.users().every((user) => user === account.user)) {
      await connection.call('unsubscribe', this.uri, new Uint8Array());
      await vault.exclusive((state) => {
        const room = state.room(this.uri);
        activeGroup(room, 'leaving');
        room.row.status = 'leaving';
        endMembership(state, room);
      });
      return;
    }
    await changes.make(this.uri, (state) => {
      const room = state.room(this.uri);
      if (room.row.status === 'left' || room.row.status === 'removed') return undefined;
      const own = activeGroup(room, 'leaving').ownLeafIndex;
      if (room.row.status === 'leaving' && room.row.queued.length > 0) return undefined;
      return leaveFlight(
        room,
        leavesOf(room, (entry) => entry.user === account.user).filter((leaf) => leaf !== own),
      );
    });
  }

  /**
   * Sends a message: any bytes, at most 1 MiB less 1 KiB. It is stored before it is sent: when the provider
   * cannot be reached, `acceptedAt` is absent and a later `sync` sends it. Throws `notActive`, `refused`.
   */
  send(content: Uint8Array): Promise<SentMessage> {
    return this.#parts.outbox.send(this.uri, content);
  }

  /** All messages of the room, own ones included, in the order of the log. */
  async messages(): Promise<ReceivedMessage[]> {
    const rows = await readHistory(this.#parts.vault.storage, this.uri);
    return rows.flatMap((row) => (row.kind === 'message' ? [row.message] : []));
  }

  /** The places in the log that this device could not read. */
  async gaps(): Promise<Gap[]> {
    const rows = await readHistory(this.#parts.vault.storage, this.uri);
    return rows.flatMap((row) => (row.kind === 'gap' ? [row.gap] : []));
  }

  get #view(): RoomView {
    const view = this.#parts.vault.views.get(this.uri);
    if (view === undefined) {
      throw new ClientError('noSuchRoom', undefined, { details: { room: this.uri } });
    }
    return view;
  }

  /** Commits what `plan` gives for the room as it then is, until the stream has confirmed it. */
  #commit(plan: (room: RoomState) => CommitOptions | undefined): Promise<void> {
    return this.#parts.changes.make(this.uri, (state) => {
      const room = state.room(this.uri);
      activeGroup(room);
      const options = plan(room);
      return options === undefined ? undefined : commitFlight(room, options);
    });
  }
}

function notInRoom(
  room: RoomState,
  claimed: readonly ClaimedKeyPackage[],
): readonly ClaimedKeyPackage[] {
  const present = new Set([...room.roster.values()].map(({ client }) => client));
  return claimed.filter(({ client }) => !present.has(client));
}

function leavesOf(room: RoomState, wanted: (entry: RosterEntry) => boolean): number[] {
  return [...room.roster.values()].filter(wanted).map(({ leafIndex }) => leafIndex);
}

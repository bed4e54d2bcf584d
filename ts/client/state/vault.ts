// Guards a device's state: one operation at a time, each a transaction. What it changes is saved in one write
// when it ends; when it fails, or the write does, memory goes back to what is stored.

import {
  type FrankingForm,
  frankingOf,
  type RosterEntry,
  stateOf,
  type UserRole,
} from '../../room/index.ts';
import type { RoomUri } from '../../wire/index.ts';
import { ClientError } from '../errors.ts';
import type { KeyValue } from '../key_value.ts';
import { awaitsRemoval, hasToCommit } from '../mandates.ts';
import type { Notices } from '../notices.ts';
import { Queue } from '../queue.ts';
import type { DeviceState, RoomState } from './device_state.ts';
import type { Flight, RefusedCommit, RoomStatus } from './room_row.ts';

/** What the app sees of a room: always a stored state, never one in the making. */
export interface RoomView {
  readonly uri: RoomUri;
  readonly status: RoomStatus;
  readonly epoch: bigint;
  readonly ownLeafIndex: number;
  readonly members: readonly RosterEntry[];
  /** The name of the room's mode. */
  readonly mode: string;
  readonly participants: readonly UserRole[];
  readonly successor: RoomUri | undefined;
  readonly predecessor: RoomUri | undefined;
  readonly verdict: RefusedCommit | undefined;
  /** How many proposals wait for a commit. */
  readonly pendingProposals: number;
  /** The mandate of the hub that waits for a commit. */
  readonly mandate: Uint8Array | undefined;
  /** Whether something waits for a commit that this device may make. */
  readonly toCommit: boolean;
  /** Whether the user has declined the invitation. */
  readonly declined: boolean;
  /** The change of this device that waits for its outcome. */
  readonly flight: Flight | undefined;
  /** How many own messages are not in the log yet. */
  readonly unsent: number;
  readonly franking: FrankingForm | 'none';
}

export class Vault {
  readonly storage: KeyValue;
  readonly #load: () => Promise<DeviceState>;
  readonly #notices: Notices;
  readonly #queue = new Queue();
  #state: DeviceState | undefined;
  readonly #views = new Map<RoomUri, RoomView>();
  #cursor: Uint8Array = new Uint8Array();
  #closed = false;

  constructor(storage: KeyValue, load: () => Promise<DeviceState>, notices: Notices) {
    this.storage = storage;
    this.#load = load;
    this.#notices = notices;
  }

  /** The rooms as they are stored. */
  get views(): ReadonlyMap<RoomUri, RoomView> {
    return this.#views;
  }

  /** How far the stream has been dealt with, as stored. */
  get cursor(): Uint8Array {
    return this.#cursor;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Runs `work` on the state, alone, and saves what it has changed. Listeners are told afterwards.
   * `work` must not wait for the network, nor for another call of this method.
   * Throws ClientError `closed`, `storageFailed`, and what `work` throws; then nothing has changed.
   */
  exclusive<T>(work: (state: DeviceState) => T | Promise<T>): Promise<T> {
    return this.#queue.run(async () => {
      if (this.#closed) throw new ClientError('closed');
      this.#state ??= await this.#load();
      const state = this.#state;
      try {
        const result = await work(state);
        const notices = await state.save(this.storage);
        this.#look(state);
        this.#notices.emit(notices);
        return result;
      } catch (error) {
        if (isAhead(state)) await this.#rollBack(state);
        throw error;
      }
    });
  }

  /** Ends the device's work; the storage is closed when all that was asked before has ended. */
  close(): Promise<void> {
    return this.#queue.run(async () => {
      if (this.#closed) return;
      this.#closed = true;
      this.#state?.[Symbol.dispose]();
      this.#state = undefined;
      await this.storage.close();
    });
  }

  /** Memory may have run ahead of the storage: it is read again, now or, if that fails, by the next operation. */
  async #rollBack(state: DeviceState): Promise<void> {
    state[Symbol.dispose]();
    this.#state = undefined;
    try {
      this.#state = await this.#load();
      this.#views.clear();
      this.#look(this.#state);
    } catch {
      // The caller learns the first failure; the next operation meets this one.
    }
  }

  #look(state: DeviceState): void {
    this.#cursor = state.cursor;
    for (const uri of state.takeChanged()) {
      const room = state.rooms.get(uri);
      if (room === undefined) this.#views.delete(uri);
      else this.#views.set(uri, viewOf(room, this.#views.get(uri)));
    }
  }
}

/** Whether memory differs from the storage; a core that no longer answers counts as that. */
function isAhead(state: DeviceState): boolean {
  try {
    return state.unsaved;
  } catch {
    return true;
  }
}

function participantsOf({ group }: RoomState): readonly UserRole[] {
  return group === undefined ? [] : stateOf(group.components()).participants;
}

/** Pinned with the room: it stays what it was when the group is gone. */
function frankingIn({ group }: RoomState, before: RoomView | undefined): RoomView['franking'] {
  if (group === undefined) return before?.franking ?? 'none';
  return frankingOf((id) => group.component(id))?.form ?? 'none';
}

function viewOf(room: RoomState, before: RoomView | undefined): RoomView {
  const epoch = room.group?.epoch ?? 0n;
  const sameMembers = before !== undefined && before.epoch === epoch && room.group !== undefined;
  return {
    uri: room.uri,
    status: room.row.status,
    epoch,
    ownLeafIndex: room.group?.ownLeafIndex ?? -1,
    members: sameMembers ? before.members : [...room.roster.values()],
    mode: room.row.mode,
    successor: room.row.successor,
    predecessor: room.row.predecessor,
    verdict: room.row.verdict,
    participants: sameMembers ? before.participants : participantsOf(room),
    pendingProposals: room.row.queued.length,
    mandate: room.row.mandate,
    toCommit: hasToCommit(room) && !awaitsRemoval(room),
    declined: room.row.declined,
    flight: room.row.flight,
    unsent: room.outbox.length,
    franking: frankingIn(room, before),
  };
}

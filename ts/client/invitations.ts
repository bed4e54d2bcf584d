// Rooms that were offered to this device. The Welcome has been used already; the app decides what becomes of it.

import type { RosterEntry } from '../room/index.ts';
import {
  decodeFanoutMessage,
  decodeSyncEvent,
  type RoomUri,
  type SyncEvent,
} from '../wire/index.ts';
import { ClientError } from './errors.ts';
import { applyEvent } from './events/apply_event.ts';
import type { DeviceParts } from './parts.ts';
import { Room } from './room.ts';
import type { DeviceState } from './state/device_state.ts';
import { roomKey } from './state/keys.ts';
import { loadRows } from './state/load_rows.ts';

/** An open invitation. */
export interface Invitation {
  readonly room: RoomUri;
  /** Who is in the room, as of the Welcome; this device included. */
  readonly members: readonly RosterEntry[];
  /** Takes part: what has come meanwhile is in the history then. Throws ClientError `noSuchRoom`, `storageFailed`. */
  accept(): Promise<Room>;
  /** Stays out: the hub is asked to remove this user's devices again. Throws as `Room.leave`. */
  decline(): Promise<void>;
}

export function openInvitations(parts: DeviceParts): Invitation[] {
  return [...parts.vault.views.values()]
    .filter(({ status }) => status === 'invited')
    .map(({ uri, members }) => ({
      room: uri,
      members,
      accept: async () => {
        await takePart(parts, uri, () => true);
        return new Room(parts, uri);
      },
      decline: () => decline(parts, uri),
    }));
}

/** Applies the held events of an invitation that `wanted` selects, and opens the room. */
function takePart(
  { vault, rules }: DeviceParts,
  uri: RoomUri,
  wanted: (event: SyncEvent) => boolean,
): Promise<void> {
  return vault.exclusive(async (state: DeviceState) => {
    const room = state.room(uri);
    if (room.row.status !== 'invited') {
      throw new ClientError('noSuchRoom', 'The invitation is not open any more.', {
        details: { room: uri, status: room.row.status },
      });
    }
    state.touch(room);
    room.row.status = 'active';
    for (const { key, value } of await loadRows(vault.storage, roomKey('held', uri))) {
      state.put(key, undefined);
      const event = decodeSyncEvent(value);
      if (wanted(event)) applyEvent(state, rules, event);
    }
  });
}

async function decline(parts: DeviceParts, uri: RoomUri): Promise<void> {
  const isHandshake = ({ fanout }: SyncEvent) => decodeFanoutMessage(fanout).kind !== 'application';
  await takePart(parts, uri, isHandshake);
  await parts.vault.exclusive((state) => {
    const room = state.room(uri);
    state.touch(room);
    room.row.declined = true;
  });
  // It stays a member until somebody commits that, and says again that it leaves where that was void.
  if (parts.vault.views.get(uri)?.status === 'active') await new Room(parts, uri).leave();
}

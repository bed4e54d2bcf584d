// What the decisions on an update share: what they are made with, and the answer of one that is accepted.

import type { UpdateRoomResponse } from '../../wire/index.ts';
import type { Origin } from '../origin.ts';
import type { Turn } from '../shard.ts';
import type { HubContext } from './context.ts';
import type { HubRoom } from './hub_room.ts';

/** What the decision on an update is made with. */
export interface UpdateInput {
  readonly context: HubContext;
  readonly origin: Origin;
  readonly room: HubRoom;
  readonly turn: Turn;
  readonly requestId: Uint8Array;
}

/** The answer to an update that was accepted. */
export function success(acceptedAt: number): UpdateRoomResponse {
  return { code: 'success', errorDescription: '', acceptedTimestamp: BigInt(acceptedAt) };
}

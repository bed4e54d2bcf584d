// An event of a room with its message read, as the appliers take it.

import type { FanoutMessage } from '../../wire/index.ts';

/** An event of one kind, or of any. */
export interface RoomEvent<Kind extends FanoutMessage['kind'] = FanoutMessage['kind']> {
  readonly seq: bigint;
  readonly fanout: Extract<FanoutMessage, { kind: Kind }>;
}

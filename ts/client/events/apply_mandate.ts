// A mandate of the hub in the stream: checked against the group's own word on whose key signs it, then kept until a
// commit carries it out. spec/privacy-modes.md, "Mandates".

import { mandatesAmong, openMandate, PrivacyError } from '../../privacy/index.ts';
import { memberOf } from '../member_room.ts';
import type { DeviceState, RoomState } from '../state/device_state.ts';
import type { RoomEvent } from './room_event.ts';
import { codeOfFault } from './settle.ts';

/** Keeps a mandate; one that does not hold is told of and forgotten. */
export function applyMandate(
  state: DeviceState,
  room: RoomState,
  { seq, fanout }: RoomEvent<'mandate'>,
): void {
  const { group, membership } = memberOf(room);
  // What was said of another epoch was said anew for this one, or will be.
  if (fanout.epoch !== group.epoch) return;
  try {
    const { mode, current } = membership;
    if (fanout.mode !== mode.name) throw new PrivacyError('wrongMode');
    const { groupId, epoch } = fanout;
    const address = { suite: group.suite, groupId, epoch, kind: 'slots' } as const;
    const { slots } = mode.handshakes.openAsMember(fanout.payload, address, current.keys);
    const [mandate] = mandatesAmong(slots);
    if (mandate === undefined) throw new PrivacyError('malformed');
    openMandate(group, mandate);
    room.row.mandate = mandate.slice();
  } catch (error) {
    state.tell({ name: 'problem', room: room.uri, seq, code: codeOfFault(error), error });
  }
}

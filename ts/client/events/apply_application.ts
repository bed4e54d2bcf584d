// An application message of the stream: an own one comes back from the outbox, another's is decrypted.

import { messageIdDraft04, type Processed } from '../../mls/index.ts';
import { checkFrank } from '../../privacy/index.ts';
import {
  decideSend,
  type Franking,
  frankingOf,
  type Participant,
  type Verdict,
} from '../../room/index.ts';
import { encodeFrank } from '../../wire/index.ts';
import { equalBytes, hex } from '../bytes.ts';
import { memberOf, policyOf, realBehind } from '../member_room.ts';
import type { DeviceState, RoomState } from '../state/device_state.ts';
import { historyRows, type ReceivedMessage } from '../state/history_row.ts';
import { roomKey } from '../state/keys.ts';
import type { RoomEvent } from './room_event.ts';
import { codeOfFault } from './settle.ts';

export function applyApplication(
  state: DeviceState,
  room: RoomState,
  event: RoomEvent<'application'>,
): void {
  const { group } = room;
  if (group === undefined) return;
  const { message } = event.fanout;
  const id = messageIdDraft04(group.suite, message.bytes);
  const own = room.outbox.find(({ sealed }) => sealed !== undefined && equalBytes(sealed.id, id));
  if (own !== undefined) {
    state.deleteOutbox(room, own);
    const sender = room.roster.get(group.ownLeafIndex) ?? state.device;
    take(state, room, event, { id, sender, content: own.content, localId: hex(own.localId) });
    return;
  }
  // The hub lets nobody send for a past epoch: this one was sent before the device came.
  if (message.epoch < room.row.joinedEpoch) return;
  let processed: Processed;
  let sender: Participant;
  try {
    processed = group.process(message.bytes);
    // An own message that is not in the outbox is in the history already.
    if (processed.kind !== 'application' || processed.sender.type !== 'member') return;
    const entry = room.roster.get(processed.sender.leafIndex);
    if (entry === undefined) return;
    sender = entry;
  } catch (error) {
    leaveGap(state, room, event.seq, codeOfFault(error), error);
    return;
  }
  take(state, room, event, { id, sender, content: processed.plaintext });
}

function leaveGap(
  state: DeviceState,
  room: RoomState,
  seq: bigint,
  code: string,
  error?: unknown,
): void {
  const gap = historyRows.encode({ kind: 'gap', gap: { seq, code } });
  state.put(roomKey('history', room.uri, seq), gap);
  state.tell({ name: 'problem', room: room.uri, seq, code, error });
}

/** A message that has been decrypted. */
interface Opened {
  readonly id: Uint8Array;
  readonly sender: Participant;
  readonly content: Uint8Array;
  /** Of an own one. */
  readonly localId?: string;
}

/** Keeps a message; in a franked room one that nobody could report is dropped. */
function take(
  state: DeviceState,
  room: RoomState,
  event: RoomEvent<'application'>,
  opened: Opened,
): void {
  const verdict = decideSender(room, opened.sender.user);
  if (!verdict.allowed) {
    leaveGap(state, room, event.seq, verdict.rule);
    return;
  }
  try {
    checkReportable(room, event, opened);
  } catch (error) {
    const code = codeOfFault(error);
    if (opened.localId === undefined) {
      leaveGap(state, room, event.seq, code, error);
      return;
    }
    // What this device has said itself is not lost by what somebody on the way has changed.
    state.tell({ name: 'problem', room: room.uri, seq: event.seq, code, error });
    keepMessage(state, room, { ...event, fanout: { ...event.fanout, frank: undefined } }, opened);
    return;
  }
  keepMessage(state, room, event, opened);
}

/** Where the hub does not see who sends, members decide whether somebody may. */
function decideSender(room: RoomState, user: string): Verdict {
  const { mode } = memberOf(room).membership;
  if (mode.hub === 'verifies') return { allowed: true };
  return decideSend({ state: policyOf(room), roster: room.roster }, user);
}

/** Throws PrivacyError `badFrank`, RoomError. */
function checkReportable(
  room: RoomState,
  { fanout }: RoomEvent<'application'>,
  { sender, content }: Opened,
): void {
  const { uri, group } = room;
  const franking = frankingIn(room);
  if (group === undefined || franking === undefined) return;
  const { message, frank, timestamp: acceptedAt } = fanout;
  const { authenticatedData } = message;
  const place = { room: uri, sender: sender.user };
  checkFrank(franking, group.suite, place, { content, authenticatedData, frank, acceptedAt });
}

const frankingIn = ({ group }: RoomState): Franking | undefined =>
  group && frankingOf((component) => group.component(component));

function keepMessage(
  state: DeviceState,
  room: RoomState,
  { seq, fanout }: RoomEvent<'application'>,
  { id, sender: { user, client }, content, localId }: Opened,
): void {
  const real = realBehind(room, client);
  // A stamp in a room that is not franked is nobody's: it is checked by nothing.
  const frank = frankingIn(room) && fanout.frank;
  const message: ReceivedMessage = {
    ...(real === undefined ? {} : { real }),
    id: hex(id),
    sender: user,
    client,
    content,
    epoch: fanout.message.epoch,
    acceptedAt: Number(fanout.timestamp),
    seq,
    own: localId !== undefined,
    ...(localId === undefined ? {} : { localId }),
    ...(frank === undefined ? {} : { frank: encodeFrank(frank) }),
  };
  state.put(roomKey('history', room.uri, seq), historyRows.encode({ kind: 'message', message }));
  state.tell({ name: 'message', room: room.uri, message });
}

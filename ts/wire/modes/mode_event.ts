// struct ModeEvent: ours, what is fanned out beside the FanoutMessages of draft-ietf-mimi-protocol-06: in rooms of other
// modes than `open` all but application messages, in every room the mandates of the hub, for which the draft has no
// form. Its first two octets are none of a timestamp.
//   enum { proposal(1), commit(2), welcome(3), mandate(4), (255) } ModeEventKind;
//   struct {
//     uint16 marker = 0xE0E2; uint64 timestamp; ModeEventKind kind;
//     select (kind) {
//       case welcome: opaque mode<V>; SealedWelcome welcome;
//       case mandate: opaque mode<V>; opaque group_id<V>; uint64 epoch; opaque payload<V>;
//       default: opaque mode<V>; opaque group_id<V>; uint64 epoch; opaque payloads<V><V>;
//     };
//   } ModeEvent;

import { enumTable, type NameOf } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import type { Writer } from '../codec/writer.ts';
import { readSealedWelcome, type SealedWelcome, writeSealedWelcome } from './sealed_welcome.ts';

export const MODE_EVENT_MARKER = 0xe0e2;

const kinds = enumTable({ proposal: 1, commit: 2, welcome: 3, mandate: 4 });

/** Handshakes of a room in the form of its mode, a Welcome for one client, or a mandate of the hub. */
export type ModeEvent = {
  /** When the hub accepted it, in milliseconds since the UNIX epoch. */
  readonly timestamp: bigint;
  readonly mode: string;
} & (
  | {
      readonly kind: 'modeHandshake';
      readonly handshake: 'proposal' | 'commit';
      readonly groupId: Uint8Array;
      /** Of the group before the handshake. */
      readonly epoch: bigint;
      /** As they came in the ModeUpdate. */
      readonly payloads: readonly Uint8Array[];
    }
  | { readonly kind: 'modeWelcome'; readonly welcome: SealedWelcome }
  | {
      readonly kind: 'mandate';
      readonly groupId: Uint8Array;
      /** Of the group when the mandate was made. */
      readonly epoch: bigint;
      /** A HandshakePayload in the form of the mode: no handshake, the mandate as its only slot. */
      readonly payload: Uint8Array;
    }
);

/** Whether a message of the fan-out is one of ours. */
export function isModeEvent<Message extends { readonly kind: string }>(
  message: Message,
): message is Extract<Message, ModeEvent> {
  return ['modeHandshake', 'modeWelcome', 'mandate'].includes(message.kind);
}

export function readModeEvent(reader: Reader): ModeEvent {
  const at = reader.offset;
  const marker = reader.u16('marker');
  if (marker !== MODE_EVENT_MARKER) {
    throw reader.error('unknownValue', `${marker} does not begin a ModeEvent.`, 'marker', at);
  }
  const timestamp = reader.u64('timestamp');
  const kind = reader.enum8(kinds, 'kind');
  const mode = reader.text('mode');
  if (kind === 'welcome') {
    return {
      kind: 'modeWelcome',
      timestamp,
      mode,
      welcome: reader.struct('welcome', readSealedWelcome),
    };
  }
  const groupId = reader.opaque('groupId');
  const epoch = reader.u64('epoch');
  if (kind === 'mandate') {
    return { kind, timestamp, mode, groupId, epoch, payload: reader.opaque('payload') };
  }
  const payloads = reader.opaqueList('payloads');
  return { kind: 'modeHandshake', handshake: kind, timestamp, mode, groupId, epoch, payloads };
}

export function writeModeEvent(writer: Writer, value: ModeEvent): void {
  writer.u16(MODE_EVENT_MARKER, 'marker');
  writer.u64(value.timestamp, 'timestamp');
  writer.enum8(kinds, kindOf(value), 'kind');
  writer.text(value.mode, 'mode');
  if (value.kind === 'modeWelcome') {
    writeSealedWelcome(writer, value.welcome);
    return;
  }
  writer.opaque(value.groupId, 'groupId');
  writer.u64(value.epoch, 'epoch');
  if (value.kind === 'mandate') writer.opaque(value.payload, 'payload');
  else writer.opaqueList(value.payloads, 'payloads');
}

function kindOf(value: ModeEvent): NameOf<typeof kinds> {
  switch (value.kind) {
    case 'modeWelcome':
      return 'welcome';
    case 'modeHandshake':
      return value.handshake;
    case 'mandate':
      return 'mandate';
  }
}

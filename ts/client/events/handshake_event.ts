// A handshake of the stream, whatever the structs of its room's mode: what it is known by, and how it is opened.

import type { CipherSuite } from '../../mls/index.ts';
import { type Mode, PrivacyError } from '../../privacy/index.ts';
import type { FanoutMessage, HandshakePayload, HandshakeView } from '../../wire/index.ts';
import type { RoomEvent } from './room_event.ts';

/** An event of a room that carries proposals or a commit. */
export interface HandshakeEvent {
  readonly seq: bigint;
  readonly kind: 'proposal' | 'commit';
  /** Of the group before the handshake. */
  readonly epoch: bigint;
  /** What the hub was sent: an own request in flight is known by the hash of the first. */
  readonly shown: readonly Uint8Array[];
  /** The hub's proposals that replace those which an external commit made void. */
  readonly reissued: readonly HandshakeView[];
  readonly fanout: FanoutMessage;
}

/** The event as a handshake of a room of this mode; `undefined` for others. Throws PrivacyError `wrongMode`. */
export function handshakeEvent(mode: Mode, { seq, fanout }: RoomEvent): HandshakeEvent | undefined {
  if (fanout.kind === 'modeHandshake') {
    if (fanout.mode !== mode.name) throw wrongMode(mode);
    const { handshake: kind, epoch, payloads: shown } = fanout;
    return { seq, kind, epoch, shown, reissued: [], fanout };
  }
  if (fanout.kind !== 'commit' && fanout.kind !== 'proposal') return undefined;
  if (mode.framing !== 'draft') throw wrongMode(mode);
  const { kind, message } = fanout;
  const more = fanout.kind === 'proposal' ? fanout.moreProposals : [];
  return {
    seq,
    kind,
    epoch: message.epoch,
    shown: [message, ...more].map(({ bytes }) => bytes),
    reissued: fanout.kind === 'commit' ? fanout.externalProposals : [],
    fanout,
  };
}

function wrongMode(mode: Mode): PrivacyError {
  return new PrivacyError('wrongMode', undefined, { details: { mode: mode.name } });
}

/** What a member reads of a handshake: MLSMessages, and what was left at the hub with them. Throws PrivacyError. */
export function openHandshakes(
  mode: Mode,
  suite: CipherSuite,
  event: HandshakeEvent,
  keys: Parameters<Mode['handshakes']['openAsMember']>[2],
): HandshakePayload[] {
  const { fanout, shown } = event;
  if (fanout.kind !== 'modeHandshake') return shown.map((handshake) => ({ handshake, slots: [] }));
  const { groupId, epoch } = fanout;
  const address = { suite, groupId, epoch, kind: event.kind };
  return shown.map((bytes) => mode.handshakes.openAsMember(bytes, address, keys));
}

// struct FanoutMessage: draft-ietf-mimi-protocol-06, "Fanout Messages and Room Events".
// It selects on a `protocol` that is no field: no protocol octet is on the wire, MLS 1.0 is implied.
// It selects on the wire format but lists content types too: read as Welcome by wire format, else by
// the content type, which both PublicMessage and PrivateMessage show.

import { Reader, type WireLimits } from '../codec/reader.ts';
import { encoder, treeDecoder, withTree } from '../codec/struct.ts';
import { Writer } from '../codec/writer.ts';
import { WireError } from '../errors.ts';
import {
  type HandshakeView,
  type MlsMessageView,
  type PrivateMessageView,
  readMlsMessage,
  type WelcomeMessageView,
  writeMlsMessage,
} from '../mls/mls_message.ts';
import {
  isModeEvent,
  MODE_EVENT_MARKER,
  type ModeEvent,
  readModeEvent,
  writeModeEvent,
} from '../modes/mode_event.ts';
import { type Frank, readFrank, writeFrank } from './frank.ts';
import { handshakeKind, readProposals, writeProposals } from './handshake.ts';
import {
  type RatchetTreeOption,
  readRatchetTreeOption,
  writeRatchetTreeOption,
} from './ratchet_tree_option.ts';
import { isApplicationMessage } from './submit_message_request.ts';

/** One event of a room, as the hub hands it on: a struct of the draft, or of a mode that hides more. */
export type FanoutMessage = DraftFanout | ModeEvent;

/** `kind` follows from `message`. */
type DraftFanout = {
  /** When the hub accepted it, in milliseconds since the UNIX epoch. */
  readonly timestamp: bigint;
} & (
  | {
      readonly kind: 'application';
      readonly message: PrivateMessageView;
      readonly frank?: Frank | undefined;
    }
  | {
      readonly kind: 'welcome';
      readonly message: WelcomeMessageView;
      readonly ratchetTree: RatchetTreeOption;
    }
  | {
      readonly kind: 'proposal';
      readonly message: HandshakeView;
      readonly moreProposals: readonly HandshakeView[];
    }
  | {
      readonly kind: 'commit';
      readonly message: HandshakeView;
      /** The hub's proposals that replace those which an external commit made void. */
      readonly externalProposals: readonly HandshakeView[];
    }
);

function kindOf(message: MlsMessageView): DraftFanout['kind'] | undefined {
  if (message.wireFormat === 'welcome') return 'welcome';
  return isApplicationMessage(message) ? 'application' : handshakeKind(message);
}

/** Besides malformed input, refuses messages that are never fanned out (`wrongContent`). */
export function readFanoutMessage(reader: Reader): FanoutMessage {
  const [first, second] = reader.bytes.subarray(reader.offset, reader.offset + 2);
  if (first === MODE_EVENT_MARKER >> 8 && second === (MODE_EVENT_MARKER & 0xff)) {
    return readModeEvent(reader);
  }
  const timestamp = reader.u64('timestamp');
  const at = reader.offset;
  const message = reader.struct('message', readMlsMessage);
  switch (kindOf(message)) {
    case 'application': {
      const frank = reader.optional('frank', readFrank);
      return { kind: 'application', timestamp, message: message as PrivateMessageView, frank };
    }
    case 'welcome': {
      const ratchetTree = reader.struct('ratchetTreeOption', readRatchetTreeOption);
      return { kind: 'welcome', timestamp, message: message as WelcomeMessageView, ratchetTree };
    }
    case 'proposal': {
      const moreProposals = readProposals(reader, 'moreProposals');
      return { kind: 'proposal', timestamp, message: message as HandshakeView, moreProposals };
    }
    case 'commit': {
      const externalProposals = readProposals(reader, 'externalProposals');
      return { kind: 'commit', timestamp, message: message as HandshakeView, externalProposals };
    }
    default:
      throw reader.error('wrongContent', 'This message is never fanned out.', 'message', at);
  }
}

export function writeFanoutMessage(writer: Writer, value: FanoutMessage): void {
  if (isModeEvent(value)) {
    writeModeEvent(writer, value);
    return;
  }
  if (kindOf(value.message) !== value.kind) {
    throw new WireError('unencodable', `The message of this fan-out must be a ${value.kind}.`);
  }
  writer.u64(value.timestamp, 'timestamp');
  writeMlsMessage(writer, value.message);
  switch (value.kind) {
    case 'application':
      writer.optional(value.frank, writeFrank);
      break;
    case 'welcome':
      writeRatchetTreeOption(writer, value.ratchetTree);
      break;
    case 'proposal':
      writeProposals(writer, value.moreProposals, 'moreProposals');
      break;
    case 'commit':
      writeProposals(writer, value.externalProposals, 'externalProposals');
      break;
  }
}

export const encodeFanoutMessage = encoder(writeFanoutMessage);
export const decodeFanoutMessage = treeDecoder(readFanoutMessage);

/** The body of `notify`: messages one after the other, without a length. */
export function encodeFanoutMessages(messages: readonly FanoutMessage[]): Uint8Array {
  const writer = new Writer();
  for (const message of messages) writeFanoutMessage(writer, message);
  return writer.finish();
}

/**
 * Reads the body of `notify`: at least one message. The limits hold for the body as a whole.
 * Throws as `decodeFanoutMessage`; the path begins with the message's index.
 */
export function decodeFanoutMessages(bytes: Uint8Array, limits?: WireLimits): FanoutMessage[] {
  const reader = new Reader(bytes, withTree(limits));
  const messages: FanoutMessage[] = [];
  do {
    reader.enter(messages.length);
    reader.countItem();
    messages.push(readFanoutMessage(reader));
    reader.leave();
  } while (!reader.exhausted);
  return messages;
}

// struct ModeMessage: ours, the body of `submitMessage` where the sender must show that it may write to a room whose
// members the hub does not know, or that it is who it says, for a frank that blinds it.
//   struct {
//     uint16 marker = 0xE0E4; SubmitMessageRequest request; optional<FrankRequest> frank; opaque proof<V>;
//   } ModeMessage;
//   struct { opaque key_id[8]; opaque blind[32]; } FrankRequest;

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import {
  readSubmitMessageRequest,
  type SubmitMessageRequest,
  writeSubmitMessageRequest,
} from '../protocol/submit_message_request.ts';

export const MODE_MESSAGE_MARKER = 0xe0e4;

/** Bytes of the id of a franking key. */
export const FRANKING_KEY_ID_BYTES = 8;
const BLIND_BYTES = 32;

/** What a sender gives for a frank that hides it from followers. */
export interface FrankRequest {
  /** Which key of the hub the room names. */
  readonly keyId: Uint8Array;
  /** 32 bytes: where the hub knows who sends, the key that blinds the sender; else the blinded sender. */
  readonly blind: Uint8Array;
}

export interface ModeMessage {
  readonly request: SubmitMessageRequest;
  readonly frank?: FrankRequest | undefined;
  /** In the form of the mode, over all of it besides. */
  readonly proof: Uint8Array;
}

function writeBody(writer: Writer, { request, frank }: Omit<ModeMessage, 'proof'>): void {
  writer.u16(MODE_MESSAGE_MARKER, 'marker');
  writeSubmitMessageRequest(writer, request);
  writer.optional(frank, (to, { keyId, blind }) => {
    to.fixed(keyId, FRANKING_KEY_ID_BYTES, 'keyId');
    to.fixed(blind, BLIND_BYTES, 'blind');
  });
}

/** What the proof is made over. */
export const encodeModeMessageBody = encoder(writeBody);

export const encodeModeMessage = encoder((writer: Writer, message: ModeMessage) => {
  writeBody(writer, message);
  writer.opaque(message.proof, 'proof');
});

export const decodeModeMessage = decoder((reader: Reader): ModeMessage => {
  const marker = reader.u16('marker');
  if (marker !== MODE_MESSAGE_MARKER) {
    throw reader.error('unknownValue', `${marker} does not begin a ModeMessage.`, 'marker', 0);
  }
  return {
    request: reader.struct('request', readSubmitMessageRequest),
    frank: reader.optional('frank', (item) => ({
      keyId: item.fixed(FRANKING_KEY_ID_BYTES, 'keyId'),
      blind: item.fixed(BLIND_BYTES, 'blind'),
    })),
    proof: reader.opaque('proof'),
  };
});

/** Whether the body of a `submitMessage` is a ModeMessage; anything else is the draft's struct, or damaged. */
export function isModeMessage(body: Uint8Array): boolean {
  return body[0] === MODE_MESSAGE_MARKER >> 8 && body[1] === (MODE_MESSAGE_MARKER & 0xff);
}

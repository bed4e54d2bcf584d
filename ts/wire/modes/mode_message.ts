// struct ModeMessage: ours, the body of `submitMessage` where the sender must show that it may write to a room whose
// members the hub does not know.
//   struct { uint16 marker = 0xE0E4; SubmitMessageRequest request; opaque proof<V>; } ModeMessage;

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import {
  readSubmitMessageRequest,
  type SubmitMessageRequest,
  writeSubmitMessageRequest,
} from '../protocol/submit_message_request.ts';

export const MODE_MESSAGE_MARKER = 0xe0e4;

export interface ModeMessage {
  readonly request: SubmitMessageRequest;
  /** In the form of the mode, over the encoded request. */
  readonly proof: Uint8Array;
}

export const encodeModeMessage = encoder((writer: Writer, { request, proof }: ModeMessage) => {
  writer.u16(MODE_MESSAGE_MARKER, 'marker');
  writeSubmitMessageRequest(writer, request);
  writer.opaque(proof, 'proof');
});

export const decodeModeMessage = decoder((reader: Reader): ModeMessage => {
  const marker = reader.u16('marker');
  if (marker !== MODE_MESSAGE_MARKER) {
    throw reader.error('unknownValue', `${marker} does not begin a ModeMessage.`, 'marker', 0);
  }
  return {
    request: reader.struct('request', readSubmitMessageRequest),
    proof: reader.opaque('proof'),
  };
});

/** Whether the body of a `submitMessage` is a ModeMessage; anything else is the draft's struct, or damaged. */
export function isModeMessage(body: Uint8Array): boolean {
  return body[0] === MODE_MESSAGE_MARKER >> 8 && body[1] === (MODE_MESSAGE_MARKER & 0xff);
}

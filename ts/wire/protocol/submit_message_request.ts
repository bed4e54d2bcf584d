// struct SubmitMessageRequest: draft-ietf-mimi-protocol-06, "Submit a Message".

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { WireError } from '../errors.ts';
import {
  type MlsMessageView,
  type PrivateMessageView,
  readMlsMessage,
  writeMlsMessage,
} from '../mls/mls_message.ts';
import { readIdentifierUri, writeIdentifierUri } from './identifier_uri.ts';
import { type Protocol, readProtocol, writeProtocol } from './protocol.ts';

export interface SubmitMessageRequest {
  readonly protocol: Protocol;
  /** A PrivateMessage that contains an application message. */
  readonly appMessage: PrivateMessageView;
  /** The sender, or its pseudonym, as the hub is to know it. */
  readonly sendingUri: string;
}

export function isApplicationMessage(message: MlsMessageView): message is PrivateMessageView {
  return message.wireFormat === 'privateMessage' && message.contentType === 'application';
}

/** Besides malformed input, refuses any but an application PrivateMessage (`wrongContent`). */
export function readSubmitMessageRequest(reader: Reader): SubmitMessageRequest {
  const protocol = readProtocol(reader);
  const at = reader.offset;
  const appMessage = reader.struct('appMessage', readMlsMessage);
  if (!isApplicationMessage(appMessage)) {
    const rule = 'Only an application message in a PrivateMessage may be submitted.';
    throw reader.error('wrongContent', rule, 'appMessage', at);
  }
  return { protocol, appMessage, sendingUri: reader.struct('sendingUri', readIdentifierUri) };
}

export function writeSubmitMessageRequest(writer: Writer, value: SubmitMessageRequest): void {
  if (!isApplicationMessage(value.appMessage)) {
    throw new WireError('unencodable', 'appMessage must be an application PrivateMessage.');
  }
  writeProtocol(writer);
  writeMlsMessage(writer, value.appMessage);
  writeIdentifierUri(writer, value.sendingUri);
}

export const encodeSubmitMessageRequest = encoder(writeSubmitMessageRequest);
export const decodeSubmitMessageRequest = decoder(readSubmitMessageRequest);

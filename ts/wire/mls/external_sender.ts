// ExternalSender, and the extension external_senders that holds them: RFC 9420, 12.1.8.1.

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { type Credential, readCredential, writeCredential } from './credential.ts';
import { decodeExtensions } from './extension.ts';
import { type GroupContextView, MAX_CONTEXT_BYTES } from './group_info.ts';

/** ExtensionType `external_senders`. */
const EXTERNAL_SENDERS = 5;

/** A sender outside the group, such as the hub: its key and who it is. */
export interface ExternalSender {
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
}

export function readExternalSender(reader: Reader): ExternalSender {
  return {
    signatureKey: reader.opaque('signatureKey'),
    credential: reader.struct('credential', readCredential),
  };
}

export function writeExternalSender(writer: Writer, value: ExternalSender): void {
  writer.opaque(value.signatureKey, 'signatureKey');
  writeCredential(writer, value.credential);
}

export const encodeExternalSender = encoder(writeExternalSender);
export const decodeExternalSender = decoder(readExternalSender);

const decodeSenders = decoder((reader: Reader): ExternalSender[] =>
  reader.list('externalSenders', readExternalSender),
);

/** The external senders of a group, in the order by which proposals name them. Throws WireError. */
export function externalSendersOf({ extensions }: Pick<GroupContextView, 'extensions'>) {
  const found = decodeExtensions(extensions, { maxBytes: MAX_CONTEXT_BYTES }).find(
    ({ type }) => type === EXTERNAL_SENDERS,
  );
  return found === undefined ? [] : decodeSenders(found.data);
}

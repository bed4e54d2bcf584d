// ExternalSender: RFC 9420, 12.1.8.1.

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { type Credential, readCredential, writeCredential } from './credential.ts';

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

// struct KeyMaterialRequest and KeyMaterialRequestTBS: draft-ietf-mimi-protocol-06, "Fetch Key Material".
// The draft has no way to leave roomId out, yet asks for it only when the target is to be added to a
// room: an absent room is written as an empty IdentifierUri.

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { WireError } from '../errors.ts';
import {
  type RequiredCapabilities,
  readRequiredCapabilities,
  writeRequiredCapabilities,
} from '../mls/capabilities.ts';
import { type Credential, readCredential, writeCredential } from '../mls/credential.ts';
import { readIdentifierUri, writeIdentifierUri } from './identifier_uri.ts';
import { type Protocol, readProtocol, writeProtocol } from './protocol.ts';

/** What the requester signs, with the label "KeyMaterialRequestTBS". */
export interface KeyMaterialRequestTBS {
  readonly protocol: Protocol;
  readonly requestingUser: string;
  readonly targetUser: string;
  /** The room the key packages are for; `undefined` when they are for none yet. */
  readonly roomId?: string | undefined;
  /** MLS cipher suites, at least one. */
  readonly acceptableCipherSuites: readonly number[];
  readonly requiredCapabilities: RequiredCapabilities;
  readonly requesterSignatureKey: Uint8Array;
  readonly requesterCredential: Credential;
}

export interface KeyMaterialRequest extends KeyMaterialRequestTBS {
  /** SignWithLabel(requester's key, "KeyMaterialRequestTBS", the encoded TBS). */
  readonly signature: Uint8Array;
}

/** Besides malformed input, refuses an empty list of cipher suites (`wrongContent`). */
export function readKeyMaterialRequest(reader: Reader): KeyMaterialRequest {
  const protocol = readProtocol(reader);
  const requestingUser = reader.struct('requestingUser', readIdentifierUri);
  const targetUser = reader.struct('targetUser', readIdentifierUri);
  const roomId = reader.struct('roomId', readIdentifierUri);
  const suitesAt = reader.offset;
  const acceptableCipherSuites = reader.u16List('acceptableCiphersuites');
  if (acceptableCipherSuites.length === 0) {
    const rule = 'The list of acceptable cipher suites is empty.';
    throw reader.error('wrongContent', rule, 'acceptableCiphersuites', suitesAt);
  }
  return {
    protocol,
    requestingUser,
    targetUser,
    roomId: roomId === '' ? undefined : roomId,
    acceptableCipherSuites,
    requiredCapabilities: reader.struct('requiredCapabilities', readRequiredCapabilities),
    requesterSignatureKey: reader.opaque('requesterSignatureKey'),
    requesterCredential: reader.struct('requesterCredential', readCredential),
    signature: reader.opaque('signature'),
  };
}

export function writeKeyMaterialRequestTBS(writer: Writer, value: KeyMaterialRequestTBS): void {
  if (value.acceptableCipherSuites.length === 0) {
    throw new WireError('unencodable', 'acceptableCipherSuites must name at least one suite.');
  }
  writeProtocol(writer);
  writeIdentifierUri(writer, value.requestingUser);
  writeIdentifierUri(writer, value.targetUser);
  writeIdentifierUri(writer, value.roomId ?? '');
  writer.u16List(value.acceptableCipherSuites, 'acceptableCipherSuites');
  writeRequiredCapabilities(writer, value.requiredCapabilities);
  writer.opaque(value.requesterSignatureKey, 'requesterSignatureKey');
  writeCredential(writer, value.requesterCredential);
}

export function writeKeyMaterialRequest(writer: Writer, value: KeyMaterialRequest): void {
  writeKeyMaterialRequestTBS(writer, value);
  writer.opaque(value.signature, 'signature');
}

/** The signature's input. A decoded request encodes to the very bytes received, so it serves both sides. */
export const encodeKeyMaterialRequestTBS = encoder(writeKeyMaterialRequestTBS);
export const encodeKeyMaterialRequest = encoder(writeKeyMaterialRequest);
export const decodeKeyMaterialRequest = decoder(readKeyMaterialRequest);

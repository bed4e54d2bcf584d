// struct GroupInfoRequest and GroupInfoRequestTBS: draft-ietf-mimi-protocol-06, "Claim group key
// information". The TBS has `optional opaque joiningCode<V>`, the request `opaque joiningCode<V>`; the
// prose calls the code optional. It is read as optional, with its presence octet, in both, so that the
// request is the TBS followed by the signature.

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { type Credential, readCredential, writeCredential } from '../mls/credential.ts';
import { type Protocol, readProtocol, writeProtocol } from './protocol.ts';

/** What the requester signs, with the label "GroupInfoRequestTBS". */
export interface GroupInfoRequestTBS {
  readonly protocol: Protocol;
  /** Names the algorithms of this exchange; the group's own suite may differ. */
  readonly cipherSuite: number;
  readonly requestingSignatureKey: Uint8Array;
  readonly requestingCredential: Credential;
  /** HPKE key to which the answer is encrypted. */
  readonly groupInfoPublicKey: Uint8Array;
  readonly joiningCode?: Uint8Array | undefined;
}

export interface GroupInfoRequest extends GroupInfoRequestTBS {
  /** SignWithLabel(requester's key, "GroupInfoRequestTBS", the encoded TBS). */
  readonly signature: Uint8Array;
}

export function readGroupInfoRequest(reader: Reader): GroupInfoRequest {
  return {
    protocol: readProtocol(reader),
    cipherSuite: reader.u16('cipherSuite'),
    requestingSignatureKey: reader.opaque('requestingSignatureKey'),
    requestingCredential: reader.struct('requestingCredential', readCredential),
    groupInfoPublicKey: reader.opaque('groupInfoPublicKey'),
    joiningCode: reader.presence('joiningCode') ? reader.opaque('joiningCode') : undefined,
    signature: reader.opaque('signature'),
  };
}

export function writeGroupInfoRequestTBS(writer: Writer, value: GroupInfoRequestTBS): void {
  writeProtocol(writer);
  writer.u16(value.cipherSuite, 'cipherSuite');
  writer.opaque(value.requestingSignatureKey, 'requestingSignatureKey');
  writeCredential(writer, value.requestingCredential);
  writer.opaque(value.groupInfoPublicKey, 'groupInfoPublicKey');
  writer.optional(value.joiningCode, (to, code) => to.opaque(code, 'joiningCode'));
}

export function writeGroupInfoRequest(writer: Writer, value: GroupInfoRequest): void {
  writeGroupInfoRequestTBS(writer, value);
  writer.opaque(value.signature, 'signature');
}

/** The signature's input. A decoded request encodes to the very bytes received, so it serves both sides. */
export const encodeGroupInfoRequestTBS = encoder(writeGroupInfoRequestTBS);
export const encodeGroupInfoRequest = encoder(writeGroupInfoRequest);
export const decodeGroupInfoRequest = decoder(readGroupInfoRequest);

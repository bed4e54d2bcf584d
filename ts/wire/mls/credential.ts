// Credential: RFC 9420, 5.3.

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { WireError } from '../errors.ts';
import { isOpaqueType } from './extension_types.ts';

/** CredentialType values (RFC 9420, 17.5). */
export const BASIC_CREDENTIAL = 1;
export const X509_CREDENTIAL = 2;

/**
 * A credential: its type and the content of its one vector. For `basic` that is the identity, for
 * `x509` the sequence of `opaque<V>` certificates.
 */
export interface Credential {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/**
 * Every credential known here is one vector after the type. Of a type beyond `basic`, `x509`, GREASE
 * and private use the grammar is unknown, so its end cannot be found: throws `undelimitable`.
 */
export function readCredential(reader: Reader): Credential {
  const type = reader.u16('credentialType');
  if (type === BASIC_CREDENTIAL || isOpaqueType(type)) {
    return { type, bytes: reader.opaque('credential') };
  }
  if (type !== X509_CREDENTIAL) {
    throw reader.error(
      'undelimitable',
      `Credential type ${type} is not known.`,
      'credentialType',
      reader.offset - 2,
    );
  }
  const outer = reader.enterVector('certificates');
  const start = reader.offset;
  while (!reader.exhausted) reader.skipOpaque('certificate');
  const bytes = reader.since(start);
  reader.leaveVector(outer);
  return { type, bytes };
}

/** Throws `unencodable` for a type that `readCredential` could not delimit. */
export function writeCredential(writer: Writer, value: Credential): void {
  const { type } = value;
  if (type !== BASIC_CREDENTIAL && type !== X509_CREDENTIAL && !isOpaqueType(type)) {
    throw new WireError('unencodable', `Credential type ${type} is not known.`);
  }
  writer.u16(type, 'credentialType');
  writer.opaque(value.bytes, 'credential');
}

export const encodeCredential = encoder(writeCredential);
export const decodeCredential = decoder(readCredential);

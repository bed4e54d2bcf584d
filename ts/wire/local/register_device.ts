// struct RegisterDevice of the local client API: ours, between a device and its own provider.
//   struct { IdentifierUri clientUri; CipherSuite suite; opaque signatureKey<V>; } RegisterDevice;

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { readIdentifierUri, writeIdentifierUri } from '../protocol/identifier_uri.ts';

/** The key by which the provider knows a device's key packages and leaves. */
export interface RegisterDevice {
  readonly clientUri: string;
  readonly suite: number;
  readonly signatureKey: Uint8Array;
}

export function readRegisterDevice(reader: Reader): RegisterDevice {
  return {
    clientUri: reader.struct('clientUri', readIdentifierUri),
    suite: reader.u16('suite'),
    signatureKey: reader.opaque('signatureKey'),
  };
}

export function writeRegisterDevice(writer: Writer, value: RegisterDevice): void {
  writeIdentifierUri(writer, value.clientUri);
  writer.u16(value.suite, 'suite');
  writer.opaque(value.signatureKey, 'signatureKey');
}

export const encodeRegisterDevice = encoder(writeRegisterDevice);
export const decodeRegisterDevice = decoder(readRegisterDevice);

// Capabilities: RFC 9420, 7.2. RequiredCapabilities: RFC 9420, 11.1.

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

/** What a client supports: registry values in the order sent, GREASE included. */
export interface Capabilities {
  readonly versions: readonly number[];
  readonly cipherSuites: readonly number[];
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly credentials: readonly number[];
}

export function readCapabilities(reader: Reader): Capabilities {
  return {
    versions: reader.u16List('versions'),
    cipherSuites: reader.u16List('cipherSuites'),
    extensions: reader.u16List('extensions'),
    proposals: reader.u16List('proposals'),
    credentials: reader.u16List('credentials'),
  };
}

export function writeCapabilities(writer: Writer, value: Capabilities): void {
  writer.u16List(value.versions, 'versions');
  writer.u16List(value.cipherSuites, 'cipherSuites');
  writer.u16List(value.extensions, 'extensions');
  writer.u16List(value.proposals, 'proposals');
  writer.u16List(value.credentials, 'credentials');
}

export const encodeCapabilities = encoder(writeCapabilities);
export const decodeCapabilities = decoder(readCapabilities);

/** What a client must support to be a member. */
export interface RequiredCapabilities {
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly credentials: readonly number[];
}

export function readRequiredCapabilities(reader: Reader): RequiredCapabilities {
  return {
    extensions: reader.u16List('extensions'),
    proposals: reader.u16List('proposals'),
    credentials: reader.u16List('credentials'),
  };
}

export function writeRequiredCapabilities(writer: Writer, value: RequiredCapabilities): void {
  writer.u16List(value.extensions, 'extensions');
  writer.u16List(value.proposals, 'proposals');
  writer.u16List(value.credentials, 'credentials');
}

export const encodeRequiredCapabilities = encoder(writeRequiredCapabilities);
export const decodeRequiredCapabilities = decoder(readRequiredCapabilities);

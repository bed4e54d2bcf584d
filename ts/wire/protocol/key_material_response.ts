// struct KeyMaterialResponse and ClientKeyMaterial: draft-ietf-mimi-protocol-06, "Fetch Key Material".

import { enumTable, type NameOf } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { WireError } from '../errors.ts';
import { readCapabilities } from '../mls/capabilities.ts';
import { readKeyPackage } from '../mls/key_package.ts';
import { readIdentifierUri, writeIdentifierUri } from './identifier_uri.ts';
import { type Protocol, readProtocol, writeProtocol } from './protocol.ts';

const userCodes = enumTable({
  success: 0,
  partialSuccess: 1,
  incompatibleProtocol: 2,
  noCompatibleMaterial: 3,
  userUnknown: 4,
  noConsent: 5,
  noConsentForThisRoom: 6,
  userDeleted: 7,
});

const clientCodes = enumTable({ success: 0, keyMaterialExhausted: 1, nothingCompatible: 2 });

/** KeyMaterialUserCode. */
export type KeyMaterialUserCode = NameOf<typeof userCodes>;

/** What was found for one client. */
export type ClientKeyMaterial = { readonly clientUri: string } & (
  | {
      readonly clientStatus: 'success';
      /** A KeyPackage, without the header of an MLSMessage. */
      readonly keyPackage: Uint8Array;
    }
  | { readonly clientStatus: 'keyMaterialExhausted' }
  | {
      readonly clientStatus: 'nothingCompatible';
      /** For `decodeCapabilities`; may be withheld. */
      readonly capabilities?: Uint8Array | undefined;
    }
);

export interface KeyMaterialResponse {
  readonly protocol: Protocol;
  readonly userStatus: KeyMaterialUserCode;
  readonly userUri: string;
  /** Empty unless the status is success, partialSuccess or noCompatibleMaterial. */
  readonly clients: readonly ClientKeyMaterial[];
}

/** Codes with which clients may be listed; with any other they MUST NOT be. */
const listsClients: ReadonlySet<KeyMaterialUserCode> = new Set([
  'success',
  'partialSuccess',
  'noCompatibleMaterial',
] as const);

function readClient(reader: Reader): ClientKeyMaterial {
  const clientStatus = reader.enum8(clientCodes, 'clientStatus');
  const clientUri = reader.struct('clientUri', readIdentifierUri);
  switch (clientStatus) {
    case 'success':
      return { clientStatus, clientUri, keyPackage: reader.delimit('keyPackage', readKeyPackage) };
    case 'keyMaterialExhausted':
      return { clientStatus, clientUri };
    case 'nothingCompatible': {
      const name = 'clientCapabilities';
      const capabilities = reader.presence(name)
        ? reader.delimit(name, readCapabilities)
        : undefined;
      return { clientStatus, clientUri, capabilities };
    }
  }
}

function writeClient(writer: Writer, value: ClientKeyMaterial): void {
  writer.enum8(clientCodes, value.clientStatus, 'clientStatus');
  writeIdentifierUri(writer, value.clientUri);
  if (value.clientStatus === 'success') {
    writer.embed(value.keyPackage, 'KeyPackage', readKeyPackage);
  } else if (value.clientStatus === 'nothingCompatible') {
    writer.optional(value.capabilities, (to, bytes) =>
      to.embed(bytes, 'Capabilities', readCapabilities),
    );
  }
}

/** Besides malformed input, refuses clients listed with a code that forbids it (`wrongContent`). */
export function readKeyMaterialResponse(reader: Reader): KeyMaterialResponse {
  const protocol = readProtocol(reader);
  const userStatus = reader.enum8(userCodes, 'userStatus');
  const userUri = reader.struct('userUri', readIdentifierUri);
  const clientsAt = reader.offset;
  const clients = reader.list('clients', readClient);
  if (clients.length > 0 && !listsClients.has(userStatus)) {
    const rule = `No clients may be listed with ${userStatus}.`;
    throw reader.error('wrongContent', rule, 'clients', clientsAt);
  }
  return { protocol, userStatus, userUri, clients };
}

export function writeKeyMaterialResponse(writer: Writer, value: KeyMaterialResponse): void {
  if (value.clients.length > 0 && !listsClients.has(value.userStatus)) {
    throw new WireError('unencodable', `No clients may be listed with ${value.userStatus}.`);
  }
  writeProtocol(writer);
  writer.enum8(userCodes, value.userStatus, 'userStatus');
  writeIdentifierUri(writer, value.userUri);
  writer.list(value.clients, 'clients', writeClient);
}

export const encodeKeyMaterialResponse = encoder(writeKeyMaterialResponse);
export const decodeKeyMaterialResponse = decoder(readKeyMaterialResponse);

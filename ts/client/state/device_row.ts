// The row that says whose device a storage holds. Our own format, version 2, in TLS presentation language.

import type { CipherSuite } from '../../mls/index.ts';
import type { ClientUri, Reader, UserUri, Writer } from '../../wire/index.ts';
import { ClientError } from '../errors.ts';
import { rowCodec } from './row_codec.ts';

/** Version of all row formats in this folder; a storage of another version is refused. */
const STORAGE_VERSION = 2;

export interface DeviceRow {
  readonly user: UserUri;
  readonly client: ClientUri;
  readonly suite: CipherSuite;
  readonly signatureKey: Uint8Array;
  /** Whether the provider has confirmed the registration. */
  readonly registered: boolean;
  /** Whether a key package of last resort was uploaded. */
  readonly lastResort: boolean;
}

function writeDeviceRow(writer: Writer, row: DeviceRow): void {
  writer.u8(STORAGE_VERSION, 'version');
  writer.text(row.user, 'user');
  writer.text(row.client, 'client');
  writer.u16(row.suite, 'suite');
  writer.opaque(row.signatureKey, 'signatureKey');
  writer.presence(row.registered);
  writer.presence(row.lastResort);
}

function readDeviceRow(reader: Reader): DeviceRow {
  const version = reader.u8('version');
  if (version !== STORAGE_VERSION) {
    throw new ClientError('wrongStorage', undefined, {
      details: { version, expected: STORAGE_VERSION },
    });
  }
  return {
    user: reader.text('user') as UserUri,
    client: reader.text('client') as ClientUri,
    suite: reader.u16('suite') as CipherSuite,
    signatureKey: reader.opaque('signatureKey'),
    registered: reader.presence('registered'),
    lastResort: reader.presence('lastResort'),
  };
}

export const deviceRows = rowCodec('device row', writeDeviceRow, readDeviceRow);

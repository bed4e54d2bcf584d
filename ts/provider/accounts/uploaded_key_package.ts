// What is checked of every key package that a device uploads, for the stock or for a set.

import { inspectKeyPackage, type KeyPackageInfo, MlsError } from '../../mls/index.ts';
import { participantOf } from '../../room/index.ts';
import { sameBytes } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import type { ClientRow, DeviceIdentity } from '../records/account_rows.ts';

export interface Expected {
  /** Where the key package stands in the request. */
  readonly path: string;
  readonly lastResort: boolean;
  /** Largest size, in bytes. */
  readonly limit: number;
}

/** Validates a key package in full (RFC 9420, section 10.1). @throws ProviderError `tooLarge`, `badRequest`. */
export function inspectUploaded(
  bytes: Uint8Array,
  { path, lastResort, limit }: Expected,
): KeyPackageInfo {
  if (bytes.length > limit) {
    throw new ProviderError('tooLarge', undefined, { details: { limit, path } });
  }
  let info: KeyPackageInfo;
  try {
    info = inspectKeyPackage(bytes);
  } catch (error) {
    if (!(error instanceof MlsError) || error.kind === 'bug') throw error;
    throw new ProviderError('badRequest', `The key package does not verify: ${error.code}.`, {
      cause: error,
      details: { path, reason: error.code },
    });
  }
  if (info.lastResort !== lastResort) {
    const found = lastResort ? 'not marked' : 'marked';
    throw new ProviderError('badRequest', `The key package is ${found} as last resort.`, {
      details: { path },
    });
  }
  return info;
}

/** Checks that a key package names a device and has its key. @throws ProviderError `wrongDevice`; RoomError. */
export function requireOwn(
  { credential, signatureKey }: KeyPackageInfo,
  device: DeviceIdentity,
  registered: ClientRow,
  path: string,
): void {
  const { user, client } = participantOf(credential);
  const own = user === device.user && client === device.client;
  if (own && sameBytes(signatureKey, registered.signatureKey)) return;
  throw new ProviderError('wrongDevice', 'The key package is not of the device that sends it.', {
    details: { path },
  });
}

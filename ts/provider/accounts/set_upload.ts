// What is checked of a device's part of a set before the user's other sets are looked at.

import { type KeyPackageInfo, PSEUDONYM_CREDENTIAL } from '../../mls/index.ts';
import { PrivacyError } from '../../privacy/errors.ts';
import {
  type PseudonymParticipant,
  readPseudonymCredential,
} from '../../privacy/parts/pseudonym_credential.ts';
import { domainOf, type SetEntry } from '../../wire/index.ts';
import { ProviderError } from '../errors.ts';
import type { ClientRow, DeviceIdentity } from '../records/account_rows.ts';
import type { SetEntryRow, SetPackageRow } from '../records/set_rows.ts';
import { inspectUploaded, requireOwn } from './uploaded_key_package.ts';

/** Bytes of a set's id, at most. */
const MAX_ID_BYTES = 32;
/** Bytes of a sealed link key, at most: 32 of a key, and what sealing adds. */
const MAX_SEALED_KEY_BYTES = 128;

/** A part of a set that is good in itself. */
export interface CheckedPart {
  readonly id: Uint8Array;
  /** Where it stands in the request. */
  readonly path: string;
  readonly row: SetEntryRow;
  readonly content: SetPackageRow;
  /** Whom the key package stands for, where it names pseudonyms. */
  readonly pseudonyms: PseudonymParticipant | undefined;
}

/** Who uploads, and within which bounds. */
export interface Uploader {
  readonly device: DeviceIdentity;
  readonly registered: ClientRow;
  /** The domain of this provider. */
  readonly domain: string;
  /** Largest key package, in bytes. */
  readonly keyPackageBytes: number;
}

/** Checks a part by itself. @throws ProviderError `badRequest`, `tooLarge`, `wrongDevice`; RoomError. */
export function checkPart(entry: SetEntry, path: string, by: Uploader): CheckedPart {
  const { id, kind, lastResort, keyPackage, sealedKey } = entry;
  if (id.length === 0 || id.length > MAX_ID_BYTES) {
    throw refuse(`The id of a set has 1 to ${MAX_ID_BYTES} bytes.`, `${path}/id`);
  }
  if (sealedKey.length > MAX_SEALED_KEY_BYTES || (kind === 'real') !== (sealedKey.length === 0)) {
    throw refuse('A link key goes with a pseudonymous key package only.', `${path}/sealedKey`);
  }
  const expected = { path: `${path}/keyPackage`, lastResort, limit: by.keyPackageBytes };
  const info = inspectUploaded(keyPackage, expected);
  if (kind === 'real') requireOwn(info, by.device, by.registered, expected.path);
  const pseudonyms =
    kind === 'pseudonymous' ? pseudonymsOf(info, by.domain, expected.path) : undefined;
  const { suite, ref, notAfter } = info;
  const pseudonym = pseudonyms?.user ?? '';
  return {
    id,
    path,
    row: { kind, lastResort, used: false, suite, ref, notAfter, pseudonym },
    content: { keyPackage, sealedKey },
    pseudonyms,
  };
}

function pseudonymsOf(
  { credential, signatureKey, suite }: KeyPackageInfo,
  domain: string,
  path: string,
): PseudonymParticipant {
  if (credential.type !== PSEUDONYM_CREDENTIAL) {
    throw refuse('The credential of the key package is not a pseudonymous one.', path);
  }
  let found: PseudonymParticipant;
  try {
    found = readPseudonymCredential(credential.bytes, signatureKey, suite);
  } catch (cause) {
    if (!(cause instanceof PrivacyError) || cause.kind !== 'payload') throw cause;
    throw new ProviderError('badRequest', `The credential is refused: ${cause.code}.`, {
      cause,
      details: { path, reason: cause.code },
    });
  }
  if (domainOf(found.user) !== domain) {
    throw refuse('The pseudonyms of the key package are of another domain.', path);
  }
  return found;
}

function refuse(why: string, path: string): ProviderError {
  return new ProviderError('badRequest', why, { details: { path } });
}

// What was made elsewhere and is to go on here: a client's key package with its private keys, and pre-shared keys
// (RFC 9420, sections 10 and 8.4).

import { core } from './instance.ts';
import type { MemberStore } from './member_store.ts';

/** A key package of another implementation, with the private halves of its keys. */
export interface ForeignKeyPackage {
  /** The KeyPackage struct, or an MLSMessage that carries one. */
  readonly keyPackage: Uint8Array;
  /** 32 bytes each. */
  readonly initKey: Uint8Array;
  readonly encryptionKey: Uint8Array;
  readonly signatureKey: Uint8Array;
}

/**
 * Takes over a key package and its identity, as if both had been made in this store: `Group.join` then opens the
 * Welcomes for it, and `Identity.load` finds its signature key. Gives its reference.
 * Throws MlsError `invalidArgument` when a private key does not belong to its public one, and for the key package
 * what `inspectKeyPackage` throws, except that a lifetime of more than 84 days is taken.
 */
export function importKeyPackage(
  store: MemberStore,
  { keyPackage, initKey, encryptionKey, signatureKey }: ForeignKeyPackage,
): Uint8Array {
  return core((glue) =>
    glue.importKeyPackage(store.inner, keyPackage, initKey, encryptionKey, signatureKey),
  );
}

/** Keeps an external pre-shared key in the store, for the commits and Welcomes that name it by `id`. */
export function storePsk(store: MemberStore, id: Uint8Array, psk: Uint8Array): void {
  core((glue) => glue.storePsk(store.inner, id, psk));
}

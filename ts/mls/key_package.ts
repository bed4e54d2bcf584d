// Key packages (RFC 9420, section 10): made by their owner, inspected by whoever stores or uses them.

import { maxU32, wholeNumber } from './arguments.ts';
import type { Identity } from './identity.ts';
import { core } from './instance.ts';
import type { MemberStore } from './member_store.ts';
import { Reply, readKeyPackageInfo } from './reply.ts';
import type { CipherSuite, KeyPackageInfo } from './types.ts';

export interface KeyPackageOptions {
  /** Marked to be given out when no other is left; may be used more than once. */
  readonly lastResort?: boolean | undefined;
  /** How long it may be used, in seconds from now; OpenMLS's default, 84 days, when not given. */
  readonly lifetimeSeconds?: number | undefined;
}

/**
 * Makes a key package and keeps its private keys in the store.
 * `keyPackage` is the KeyPackage struct, without an MLSMessage header. Throws MlsError `invalidArgument`.
 */
export function createKeyPackage(
  store: MemberStore,
  identity: Identity,
  { lastResort = false, lifetimeSeconds }: KeyPackageOptions = {},
): { readonly keyPackage: Uint8Array; readonly ref: Uint8Array } {
  const lifetime =
    lifetimeSeconds === undefined
      ? undefined
      : wholeNumber(lifetimeSeconds, maxU32, 'lifetimeSeconds');
  const reply = new Reply(
    core((glue) => glue.createKeyPackage(store.inner, identity.inner, lastResort, lifetime)),
  );
  return { keyPackage: reply.bytes(), ref: reply.bytes() };
}

/** Takes a key package and its private keys out of the store, so that no Welcome can use it any more. */
export function deleteKeyPackage(store: MemberStore, ref: Uint8Array): void {
  core((glue) => glue.deleteKeyPackage(store.inner, ref));
}

/**
 * Checks a key package in full: signatures, keys, lifetime, and that its leaf's capabilities cover its own
 * credential type and extensions. `bytes` is the KeyPackage struct or an MLSMessage that carries one.
 * Throws MlsError `malformed`, `tooLarge`, `wrongVersion`, `wrongSuite` (also when outside `suites`),
 * `invalidSignature`, `expired`, `invalidKeyPackage`.
 */
export function inspectKeyPackage(
  bytes: Uint8Array,
  suites: readonly CipherSuite[] = [1, 2, 3],
): KeyPackageInfo {
  return readKeyPackageInfo(
    new Reply(core((glue) => glue.inspectKeyPackage(bytes, Uint16Array.from(suites)))),
  );
}

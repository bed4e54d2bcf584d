// Key packages (RFC 9420, section 10): made by their owner, inspected by whoever stores or uses them.

import { maxU32, wholeNumber } from './arguments.ts';
import type { HpkeCiphertext } from './crypto.ts';
import type { Lifetime } from './group_options.ts';
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
  /** Instead of `lifetimeSeconds`: from when until when, so that lifetimes can be rounded and tell nothing. */
  readonly lifetime?: Lifetime | undefined;
}

/**
 * Makes a key package and keeps its private keys in the store.
 * `keyPackage` is the KeyPackage struct, without an MLSMessage header. Throws MlsError `invalidArgument`.
 */
export function createKeyPackage(
  store: MemberStore,
  identity: Identity,
  { lastResort = false, lifetimeSeconds, lifetime }: KeyPackageOptions = {},
): { readonly keyPackage: Uint8Array; readonly ref: Uint8Array } {
  const seconds =
    lifetimeSeconds === undefined
      ? undefined
      : wholeNumber(lifetimeSeconds, maxU32, 'lifetimeSeconds');
  const reply = new Reply(
    core((glue) => {
      if (lifetime === undefined) {
        return glue.createKeyPackage(store.inner, identity.inner, lastResort, seconds);
      }
      const [from, until] = [lifetime.notBefore, lifetime.notAfter].map((time) =>
        wholeNumber(time, Number.MAX_SAFE_INTEGER, 'lifetime'),
      ) as [number, number];
      return glue.createKeyPackageFor(store.inner, identity.inner, lastResort, from, until);
    }),
  );
  return { keyPackage: reply.bytes(), ref: reply.bytes() };
}

/** Takes a key package and its private keys out of the store, so that no Welcome can use it any more. */
export function deleteKeyPackage(store: MemberStore, ref: Uint8Array): void {
  core((glue) => glue.deleteKeyPackage(store.inner, ref));
}

/**
 * DecryptWithLabel (RFC 9420, section 5.1.3) of what was encrypted to the init key of a key package in the store; its
 * private key stays there. `label` without the prefix "MLS 1.0 ". Throws MlsError `noKeyPackage`, `undecryptable`.
 */
export function decryptWithKeyPackage(
  store: MemberStore,
  ref: Uint8Array,
  label: string,
  context: Uint8Array,
  { kemOutput, ciphertext }: HpkeCiphertext,
): Uint8Array {
  return core((glue) =>
    glue.decryptWithKeyPackage(store.inner, ref, label, context, kemOutput, ciphertext),
  );
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

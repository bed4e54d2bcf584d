// SHA-256 of the host, where it has a synchronous one: that of Node's `node:crypto`, which Deno and Bun bring, too.

type OneShotHash = (algorithm: 'sha256', data: Uint8Array, encoding: 'buffer') => Uint8Array;

/** The part of `process` that is asked for; browsers have none. */
interface ServerProcess {
  getBuiltinModule?: (id: string) => { hash?: OneShotHash } | undefined;
}

function findHash(): OneShotHash | undefined {
  // Not an import of node:crypto: this file must also load in a browser, where a static import would fail.
  const { process } = globalThis as { process?: ServerProcess };
  return process?.getBuiltinModule?.('node:crypto')?.hash;
}

const oneShot = findHash();

/** The SHA-256 hash of `data`; undefined where the host has no synchronous one. */
export const hostSha256 =
  oneShot === undefined
    ? undefined
    : (data: Uint8Array): Uint8Array => oneShot('sha256', data, 'buffer');

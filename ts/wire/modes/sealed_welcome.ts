// struct SealedWelcome: ours, a Welcome for one client of which servers see only where it goes.
//   struct { KeyPackageRef ref; opaque domain<V>; opaque sealed<V>; } SealedWelcome;

import type { Reader } from '../codec/reader.ts';
import type { Writer } from '../codec/writer.ts';

export interface SealedWelcome {
  /** KeyPackageRef of the client that can open it. */
  readonly ref: Uint8Array;
  /** The provider that handed the key package out. */
  readonly domain: string;
  readonly sealed: Uint8Array;
}

export function readSealedWelcome(reader: Reader): SealedWelcome {
  return {
    ref: reader.opaque('ref'),
    domain: reader.text('domain'),
    sealed: reader.opaque('sealed'),
  };
}

export function writeSealedWelcome(writer: Writer, value: SealedWelcome): void {
  writer.opaque(value.ref, 'ref');
  writer.text(value.domain, 'domain');
  writer.opaque(value.sealed, 'sealed');
}

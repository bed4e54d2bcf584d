// Takes a KeyPackage struct (RFC 9420, section 10) apart, changes it and signs it again,
// to make key packages that no honest owner would.

import type { Identity } from '../../../ts/mls/index.ts';

export interface KeyPackageParts {
  readonly versions: readonly number[];
  readonly suites: readonly number[];
  readonly credentials: readonly number[];
  readonly notBefore: number;
  readonly notAfter: number;
}

class Cursor {
  #at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(length: number): number[] {
    this.#at += length;
    return [...this.#bytes.subarray(this.#at - length, this.#at)];
  }

  /** A vector's content. */
  vector(): number[] {
    const first = this.take(1)[0] ?? 0;
    const length = first < 0x40 ? first : ((first & 0x3f) << 8) | (this.take(1)[0] ?? 0);
    return this.take(length);
  }
}

function vector(content: readonly number[]): number[] {
  const length = content.length;
  return [...(length < 0x40 ? [length] : [0x40 | (length >> 8), length & 0xff]), ...content];
}

const u16s = (values: readonly number[]): number[] =>
  values.flatMap((value) => [value >> 8, value & 0xff]);

const u64 = (value: number): number[] => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return [...bytes];
};

const readU64 = (bytes: readonly number[]): number =>
  Number(new DataView(Uint8Array.from(bytes).buffer).getBigUint64(0));

/** The key package with some fields replaced, signed by its owner. */
export function signedAgain(
  keyPackage: Uint8Array,
  owner: Identity,
  changes: Partial<KeyPackageParts>,
): Uint8Array {
  const read = new Cursor(keyPackage);
  const head = [...read.take(4), ...vector(read.vector())];
  const keys = [...vector(read.vector()), ...vector(read.vector())];
  const credential = [...read.take(2), ...vector(read.vector())];
  const [versions, suites, extensions, proposals, credentials] = [0, 1, 2, 3, 4].map(() =>
    read.vector(),
  );
  const source = read.take(1);
  const [notBefore, notAfter] = [readU64(read.take(8)), readU64(read.take(8))];
  const leafExtensions = vector(read.vector());
  read.vector();
  const packageExtensions = vector(read.vector());

  const list = (changed: readonly number[] | undefined, old: number[] | undefined): number[] =>
    vector(changed === undefined ? (old ?? []) : u16s(changed));
  const leaf = [
    ...keys,
    ...credential,
    ...list(changes.versions, versions),
    ...list(changes.suites, suites),
    ...vector(extensions ?? []),
    ...vector(proposals ?? []),
    ...list(changes.credentials, credentials),
    ...source,
    ...u64(changes.notBefore ?? notBefore),
    ...u64(changes.notAfter ?? notAfter),
    ...leafExtensions,
  ];
  const sign = (label: string, content: number[]): number[] =>
    vector([...owner.sign(label, Uint8Array.from(content))]);
  const signed = [...head, ...leaf, ...sign('LeafNodeTBS', leaf), ...packageExtensions];
  return Uint8Array.from([...signed, ...sign('KeyPackageTBS', signed)]);
}

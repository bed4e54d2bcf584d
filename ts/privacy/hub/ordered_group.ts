// What a hub keeps of a group of which it sees nothing: the epoch, the providers that take part, and the keys by which
// members show that they may write. spec/privacy-modes.md, "Write key".
//   struct { uint8 version; uint16 cipher_suite; uint64 epoch; opaque domains<V><V>; opaque keys<V><V>;
//     opaque former_keys<V><V>; } OrderedGroup;

import type { CipherSuite } from '../../mls/index.ts';
import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import { sameBytes } from '../parts/structs.ts';

const VERSION = 1;

/** How many write keys of an epoch are kept: one honest member is enough to bring the right one. */
export const MAX_WRITE_KEYS = 4;

interface State {
  readonly suite: CipherSuite;
  readonly epoch: bigint;
  readonly domains: readonly string[];
  readonly keys: readonly Uint8Array[];
  readonly formerKeys: readonly Uint8Array[];
}

/** A group as a hub that only orders knows it. */
export class OrderedGroup {
  readonly suite: CipherSuite;
  #epoch: bigint;
  readonly #domains: Set<string>;
  #keys: Uint8Array[];
  #formerKeys: Uint8Array[];

  private constructor(state: State) {
    this.suite = state.suite;
    this.#epoch = state.epoch;
    this.#domains = new Set(state.domains);
    this.#keys = [...state.keys];
    this.#formerKeys = [...state.formerKeys];
  }

  /** A new group, of one provider. */
  static create(suite: CipherSuite, domain: string, writeKey: Uint8Array): OrderedGroup {
    return new OrderedGroup({
      suite,
      epoch: 0n,
      domains: [domain],
      keys: [writeKey.slice()],
      formerKeys: [],
    });
  }

  /** The group as `snapshot` saved it. Throws WireError. */
  static restore(bytes: Uint8Array): OrderedGroup {
    return new OrderedGroup(decode(bytes));
  }

  snapshot(): Uint8Array {
    return encode({
      suite: this.suite,
      epoch: this.#epoch,
      domains: [...this.#domains],
      keys: this.#keys,
      formerKeys: this.#formerKeys,
    });
  }

  get epoch(): bigint {
    return this.#epoch;
  }

  get domains(): ReadonlySet<string> {
    return this.#domains;
  }

  /** Keys of the current epoch, in the order they came. */
  get writeKeys(): readonly Uint8Array[] {
    return this.#keys;
  }

  /** Keys of the epoch before, under which members may still bring the current one. */
  get formerWriteKeys(): readonly Uint8Array[] {
    return this.#formerKeys;
  }

  /** A commit is accepted: the next epoch begins, with this write key if the committer brought one. */
  advance(writeKey: Uint8Array | undefined): void {
    this.#epoch += 1n;
    this.#formerKeys = this.#keys;
    this.#keys = writeKey === undefined ? [] : [writeKey.slice()];
  }

  /** Another member's word on the current write key; false when it is known, or there are too many. */
  addWriteKey(writeKey: Uint8Array): boolean {
    if (this.#keys.length >= MAX_WRITE_KEYS) return false;
    if (this.#keys.some((known) => sameBytes(known, writeKey))) return false;
    this.#keys.push(writeKey.slice());
    return true;
  }

  join(domain: string): void {
    this.#domains.add(domain);
  }

  /** A provider has nobody left in the room. */
  leave(domain: string): void {
    this.#domains.delete(domain);
  }
}

const encode = encoder((writer: Writer, state: State) => {
  writer.u8(VERSION, 'version');
  writer.u16(state.suite, 'suite');
  writer.u64(state.epoch, 'epoch');
  writer.list(state.domains, 'domains', (to, domain) => to.text(domain, 'domain'));
  writer.opaqueList(state.keys, 'keys');
  writer.opaqueList(state.formerKeys, 'formerKeys');
});

const decode = decoder((reader: Reader): State => {
  const version = reader.u8('version');
  if (version !== VERSION) {
    throw reader.error('unknownValue', `Version ${version} is not known.`, 'version');
  }
  return {
    suite: reader.u16('suite') as CipherSuite,
    epoch: reader.u64('epoch'),
    domains: reader.list('domains', (item) => item.text('domain')),
    keys: reader.opaqueList('keys').map((key) => key.slice()),
    formerKeys: reader.opaqueList('formerKeys').map((key) => key.slice()),
  };
});

// What a hub keeps of a group of which it sees nothing: the epoch, the providers that take part, and the key by which members
// show that they may write. docs/modes, "Write key".
//   struct {
//     uint8 version; uint16 cipher_suite; uint64 epoch; opaque domains<V><V>; opaque write_key[32]; uint32 proposals;
//   } OrderedGroup;  (version 1 has no proposals)

import type { CipherSuite } from '../../mls/index.ts';
import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import { KEY_BYTES } from '../parts/structs.ts';

const VERSION = 2;

interface State {
  readonly suite: CipherSuite;
  readonly epoch: bigint;
  readonly domains: readonly string[];
  readonly writeKey: Uint8Array;
  readonly proposals: number;
}

/** A group as a hub that only orders knows it. */
export class OrderedGroup {
  readonly suite: CipherSuite;
  #epoch: bigint;
  readonly #domains: Set<string>;
  #writeKey: Uint8Array;
  #proposals: number;

  private constructor(state: State) {
    this.suite = state.suite;
    this.#epoch = state.epoch;
    this.#domains = new Set(state.domains);
    this.#writeKey = state.writeKey;
    this.#proposals = state.proposals;
  }

  /** A new group, of one provider. */
  static create(suite: CipherSuite, domain: string, writeKey: Uint8Array): OrderedGroup {
    return new OrderedGroup({
      suite,
      epoch: 0n,
      domains: [domain],
      writeKey: writeKey.slice(),
      proposals: 0,
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
      writeKey: this.#writeKey,
      proposals: this.#proposals,
    });
  }

  get epoch(): bigint {
    return this.#epoch;
  }

  get domains(): ReadonlySet<string> {
    return this.#domains;
  }

  /** Of the current epoch, as the committer brought it. */
  get writeKey(): Uint8Array {
    return this.#writeKey;
  }

  /** How many proposals were accepted in the current epoch. */
  get proposals(): number {
    return this.#proposals;
  }

  propose(count: number): void {
    this.#proposals += count;
  }

  /** A commit is accepted: the next epoch begins, with this write key. */
  advance(writeKey: Uint8Array): void {
    this.#epoch += 1n;
    this.#writeKey = writeKey.slice();
    this.#proposals = 0;
  }

  join(domain: string): void {
    this.#domains.add(domain);
  }
}

const encode = encoder((writer: Writer, state: State) => {
  writer.u8(VERSION, 'version');
  writer.u16(state.suite, 'suite');
  writer.u64(state.epoch, 'epoch');
  writer.list(state.domains, 'domains', (to, domain) => to.text(domain, 'domain'));
  writer.fixed(state.writeKey, KEY_BYTES, 'writeKey');
  writer.u32(state.proposals, 'proposals');
});

const decode = decoder((reader: Reader): State => {
  const version = reader.u8('version');
  if (version !== 1 && version !== VERSION) {
    throw reader.error('unknownValue', `Version ${version} is not known.`, 'version');
  }
  return {
    suite: reader.u16('suite') as CipherSuite,
    epoch: reader.u64('epoch'),
    domains: reader.list('domains', (item) => item.text('domain')),
    writeKey: reader.fixed(KEY_BYTES, 'writeKey').slice(),
    proposals: version === 1 ? 0 : reader.u32('proposals'),
  };
});

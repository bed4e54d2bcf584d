// Reads what the Rust core answers: one buffer per call, written by rust-core/src/reply.rs.
// Little-endian, no alignment; a format between two halves of one program, never stored or sent.

import type {
  AddedMember,
  CipherSuite,
  CommitSummary,
  Credential,
  HubCommitSummary,
  KeyPackageInfo,
  Member,
  ProposalSummary,
  ProposalType,
  Sender,
  UpdatedMember,
} from './types.ts';

const text = new TextDecoder();

/** A cursor over one reply; byte fields are views of the reply, which nobody else holds. */
export class Reply {
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#at++);
  }

  u16(): number {
    const value = this.#view.getUint16(this.#at, true);
    this.#at += 2;
    return value;
  }

  u32(): number {
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  u64(): bigint {
    const value = this.#view.getBigUint64(this.#at, true);
    this.#at += 8;
    return value;
  }

  bool(): boolean {
    return this.u8() !== 0;
  }

  bytes(): Uint8Array {
    const length = this.u32();
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  text(): string {
    return text.decode(this.bytes());
  }

  optional<T>(read: (reply: Reply) => T): T | undefined {
    return this.bool() ? read(this) : undefined;
  }

  list<T>(read: (reply: Reply) => T): T[] {
    const length = this.u32();
    const values: T[] = [];
    for (let index = 0; index < length; index++) values.push(read(this));
    return values;
  }
}

export const readBytes = (reply: Reply): Uint8Array => reply.bytes();

export function readCredential(reply: Reply): Credential {
  return { type: reply.u16(), bytes: reply.bytes() };
}

export function readMember(reply: Reply): Member {
  return {
    leafIndex: reply.u32(),
    credential: readCredential(reply),
    signatureKey: reply.bytes(),
  };
}

export function readSender(reply: Reply): Sender {
  const type = reply.u8();
  if (type === 0) {
    return { type: 'member', leafIndex: reply.u32(), credential: readCredential(reply) };
  }
  if (type === 1) return { type: 'newMember', credential: readCredential(reply) };
  return { type: 'external', index: reply.u32() };
}

export const readProposalType = (reply: Reply): ProposalType => reply.text() as ProposalType;

export function readAdded(reply: Reply): AddedMember {
  return {
    credential: readCredential(reply),
    signatureKey: reply.bytes(),
    keyPackageRef: reply.optional(readBytes),
  };
}

function readProposal(reply: Reply): ProposalSummary {
  const type = readProposalType(reply);
  const sender = readSender(reply);
  const ref = reply.optional(readBytes);
  const removed = reply.optional((r) => r.u32());
  return { type, sender, byReference: ref !== undefined, ref, removed };
}

function readUpdated(reply: Reply): UpdatedMember {
  return readMember(reply);
}

export function readSummary(reply: Reply): CommitSummary {
  return {
    sender: readSender(reply),
    external: reply.bool(),
    proposals: reply.list(readProposal),
    added: reply.list(readAdded),
    removed: reply.list((r) => ({ leafIndex: r.u32(), credential: readCredential(r) })),
    updated: reply.list(readUpdated),
    newEpoch: reply.u64(),
    groupContext: reply.bytes(),
    components: reply.list((r) => ({
      id: r.u16(),
      update: r.optional(readBytes),
      sender: readSender(r),
    })),
    psks: reply.list(readBytes),
    hasPath: reply.bool(),
    selfRemoved: reply.bool(),
  };
}

export function readHubSummary(reply: Reply): HubCommitSummary {
  return {
    ...readSummary(reply),
    confirmationTag: reply.bytes(),
    omittedProposals: reply.list(readBytes),
  };
}

export function readKeyPackageInfo(reply: Reply): KeyPackageInfo {
  return {
    ref: reply.bytes(),
    suite: reply.u16() as CipherSuite,
    credential: readCredential(reply),
    signatureKey: reply.bytes(),
    initKey: reply.bytes(),
    notBefore: Number(reply.u64()),
    notAfter: Number(reply.u64()),
    lastResort: reply.bool(),
    capabilities: {
      versions: reply.list((r) => r.u16()),
      suites: reply.list((r) => r.u16()),
      extensions: reply.list((r) => r.u16()),
      proposals: reply.list((r) => r.u16()),
      credentials: reply.list((r) => r.u16()),
    },
  };
}

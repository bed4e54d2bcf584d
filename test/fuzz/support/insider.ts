// A malicious member: takes any content and authenticates it as RFC 9420, sections 6.1 and 6.2, asks, so that what
// stands behind signature and membership tag is reached. rust-core/fuzz/src/insider.rs does the same.

import { createHmac } from 'node:crypto';
import { Identity, MemberStore } from '../../../ts/mls/index.ts';
import type { Prepared } from './prepared.ts';

/** opaque value<V> of RFC 9420, section 2.1.2. */
export function vector(value: Uint8Array): Uint8Array {
  const { length } = value;
  const head =
    length < 0x40
      ? [length]
      : length < 0x4000
        ? [0x40 | (length >> 8), length & 0xff]
        : [0x80 | (length >> 24), (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff];
  return Buffer.concat([Uint8Array.from(head), value]);
}

/** Walks over the fields of a struct. */
export class Fields {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  skip(length: number): this {
    this.at += length;
    return this;
  }

  skipVector(): this {
    const first = this.#bytes[this.at] ?? 0;
    const width = 1 << (first >> 6);
    let length = first & 0x3f;
    for (let next = 1; next < width; next++) {
      length = length * 256 + (this.#bytes[this.at + next] ?? 0);
    }
    return this.skip(width + length);
  }
}

/** The GroupContext that a GroupInfo struct begins with. */
export function groupContextOf(groupInfo: Uint8Array): Uint8Array {
  const end = new Fields(groupInfo).skip(4).skipVector().skip(8);
  return groupInfo.slice(0, end.skipVector().skipVector().skipVector().at);
}

const publicMessage = Uint8Array.of(0, 1, 0, 1);
/** In place of the confirmation tag: a hub cannot tell, and at a member everything else is checked before. */
const confirmationTag = vector(new Uint8Array(32));

const member = 1;
const newMemberProposal = 3;
const newMemberCommit = 4;
const commit = 3;

/**
 * The MLSMessage with `content` (content type, then the struct) of whom `who` selects: 0 alice, 1 and 2 carol, who
 * joins by commit or proposal; from 128 on, alice as the member with the leaf index beyond.
 */
export function authenticated(prepared: Prepared, who: number, content: Uint8Array): Uint8Array {
  const kind = who < 128 ? who % 3 : 0;
  const sender =
    kind === 0
      ? [member, 0, 0, 0, who < 128 ? 0 : who - 128]
      : [kind === 1 ? newMemberCommit : newMemberProposal];
  const { groupContext, groupId } = prepared;
  const framed = Buffer.concat([
    vector(groupId),
    epochOf(groupContext),
    Uint8Array.from(sender),
    vector(new Uint8Array()),
    content,
  ]);
  const bound = kind === 2 ? [] : [groupContext];
  const toSign = Buffer.concat([publicMessage, framed, ...bound]);
  const signature = vector(sign(prepared, kind === 0, 'FramedContentTBS', toSign));
  const auth = Buffer.concat(content[0] === commit ? [signature, confirmationTag] : [signature]);
  if (kind !== 0) return Buffer.concat([publicMessage, framed, auth]);
  const tag = createHmac('sha256', prepared.membershipKey)
    .update(Buffer.concat([toSign, auth]))
    .digest();
  return Buffer.concat([publicMessage, framed, auth, vector(tag)]);
}

/** A KeyPackage of carol's from its head (version, suite, init key), the fields of its leaf, and its extensions. */
export function signedKeyPackage(
  prepared: Prepared,
  head: Uint8Array,
  leaf: Uint8Array,
  extensions: Uint8Array,
): Uint8Array {
  const signed = (label: string, content: Uint8Array): Uint8Array =>
    Buffer.concat([content, vector(sign(prepared, false, label, content))]);
  return signed('KeyPackageTBS', Buffer.concat([head, signed('LeafNodeTBS', leaf), extensions]));
}

/** A GroupInfo with these fields before the signature, signed by alice. */
export function signedGroupInfo(prepared: Prepared, fields: Uint8Array): Uint8Array {
  return Buffer.concat([fields, vector(sign(prepared, true, 'GroupInfoTBS', fields))]);
}

function epochOf(groupContext: Uint8Array): Uint8Array {
  const { at } = new Fields(groupContext).skip(4).skipVector();
  return groupContext.subarray(at, at + 8);
}

function sign(prepared: Prepared, asAlice: boolean, label: string, content: Uint8Array) {
  const store = MemberStore.restore(asAlice ? prepared.alice : prepared.carol);
  const identity = Identity.load(store, asAlice ? prepared.aliceKey : prepared.carolKey);
  try {
    return identity.sign(label, content);
  } finally {
    identity[Symbol.dispose]();
    store[Symbol.dispose]();
  }
}

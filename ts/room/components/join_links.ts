// join_links: the links by which an outsider may join. The draft's component (draft-ietf-mimi-room-policy-03, "Join
// Link policies component") holds the links themselves, so that a hub, and each member that was removed, could join by
// them. Ours holds the public part of each link, and what the link gives:
// struct { opaque id<V>; opaque public_part<V>; uint32 role_index; uint64 expiry; } JoinLink;
// JoinLink JoinLinksData<V>;
// struct { opaque removed_ids<V><V>; JoinLink added<V>; } JoinLinksUpdate;

import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import type { Component } from './component.ts';
import { JOIN_LINKS } from './ids.ts';
import { type ListUpdate, listUpdate } from './list_update.ts';

export interface JoinLink {
  readonly id: Uint8Array;
  /** What members do with a link by: keys that follow from its secret, as ts/privacy makes them. */
  readonly publicPart: Uint8Array;
  /** The role that joins by it get. */
  readonly role: number;
  /** Milliseconds since the epoch from which the link is void. */
  readonly expiry: number;
}

/** Taken out by id. */
export type JoinLinksUpdate = ListUpdate<JoinLink, Uint8Array>;

function readLink(reader: Reader): JoinLink {
  const id = reader.opaque('id');
  const publicPart = reader.opaque('public_part');
  const role = reader.u32('role_index');
  const expiry = reader.u64('expiry');
  if (expiry > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw reader.error('wrongContent', 'expiry is later than any date.', 'expiry');
  }
  return { id, publicPart, role, expiry: Number(expiry) };
}

function writeLink(writer: Writer, link: JoinLink): void {
  writer.opaque(link.id, 'id');
  writer.opaque(link.publicPart, 'public_part');
  writer.u32(link.role, 'role_index');
  writer.u64(BigInt(link.expiry), 'expiry');
}

export const encodeJoinLinks = encoder((writer, links: readonly JoinLink[]) =>
  writer.list(links, 'links', writeLink),
);
export const decodeJoinLinks = decoder<readonly JoinLink[]>((reader) =>
  reader.list('links', readLink),
);
export const encodeJoinLinksUpdate = encoder((writer, value: JoinLinksUpdate) => {
  writer.opaqueList(value.removed, 'removed_ids');
  writer.list(value.added, 'added', writeLink);
});
export const decodeJoinLinksUpdate = decoder<JoinLinksUpdate>((reader) => ({
  removed: reader.opaqueList('removed_ids'),
  added: reader.list('added', readLink),
}));

/** The link of that id. */
export function findLink(links: readonly JoinLink[], id: Uint8Array): JoinLink | undefined {
  return links.find((link) => sameId(link.id, id));
}

// Ids are public: they need no constant time.
function sameId(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

const applyUpdate = listUpdate<JoinLink, Uint8Array>({
  keyOf: ({ id }) => id,
  same: sameId,
  twice: 'linkTwice',
  unknown: 'unknownLink',
});

export const joinLinks: Component<readonly JoinLink[], JoinLinksUpdate> = {
  id: JOIN_LINKS,
  name: 'join_links',
  encode: encodeJoinLinks,
  decode: decodeJoinLinks,
  decodeUpdate: decodeJoinLinksUpdate,
  apply: (current = [], updates) => updates.reduce(applyUpdate, current),
};

// struct UploadKeyPackageSets and its response: ours, between a device and its own provider. A set holds one key
// package of each device of a user, all for one room: of one pseudonym, or of the real identity. What is handed out
// is a whole set, to whoever holds the connection's token.
//   enum { real(1), pseudonymous(2), (255) } SetKind;
//   struct { opaque id<V>; SetKind kind; uint8 last_resort; opaque key_package<V>; opaque sealed_key<V>; } SetEntry;
//   struct { opaque token_hash<V>; SetEntry entries<V>; } UploadKeyPackageSets;
//   struct { opaque id<V>; SetKind kind; uint8 last_resort; uint8 own; } OpenSet;
//   struct { OpenSet sets<V>; } UploadKeyPackageSetsResponse;

import { enumTable, type NameOf } from '../codec/enum.ts';
import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

export const setKinds = enumTable({ real: 1, pseudonymous: 2 });

export type SetKind = NameOf<typeof setKinds>;

/** A device's part of a set. */
export interface SetEntry {
  /** Names the set among those of the user. */
  readonly id: Uint8Array;
  readonly kind: SetKind;
  /** Whether the set may be handed out more than once, when no other is left. */
  readonly lastResort: boolean;
  /** A KeyPackage, without the header of an MLSMessage. */
  readonly keyPackage: Uint8Array;
  /** The key of the identity link, under the connection key; empty where there is no link. */
  readonly sealedKey: Uint8Array;
}

export interface UploadKeyPackageSets {
  /** SHA-256 of the token that claims these sets; with another one than before, unclaimed older sets end. */
  readonly tokenHash: Uint8Array;
  readonly entries: readonly SetEntry[];
}

/** A set that is not claimed yet, or that serves as last resort. */
export interface OpenSet {
  readonly id: Uint8Array;
  readonly kind: SetKind;
  readonly lastResort: boolean;
  /** Whether the asking device has its part in it. */
  readonly own: boolean;
}

function readEntry(reader: Reader): SetEntry {
  return {
    id: reader.opaque('id'),
    kind: reader.enum8(setKinds, 'kind'),
    lastResort: reader.presence('lastResort'),
    keyPackage: reader.opaque('keyPackage'),
    sealedKey: reader.opaque('sealedKey'),
  };
}

function writeEntry(writer: Writer, value: SetEntry): void {
  writer.opaque(value.id, 'id');
  writer.enum8(setKinds, value.kind, 'kind');
  writer.presence(value.lastResort);
  writer.opaque(value.keyPackage, 'keyPackage');
  writer.opaque(value.sealedKey, 'sealedKey');
}

export const encodeUploadKeyPackageSets = encoder((writer: Writer, value: UploadKeyPackageSets) => {
  writer.opaque(value.tokenHash, 'tokenHash');
  writer.list(value.entries, 'entries', writeEntry);
});

export const decodeUploadKeyPackageSets = decoder(
  (reader: Reader): UploadKeyPackageSets => ({
    tokenHash: reader.opaque('tokenHash'),
    entries: reader.list('entries', readEntry),
  }),
);

export const encodeOpenSets = encoder((writer: Writer, sets: readonly OpenSet[]) => {
  writer.list(sets, 'sets', (to, { id, kind, lastResort, own }) => {
    to.opaque(id, 'id');
    to.enum8(setKinds, kind, 'kind');
    to.presence(lastResort);
    to.presence(own);
  });
});

export const decodeOpenSets = decoder((reader: Reader): OpenSet[] =>
  reader.list('sets', (item) => ({
    id: item.opaque('id'),
    kind: item.enum8(setKinds, 'kind'),
    lastResort: item.presence('lastResort'),
    own: item.presence('own'),
  })),
);

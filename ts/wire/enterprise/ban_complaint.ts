// struct BanComplaint: ours, by which a member shows the hub that who is banned is back under another pseudonym. With the
// keys of both identity links the hub sees that one person is behind both. docs/modes/deployments.md, "Bans".
//   struct { opaque pseudonym<V>; opaque link_key[32]; } OpenedPseudonym;
//   struct { opaque room<V>; OpenedPseudonym banned; OpenedPseudonym found; } BanComplaint;

import { readUri } from '../codec/read_uri.ts';
import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { asRoomUri, asUserUri, type RoomUri, type UserUri } from '../uri.ts';

const KEY_BYTES = 32;

/** A user pseudonym and the key of the identity link of one of its clients. */
export interface OpenedPseudonym {
  readonly pseudonym: UserUri;
  readonly linkKey: Uint8Array;
}

export interface BanComplaint {
  readonly room: RoomUri;
  readonly banned: OpenedPseudonym;
  /** Of somebody who is in the room. */
  readonly found: OpenedPseudonym;
}

function readOpened(reader: Reader): OpenedPseudonym {
  return {
    pseudonym: readUri(reader, 'pseudonym', asUserUri),
    linkKey: reader.fixed(KEY_BYTES, 'link_key'),
  };
}

function writeOpened(writer: Writer, value: OpenedPseudonym): void {
  writer.text(value.pseudonym, 'pseudonym');
  writer.fixed(value.linkKey, KEY_BYTES, 'link_key');
}

export const encodeBanComplaint = encoder((writer: Writer, value: BanComplaint) => {
  writer.text(value.room, 'room');
  writeOpened(writer, value.banned);
  writeOpened(writer, value.found);
});

export const decodeBanComplaint = decoder(
  (reader: Reader): BanComplaint => ({
    room: readUri(reader, 'room', asRoomUri),
    banned: reader.struct('banned', readOpened),
    found: reader.struct('found', readOpened),
  }),
);

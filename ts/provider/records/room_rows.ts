// What the rows of a room hold. Ours: TLS presentation language, each with a version octet.

import {
  type ClientUri,
  decoder,
  encoder,
  enumTable,
  type RoomUri,
  type Writer,
} from '../../wire/index.ts';
import { rowDecoder, rowEncoder } from './versioned_row.ts';

const ROW_VERSION = 2;
/** A snapshot of a group of 20,000 members has about 12 MB. */
const ROW_BYTES = 64 << 20;

const roles = enumTable({ hub: 1, inbox: 2 });

/** What a room is here, and how far it has come. */
export type RoomHead =
  | {
      readonly role: 'hub';
      /** The name of the room's privacy mode. */
      readonly mode: string;
      readonly seq: number;
      readonly acceptedAt: number;
      /** Positions in the shard's log of the handshakes since the snapshot, in order. */
      readonly replay: readonly number[];
    }
  | { readonly role: 'inbox'; readonly seq: number };

export const encodeRoomHead = rowEncoder((writer, head: RoomHead) => {
  writer.enum8(roles, head.role, 'role');
  writer.u64(BigInt(head.seq), 'seq');
  if (head.role === 'inbox') return;
  writer.text(head.mode, 'mode');
  writer.u64(BigInt(head.acceptedAt), 'accepted_at');
  writer.list(head.replay, 'replay', (to, position) => to.u64(BigInt(position), 'position'));
}, ROW_VERSION);

export const decodeRoomHead = rowDecoder((reader): RoomHead => {
  const role = reader.enum8(roles, 'role');
  const seq = Number(reader.u64('seq'));
  if (role === 'inbox') return { role, seq };
  return {
    role,
    seq,
    mode: reader.text('mode'),
    acceptedAt: Number(reader.u64('accepted_at')),
    replay: reader.list('replay', (item) => Number(item.u64('position'))),
  };
}, ROW_VERSION);

/** Where an event stands in the shard's log; an inbox keeps the hash by which it knows repeats. */
export interface EventIndex {
  readonly position: number;
  readonly hash: Uint8Array;
}

export const encodeEventIndex = encoder((writer: Writer, index: EventIndex) => {
  writer.u64(BigInt(index.position), 'position');
  writer.opaque(index.hash, 'hash');
});

export const decodeEventIndex = decoder(
  (reader): EventIndex => ({
    position: Number(reader.u64('position')),
    hash: reader.opaque('hash'),
  }),
);

/** From which event on a local device is served a room, and which it is not, as it was not in the room then. */
export interface Subscription {
  readonly from: number;
  readonly absences: readonly { readonly first: number; readonly last: number }[];
}

export const encodeSubscription = encoder((writer: Writer, { from, absences }: Subscription) => {
  writer.u64(BigInt(from), 'from');
  writer.list(absences, 'absences', (to, { first, last }) => {
    to.u64(BigInt(first), 'first');
    to.u64(BigInt(last), 'last');
  });
});

export const decodeSubscription = decoder(
  (reader): Subscription => ({
    from: Number(reader.u64('from')),
    absences: reader.list('absences', (item) => ({
      first: Number(item.u64('first')),
      last: Number(item.u64('last')),
    })),
  }),
);

/** The last event that a local device is served which was taken out. */
export const encodeSeq = encoder((writer: Writer, seq: number) => {
  writer.u64(BigInt(seq), 'seq');
});

export const decodeSeq = decoder((reader): number => Number(reader.u64('seq')));

/** A Welcome for a local device: the room, and the last event before the device is a member. */
export interface Mail {
  readonly room: RoomUri;
  readonly seq: number;
  /** Which of the record's Welcomes, where each is for one client: its KeyPackageRef; else empty. */
  readonly ref: Uint8Array;
}

export const encodeMail = encoder((writer: Writer, { room, seq, ref }: Mail) => {
  writer.text(room, 'room');
  writer.u64(BigInt(seq), 'seq');
  writer.opaque(ref, 'ref');
});

export const decodeMail = decoder(
  (reader): Mail => ({
    room: reader.text('room') as RoomUri,
    seq: Number(reader.u64('seq')),
    ref: reader.opaque('ref'),
  }),
);

/** What those who join a followed group by themselves are given. */
export interface HeldGroupInfo {
  readonly groupInfo: Uint8Array;
  /** What members have announced of the current epoch's key. */
  readonly announcements: readonly Uint8Array[];
}

export const encodeHeldGroupInfo = rowEncoder((writer, held: HeldGroupInfo) => {
  writer.opaque(held.groupInfo, 'group_info');
  writer.opaqueList(held.announcements, 'announcements');
}, ROW_VERSION);

const readHeldGroupInfo = rowDecoder((reader): HeldGroupInfo => {
  return {
    groupInfo: reader.opaque('group_info'),
    announcements: reader.opaqueList('announcements'),
  };
}, ROW_VERSION);

export const decodeHeldGroupInfo = (bytes: Uint8Array): HeldGroupInfo =>
  readHeldGroupInfo(bytes, { maxBytes: ROW_BYTES });

/** A slot of a room: its name, and the versions that members have appended. */
export interface SlotRow {
  readonly name: Uint8Array;
  readonly versions: readonly Uint8Array[];
}

export const encodeSlotRow = rowEncoder((writer, row: SlotRow) => {
  writer.opaque(row.name, 'name');
  writer.opaqueList(row.versions, 'versions');
}, ROW_VERSION);

const readSlotRow = rowDecoder((reader): SlotRow => {
  return { name: reader.opaque('name'), versions: reader.opaqueList('versions') };
}, ROW_VERSION);

export const decodeSlotRow = (bytes: Uint8Array): SlotRow =>
  readSlotRow(bytes, { maxBytes: ROW_BYTES });

/** The client that joins by a commit. */
export const encodeJoining = encoder((writer: Writer, client: ClientUri) => {
  writer.text(client, 'client');
});

export const decodeJoining = decoder((reader) => reader.text('client') as ClientUri);

/** A proposal that waits at the hub, and when it was accepted. */
export interface WaitingProposal {
  readonly message: Uint8Array;
  readonly acceptedAt: number;
}

const writeWaiting = (writer: Writer, { message, acceptedAt }: WaitingProposal) => {
  writer.opaque(message, 'message');
  writer.u64(BigInt(acceptedAt), 'accepted_at');
};

export const encodeWaiting = rowEncoder((writer, waiting: readonly WaitingProposal[]) => {
  writer.list(waiting, 'waiting', writeWaiting);
}, ROW_VERSION);

const readWaiting = rowDecoder((reader): WaitingProposal[] => {
  return reader.list('waiting', (item) => ({
    message: item.opaque('message'),
    acceptedAt: Number(item.u64('accepted_at')),
  }));
}, ROW_VERSION);

export const decodeWaiting = (bytes: Uint8Array): WaitingProposal[] =>
  readWaiting(bytes, { maxBytes: ROW_BYTES });

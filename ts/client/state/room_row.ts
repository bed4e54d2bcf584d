// The row of a room: where this device stands in it, and the request that it waits for.

import {
  decodeSlotWrites,
  encodeSlotWrites,
  type Reader,
  type RoomUri,
  type SlotWrite,
  type UserUri,
  type Writer,
} from '../../wire/index.ts';
import { nameCodec, rowCodec } from './row_codec.ts';

const STATUSES = [
  'creating',
  'active',
  'leaving',
  'invited',
  'joining',
  'removed',
  'stale',
  'left',
  'closed',
] as const;
const statuses = nameCodec(STATUSES);

/**
 * `creating`: the hub has not confirmed the room yet. `leaving`: the own removal is proposed. `invited`: a
 * Welcome came and is not answered. `joining`: an external commit is on its way. `removed`: another member took this
 * device out; `left`: it went itself. `stale`: the group has moved on without this device, which must join again.
 * `closed`: the room goes on in its successor.
 */
export type RoomStatus = (typeof STATUSES)[number];

const FLIGHT_KINDS = ['create', 'commit', 'proposal', 'join'] as const;
const flightKinds = nameCodec(FLIGHT_KINDS);

/** A request that may have reached the hub; the same bytes are sent again until its outcome is known. */
export interface Flight {
  readonly kind: (typeof FLIGHT_KINDS)[number];
  /** Hash of what the stream will show (of the GroupInfo, for `create`) with the suite's hash: recognises it there. */
  readonly hash: Uint8Array;
  /** Of the group before the change. */
  readonly epoch: bigint;
  readonly request: Uint8Array;
  /** What the room goes back to when the request is refused. */
  readonly before: RoomStatus;
}

/** What this device has found of a commit that it does not follow. */
export interface RefusedCommit {
  /** Place in the log. */
  readonly seq: bigint;
  /** Stable code: of the failure, or of the rule that refused. */
  readonly code: string;
  /** Who made it, as the room names users; empty where that cannot be told. */
  readonly committer: string;
}

/** A proposal that waits, and the leaf that it takes out. */
export interface WaitingRemoval {
  readonly leaf: number;
  /** The leaf that proposes it; `undefined`: the hub. */
  readonly proposer: number | undefined;
  /** By which the group knows the proposal. */
  readonly ref: Uint8Array;
}

export interface RoomRow {
  status: RoomStatus;
  /** The last event of the stream that was dealt with. */
  lastSeq: bigint;
  /** The first epoch this device was in; messages of earlier ones are not for it. */
  joinedEpoch: bigint;
  /** The last epoch this device was in: it does not join again at an earlier one, whoever offers that. */
  lastEpoch: bigint;
  /** Number of the next message sent. */
  nextNumber: bigint;
  /** MLSMessages of the proposals that wait for a commit, as they came. */
  queued: Uint8Array[];
  /** How many proposals the stream has shown in this epoch, those besides that do not wait. */
  proposals: number;
  /** What those proposals take out. */
  leaving: WaitingRemoval[];
  /** The mandate of the hub that the next commit must carry. */
  mandate: Uint8Array | undefined;
  /** The name of the room's mode, and the index of the own pseudonym: for when the device joins again. */
  mode: string;
  index: Uint8Array;
  /** The commit at which the group has stayed behind. */
  verdict: RefusedCommit | undefined;
  /** The room in which this one goes on, and the one that this one continues. */
  successor: RoomUri | undefined;
  predecessor: RoomUri | undefined;
  /** Whether the index is still to be left for the other devices of this user. */
  shareIndex: boolean;
  /** Whether the wrapper key is to be left for a newcomer who could not bring it. */
  shareWrapper: boolean;
  /** Whether the own link is still to be left for the others: this device came in without the wrapper key. */
  shareLink: boolean;
  /** Slots that the next commit is to leave. */
  owed: SlotWrite[];
  /** Whether the user has declined the invitation: the room is not shown while this device is on its way out. */
  declined: boolean;
  /** Whether the provider is still to be told that this device is served no more. */
  unsubscribe: boolean;
  flight: Flight | undefined;
  /** Bans whose sealed entries this device has opened, by the banned pseudonym. */
  bans: KnownBan[];
}

/** Who is behind a banned pseudonym. */
export interface KnownBan {
  readonly pseudonym: string;
  readonly real: UserUri;
  /** Of an identity link of the pseudonym. */
  readonly linkKey: Uint8Array;
  /** Whether the entry is not known to be false. */
  readonly sound: boolean;
}

/** A room that this device has just met. */
export const newRoomRow = (status: RoomStatus): RoomRow => ({
  status,
  lastSeq: 0n,
  joinedEpoch: 0n,
  lastEpoch: 0n,
  nextNumber: 0n,
  queued: [],
  proposals: 0,
  leaving: [],
  mandate: undefined,
  mode: 'open',
  index: new Uint8Array(),
  verdict: undefined,
  successor: undefined,
  predecessor: undefined,
  shareIndex: false,
  shareWrapper: false,
  shareLink: false,
  owed: [],
  declined: false,
  unsubscribe: false,
  flight: undefined,
  bans: [],
});

function writeFlight(writer: Writer, flight: Flight): void {
  flightKinds.write(writer, flight.kind);
  writer.opaque(flight.hash, 'hash');
  writer.u64(flight.epoch, 'epoch');
  writer.opaque(flight.request, 'request');
  statuses.write(writer, flight.before);
}

function readFlight(reader: Reader): Flight {
  return {
    kind: flightKinds.read(reader),
    hash: reader.opaque('hash'),
    epoch: reader.u64('epoch'),
    request: reader.opaque('request'),
    before: statuses.read(reader),
  };
}

function writeRoomRow(writer: Writer, row: RoomRow): void {
  statuses.write(writer, row.status);
  writer.u64(row.lastSeq, 'lastSeq');
  writer.u64(row.joinedEpoch, 'joinedEpoch');
  writer.u64(row.lastEpoch, 'lastEpoch');
  writer.u64(row.nextNumber, 'nextNumber');
  writer.opaqueList(row.queued, 'queued');
  writer.list(row.leaving, 'leaving', (to, { leaf, proposer, ref }) => {
    to.u32(leaf, 'leaf');
    to.optional(proposer, (place, by) => place.u32(by, 'proposer'));
    to.opaque(ref, 'ref');
  });
  writer.optional(row.mandate, (to, mandate) => to.opaque(mandate, 'mandate'));
  writer.text(row.mode, 'mode');
  writer.opaque(row.index, 'index');
  writer.optional(row.verdict, (to, { seq, code, committer }) => {
    to.u64(seq, 'seq');
    to.text(code, 'code');
    to.text(committer, 'committer');
  });
  for (const uri of [row.successor, row.predecessor]) {
    writer.optional(uri, (to, text) => to.text(text, 'uri'));
  }
  writer.presence(row.shareIndex);
  writer.presence(row.shareWrapper);
  writer.presence(row.shareLink);
  writer.opaque(encodeSlotWrites(row.owed), 'owed');
  writer.presence(row.declined);
  writer.presence(row.unsubscribe);
  writer.optional(row.flight, writeFlight);
  writer.list(row.bans, 'bans', (to, { pseudonym, real, linkKey, sound }) => {
    to.text(pseudonym, 'pseudonym');
    to.text(real, 'real');
    to.opaque(linkKey, 'linkKey');
    to.presence(sound);
  });
  writer.u32(row.proposals, 'proposals');
}

const readUri = (reader: Reader) => reader.text('uri') as RoomUri;

function readRoomRow(reader: Reader): RoomRow {
  return {
    status: statuses.read(reader),
    lastSeq: reader.u64('lastSeq'),
    joinedEpoch: reader.u64('joinedEpoch'),
    lastEpoch: reader.u64('lastEpoch'),
    nextNumber: reader.u64('nextNumber'),
    queued: reader.opaqueList('queued'),
    leaving: reader.list('leaving', (item) => ({
      leaf: item.u32('leaf'),
      proposer: item.optional('proposer', (place) => place.u32('proposer')),
      ref: item.opaque('ref').slice(),
    })),
    mandate: reader.optional('mandate', (item) => item.opaque('mandate').slice()),
    mode: reader.text('mode'),
    index: reader.opaque('index').slice(),
    verdict: reader.optional('verdict', (item) => ({
      seq: item.u64('seq'),
      code: item.text('code'),
      committer: item.text('committer'),
    })),
    successor: reader.optional('successor', readUri),
    predecessor: reader.optional('predecessor', readUri),
    shareIndex: reader.presence('shareIndex'),
    shareWrapper: reader.presence('shareWrapper'),
    shareLink: reader.presence('shareLink'),
    owed: decodeSlotWrites(reader.opaque('owed')),
    declined: reader.presence('declined'),
    unsubscribe: reader.presence('unsubscribe'),
    flight: reader.optional('flight', readFlight),
    bans: reader.list('bans', (item) => ({
      pseudonym: item.text('pseudonym'),
      real: item.text('real') as UserUri,
      linkKey: item.opaque('linkKey').slice(),
      sound: item.presence('sound'),
    })),
    proposals: reader.u32('proposals'),
  };
}

export const roomRows = rowCodec('room row', writeRoomRow, readRoomRow);

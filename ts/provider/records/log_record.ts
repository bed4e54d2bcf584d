// The record that a shard's log holds for each accepted input of a room.
// Ours: TLS presentation language, with a version octet so that later releases can read it.

import type { RoomUri } from '../../wire/index.ts';
import {
  decoder,
  encoder,
  enumTable,
  type NameOf,
  type Reader,
  type Writer,
} from '../../wire/index.ts';

const RECORD_VERSION = 1;

/** `inbox`: at a follower, what the hub sent; all others: at the hub, what it accepted. */
const recordKinds = enumTable({
  created: 1,
  commit: 2,
  proposals: 3,
  application: 4,
  inbox: 5,
  mandate: 6,
});

export type RecordKind = NameOf<typeof recordKinds>;

/** One accepted input. */
export interface LogRecord {
  readonly kind: RecordKind;
  readonly room: RoomUri;
  /** Sequence number within the room: 1, 2, 3… without a gap. */
  readonly seq: number;
  /** The group's epoch after this input; 0 in an inbox. */
  readonly epoch: bigint;
  /** Milliseconds since the epoch of UNIX; never goes back within a room. */
  readonly acceptedAt: number;
  /** Who sent it, as far as the mode lets the hub know: a user's URI, else a domain. */
  readonly from: string;
  /** FanoutMessage for members and followers; empty for `created`. */
  readonly fanout: Uint8Array;
  /** FanoutMessage that holds the Welcome; empty when there is none. */
  readonly welcome: Uint8Array;
  /** Providers that `fanout` goes to. */
  readonly followers: readonly string[];
  /** Providers that `welcome` goes to. */
  readonly welcomed: readonly string[];
}

function writeLogRecord(writer: Writer, record: LogRecord): void {
  writer.u8(RECORD_VERSION, 'version');
  writer.enum8(recordKinds, record.kind, 'kind');
  writer.text(record.room, 'room');
  writer.u64(BigInt(record.seq), 'seq');
  writer.u64(record.epoch, 'epoch');
  writer.u64(BigInt(record.acceptedAt), 'accepted_at');
  writer.text(record.from, 'from');
  writer.opaque(record.fanout, 'fanout');
  writer.opaque(record.welcome, 'welcome');
  writer.list(record.followers, 'followers', writeDomain);
  writer.list(record.welcomed, 'welcomed', writeDomain);
}

function readLogRecord(reader: Reader): LogRecord {
  const version = reader.u8('version');
  if (version !== RECORD_VERSION) {
    throw reader.error('unknownValue', `Records of version ${version} are not known.`, 'version');
  }
  return {
    kind: reader.enum8(recordKinds, 'kind'),
    room: reader.text('room') as RoomUri,
    seq: Number(reader.u64('seq')),
    epoch: reader.u64('epoch'),
    acceptedAt: Number(reader.u64('accepted_at')),
    from: reader.text('from'),
    fanout: reader.opaque('fanout'),
    welcome: reader.opaque('welcome'),
    followers: reader.list('followers', readDomain),
    welcomed: reader.list('welcomed', readDomain),
  };
}

const writeDomain = (writer: Writer, domain: string) => writer.text(domain, 'domain');
const readDomain = (reader: Reader) => reader.text('domain');

export const encodeLogRecord = encoder(writeLogRecord);
/** Throws `WireError`. A record holds a Welcome with its tree, hence the large bound. */
export const decodeLogRecord = (bytes: Uint8Array): LogRecord =>
  decodeRecord(bytes, { maxBytes: 64 << 20 });
const decodeRecord = decoder(readLogRecord);

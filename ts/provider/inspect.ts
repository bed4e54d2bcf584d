// What this provider holds of a room, for its operator: the log's entries, and which identities stand in them
// in the clear. It reads what is at rest, so that it shows what the room's mode really leaves visible.

import { decodeFanoutMessages, type FanoutMessage, type RoomUri } from '../wire/index.ts';
import { ProviderError } from './errors.ts';
import type { HubContext } from './hub/context.ts';
import { type HubRoom, readRecord } from './hub/hub_room.ts';
import type { RecordKind } from './records/log_record.ts';
import { decodeEventIndex, decodeRoomHead } from './records/room_rows.ts';
import { prefixes, rangeOf, roomRows } from './rows.ts';

/** An entry of a room's log, without its content. */
export interface RoomEntry {
  readonly seq: number;
  readonly kind: RecordKind;
  /** What the message is: application, commit, proposal or welcome; `created` for the first entry of a hub. */
  readonly what: string;
  readonly wireFormat: string | undefined;
  /** The epoch after the entry; of an inbox the epoch that the message names, where it names one. */
  readonly epoch: number | undefined;
  readonly acceptedAt: number;
  /** Who sent it, as far as this provider was told. */
  readonly from: string;
  /** Bytes of the message. */
  readonly bytes: number;
  /** The user and client URIs that stand in the stored bytes in the clear. */
  readonly inClear: readonly string[];
}

/** A room as this provider sees it. */
export interface RoomInspection {
  readonly room: RoomUri;
  readonly role: 'hub' | 'inbox';
  readonly seq: number;
  /** Of a hub: the group's epoch and its members. */
  readonly epoch: number | undefined;
  readonly members: readonly { readonly user: string; readonly client: string }[];
  readonly entries: readonly RoomEntry[];
}

/** Reads a room for the operator. @throws ProviderError `unknownRoom`, `corruptRecord`. */
export async function inspectRoom(context: HubContext, uri: RoomUri): Promise<RoomInspection> {
  const { store, directory } = context;
  const shard = directory.shardOf(uri);
  const row = await store.get(shard.name, roomRows.head(uri));
  if (row === undefined) throw new ProviderError('unknownRoom');
  const { role, seq } = decodeRoomHead(row);
  const index = await store.range(shard.name, rangeOf(prefixes.events(uri)));
  const entries: RoomEntry[] = [];
  for (const { value } of index) {
    const record = await readRecord(store, shard.name, decodeEventIndex(value).position);
    const stored = record.fanout.length > 0 ? record.fanout : record.welcome;
    const [fanout] = stored.length === 0 ? [] : decodeFanoutMessages(stored);
    const shown = fanout === undefined ? undefined : shownOf(fanout);
    entries.push({
      seq: record.seq,
      kind: record.kind,
      what: shown?.what ?? record.kind,
      wireFormat: shown?.wireFormat,
      epoch: record.kind === 'inbox' ? shown?.epoch : Number(record.epoch),
      acceptedAt: record.acceptedAt,
      from: record.from,
      bytes: shown?.bytes ?? 0,
      inClear: urisIn(record.fanout, record.welcome),
    });
  }
  const group = role === 'hub' ? await groupOf(context, uri) : undefined;
  return { room: uri, role, seq, epoch: group?.epoch, members: group?.members ?? [], entries };
}

/** What an event shows of itself, whatever the mode. */
function shownOf(fanout: FanoutMessage) {
  switch (fanout.kind) {
    case 'modeHandshake':
      return {
        what: fanout.handshake,
        wireFormat: fanout.mode,
        epoch: Number(fanout.epoch),
        bytes: fanout.payloads.reduce((sum, { length }) => sum + length, 0),
      };
    case 'modeWelcome':
      return {
        what: 'welcome',
        wireFormat: fanout.mode,
        epoch: undefined,
        bytes: fanout.welcome.sealed.length,
      };
    case 'mandate':
      return {
        what: 'mandate',
        wireFormat: fanout.mode,
        epoch: Number(fanout.epoch),
        bytes: fanout.payload.length,
      };
    default: {
      const { message } = fanout;
      return {
        what: fanout.kind,
        wireFormat: message.wireFormat,
        epoch: 'epoch' in message ? Number(message.epoch) : undefined,
        bytes: message.bytes.length,
      };
    }
  }
}

async function groupOf({ directory }: HubContext, uri: RoomUri) {
  let room: HubRoom;
  return directory.shardOf(uri).run({
    owner: uri,
    prepare: async () => {
      room = await directory.hubRoom(uri);
    },
    decide: () => {
      const members = [...room.roster.values()].map(({ user, client }) => ({ user, client }));
      return { answer: { epoch: Number(room.epoch), members } };
    },
  });
}

/** User and client URIs: the characters are those that a MIMI URI can hold. */
const IDENTITY = /mimi:\/\/[a-z0-9.-]+\/[ud]\/(?:(?!mimi:)[A-Za-z0-9._~-])+/g;
const latin1 = new TextDecoder('latin1');

function urisIn(...parts: readonly Uint8Array[]): string[] {
  const found = new Set<string>();
  for (const part of parts) {
    for (const [uri] of latin1.decode(part).matchAll(IDENTITY)) found.add(uri);
  }
  return [...found].sort();
}

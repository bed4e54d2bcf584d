// All that a device holds in memory, as read from its storage: the MLS rows, its rooms, its outbox, its cursor.
// Changes are collected here and reach the storage in one write.

import { Group, Identity, MemberStore } from '../../mls/index.ts';
import { type RosterEntry, rosterOf } from '../../room/index.ts';
import {
  BASIC_CREDENTIAL,
  type ClientUri,
  encodeClientIdentity,
  groupIdOf,
  type RoomUri,
} from '../../wire/index.ts';
import type { Account } from '../account.ts';
import { hex } from '../bytes.ts';
import { ClientError } from '../errors.ts';
import type { KeyValue, KeyValueChange, KeyValueRow } from '../key_value.ts';
import type { Notice } from '../notices.ts';
import { type DeviceRow, deviceRows } from './device_row.ts';
import { plainKey, roomKey, roomOfKey, splitKey } from './keys.ts';
import { type OutboxRow, outboxRows } from './outbox_row.ts';
import { newRoomRow, type RoomRow, type RoomStatus, roomRows } from './room_row.ts';

/** A room in memory. */
export interface RoomState {
  readonly uri: RoomUri;
  readonly row: RoomRow;
  /** Absent while there is nothing to be a member of. */
  group: Group | undefined;
  /** Who is in the group, by leaf. */
  roster: ReadonlyMap<number, RosterEntry>;
  /** In the order of sending. */
  readonly outbox: OutboxRow[];
}

/**
 * The memory of a device. Nothing here is shown to the app or sent before `save` has returned; when `save`
 * or anything before it throws, the whole state is thrown away and loaded again.
 */
export class DeviceState implements Disposable {
  readonly mls: MemberStore;
  readonly identity: Identity;
  readonly rooms = new Map<RoomUri, RoomState>();
  #device: DeviceRow;
  #cursor: Uint8Array;
  readonly #changes = new Map<string, KeyValueChange>();
  readonly #touched = new Set<RoomState>();
  readonly #changed = new Set<RoomUri>();
  #notices: Notice[] = [];

  private constructor(mls: MemberStore, identity: Identity, device: DeviceRow, cursor: Uint8Array) {
    this.mls = mls;
    this.identity = identity;
    this.#device = device;
    this.#cursor = cursor;
  }

  /** Reads the state of a device, or begins one. Throws ClientError `wrongStorage`, WireError, MlsError. */
  static load(rows: readonly KeyValueRow[], account: Account, client: ClientUri): DeviceState {
    const sorted = sortRows(rows);
    const mls = MemberStore.restore(sorted.mls);
    if (sorted.device === undefined) return DeviceState.#create(mls, account, client);
    const device = deviceRows.decode(sorted.device);
    if (device.user !== account.user || device.client !== client) {
      throw new ClientError('wrongStorage', undefined, {
        details: { user: device.user, client: device.client },
      });
    }
    const identity = Identity.load(mls, device.signatureKey);
    const state = new DeviceState(mls, identity, device, sorted.cursor);
    for (const [uri, row] of sorted.rooms) state.#restoreRoom(uri, roomRows.decode(row));
    for (const [uri, row] of sorted.outbox)
      state.rooms.get(uri)?.outbox.push(outboxRows.decode(row));
    return state;
  }

  static #create(mls: MemberStore, account: Account, client: ClientUri): DeviceState {
    const identity = Identity.create(mls, account.suite, {
      type: BASIC_CREDENTIAL,
      bytes: encodeClientIdentity({ userUri: account.user, clientUri: client }),
    });
    const device: DeviceRow = {
      user: account.user,
      client,
      suite: account.suite,
      signatureKey: identity.signatureKey,
      registered: false,
      lastResort: false,
    };
    const state = new DeviceState(mls, identity, device, new Uint8Array());
    state.updateDevice({});
    return state;
  }

  #restoreRoom(uri: RoomUri, row: RoomRow): void {
    const group = Group.load(this.mls, groupIdOf(uri));
    const roster = group === undefined ? new Map() : rosterOf(group.members());
    this.rooms.set(uri, { uri, row, group, roster, outbox: [] });
    this.#changed.add(uri);
  }

  get device(): DeviceRow {
    return this.#device;
  }

  updateDevice(change: Partial<DeviceRow>): void {
    this.#device = { ...this.#device, ...change };
    this.put(plainKey('device'), deviceRows.encode(this.#device));
  }

  get cursor(): Uint8Array {
    return this.#cursor;
  }

  set cursor(cursor: Uint8Array) {
    this.#cursor = cursor;
    this.put(plainKey('cursor'), cursor);
  }

  /** The room, which must be there. Throws ClientError `noSuchRoom`. */
  room(uri: RoomUri): RoomState {
    const room = this.rooms.get(uri);
    if (room === undefined)
      throw new ClientError('noSuchRoom', undefined, { details: { room: uri } });
    return room;
  }

  /** A room that the device has not had before. */
  addRoom(uri: RoomUri, status: RoomStatus): RoomState {
    const room: RoomState = {
      uri,
      row: newRoomRow(status),
      group: undefined,
      roster: new Map(),
      outbox: [],
    };
    this.rooms.set(uri, room);
    this.touch(room);
    return room;
  }

  /** Forgets a room and its group; its history stays. */
  deleteRoom(room: RoomState): void {
    this.dropGroup(room);
    for (const row of room.outbox) this.put(roomKey('outbox', room.uri, row.number), undefined);
    this.rooms.delete(room.uri);
    this.#touched.delete(room);
    this.#changed.add(room.uri);
    this.put(roomKey('room', room.uri), undefined);
  }

  /** The room's row has changed and must be written. */
  touch(room: RoomState): void {
    this.#touched.add(room);
    this.#changed.add(room.uri);
  }

  /** The rooms that have changed since the last call. */
  takeChanged(): readonly RoomUri[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** Deletes the keys of a room's group. */
  dropGroup(room: RoomState): void {
    room.group?.delete();
    room.group?.[Symbol.dispose]();
    room.group = undefined;
    room.roster = new Map();
  }

  putOutbox(room: RoomState, row: OutboxRow): void {
    if (!room.outbox.includes(row)) room.outbox.push(row);
    this.#changed.add(room.uri);
    this.put(roomKey('outbox', room.uri, row.number), outboxRows.encode(row));
  }

  deleteOutbox(room: RoomState, row: OutboxRow): void {
    room.outbox.splice(room.outbox.indexOf(row), 1);
    this.#changed.add(room.uri);
    this.put(roomKey('outbox', room.uri, row.number), undefined);
  }

  put(key: Uint8Array, value: Uint8Array | undefined): void {
    this.#changes.set(hex(key), { key, value });
  }

  /** Tells this once the change is stored. */
  tell(notice: Notice): void {
    this.#notices.push(notice);
  }

  /** Whether something waits to be saved. */
  get unsaved(): boolean {
    return this.#changes.size > 0 || this.#touched.size > 0 || this.mls.pending().rows.length > 0;
  }

  /** Writes all that has changed in one write; gives the notices that may go out now. */
  async save(storage: KeyValue): Promise<readonly Notice[]> {
    for (const room of this.#touched)
      this.put(roomKey('room', room.uri), roomRows.encode(room.row));
    const { upTo, rows } = this.mls.pending();
    const changes = [
      ...this.#changes.values(),
      ...rows.map(({ key, value }) => ({ key: plainKey('mls', key), value })),
    ];
    if (changes.length > 0) {
      try {
        await storage.write(changes);
      } catch (cause) {
        throw new ClientError('storageFailed', undefined, { cause });
      }
    }
    this.mls.confirm(upTo);
    this.#changes.clear();
    this.#touched.clear();
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }

  [Symbol.dispose](): void {
    for (const room of this.rooms.values()) room.group?.[Symbol.dispose]();
    this.identity[Symbol.dispose]();
    this.mls[Symbol.dispose]();
  }
}

/** Rows by kind, as `HOT_PREFIX` gives them. */
function sortRows(rows: readonly KeyValueRow[]) {
  const sorted = {
    device: undefined as Uint8Array | undefined,
    cursor: new Uint8Array() as Uint8Array,
    mls: [] as KeyValueRow[],
    rooms: [] as [RoomUri, Uint8Array][],
    outbox: [] as [RoomUri, Uint8Array][],
  };
  for (const { key, value } of rows) {
    const split = splitKey(key);
    if (split === undefined) {
      throw new ClientError('wrongStorage', undefined, { details: { key: hex(key) } });
    }
    if (split.kind === 'device') sorted.device = value;
    else if (split.kind === 'cursor') sorted.cursor = value;
    else if (split.kind === 'mls') sorted.mls.push({ key: split.rest, value });
    else if (split.kind === 'room') sorted.rooms.push([roomOfKey(split.rest), value]);
    else if (split.kind === 'outbox') sorted.outbox.push([roomOfKey(split.rest), value]);
  }
  return sorted;
}

// All that a device holds in memory, as read from its storage: the MLS rows, its rooms, its outbox, its cursor.
// Changes are collected here and reach the storage in one write.

import { Group, Identity, MemberStore } from '../../mls/index.ts';
import { Membership, RosterReader } from '../../privacy/index.ts';
import type { RosterEntry } from '../../room/index.ts';
import {
  BASIC_CREDENTIAL,
  type ClientUri,
  decodeSyncEvent,
  encodeClientIdentity,
  encodeSyncEvent,
  groupIdOf,
  type RoomUri,
  type SyncEvent,
  type UserUri,
} from '../../wire/index.ts';
import type { Account } from '../account.ts';
import { hex, utf8 } from '../bytes.ts';
import { ClientError } from '../errors.ts';
import type { KeyValue, KeyValueChange, KeyValueRow } from '../key_value.ts';
import type { Notice } from '../notices.ts';
import { type ContactRow, contactRows } from './contact_row.ts';
import { type DeviceRow, deviceRows } from './device_row.ts';
import { type KeyPackageRow, keyPackageRows } from './key_package_row.ts';
import { plainKey, roomKey, roomOfKey, splitKey } from './keys.ts';
import { type OutboxRow, outboxRows } from './outbox_row.ts';
import { newRoomRow, type RoomRow, type RoomStatus, roomRows } from './room_row.ts';

/** A room in memory. */
export interface RoomState {
  readonly uri: RoomUri;
  readonly row: RoomRow;
  /** Absent while there is nothing to be a member of. */
  group: Group | undefined;
  /** What the device holds of the room's mode; there whenever `group` is. */
  membership: Membership | undefined;
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
  readonly account: Account;
  /** Of own key packages in sets, by the hexadecimal ref. */
  readonly keyPackages = new Map<string, KeyPackageRow>();
  /** Connections and requests for them, by the other user. */
  readonly contacts = new Map<UserUri, ContactRow>();
  /** Welcomes that came early, by their room. */
  readonly waiting = new Map<RoomUri, SyncEvent>();
  #device: DeviceRow;
  #cursor: Uint8Array;
  readonly #changes = new Map<string, KeyValueChange>();
  readonly #touched = new Set<RoomState>();
  readonly #changed = new Set<RoomUri>();
  readonly #rosters = new Map<RoomUri, RosterReader>();
  #notices: Notice[] = [];

  private constructor(
    account: Account,
    mls: MemberStore,
    identity: Identity,
    device: DeviceRow,
    cursor: Uint8Array,
  ) {
    this.account = account;
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
    const state = new DeviceState(account, mls, identity, device, sorted.cursor);
    for (const [uri, row] of sorted.rooms) {
      state.#restoreRoom(uri, roomRows.decode(row), sorted.memberships.get(uri));
    }
    for (const row of sorted.keyPackages) {
      const decoded = keyPackageRows.decode(row);
      state.keyPackages.set(hex(decoded.ref), decoded);
    }
    for (const row of sorted.waiting) {
      const event = decodeSyncEvent(row);
      state.waiting.set(event.roomUri as RoomUri, event);
    }
    for (const row of sorted.contacts) {
      const decoded = contactRows.decode(row);
      state.contacts.set(decoded.user, decoded);
    }
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
    const state = new DeviceState(account, mls, identity, device, new Uint8Array());
    state.updateDevice({});
    return state;
  }

  #restoreRoom(uri: RoomUri, row: RoomRow, stored: Uint8Array | undefined): void {
    const group = Group.load(this.mls, groupIdOf(uri));
    const membership = stored === undefined ? undefined : Membership.decode(stored);
    const room: RoomState = { uri, row, group, membership, roster: new Map(), outbox: [] };
    room.roster = this.readRoster(room);
    this.rooms.set(uri, room);
    this.#changed.add(uri);
  }

  /** Who is in the room's group now. Throws RoomError `badCredential`, PrivacyError. */
  readRoster({ uri, group, membership }: RoomState): ReadonlyMap<number, RosterEntry> {
    if (group === undefined || membership === undefined) return new Map();
    let reader = this.#rosters.get(uri);
    if (reader === undefined) {
      reader = new RosterReader(membership.mode.credentials);
      this.#rosters.set(uri, reader);
    }
    return reader.read(group.members(), group.suite);
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
      membership: undefined,
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
    room.row.mandate = undefined;
    if (room.membership !== undefined) this.put(roomKey('membership', room.uri), undefined);
    room.membership = undefined;
    room.roster = new Map();
    this.#rosters.delete(room.uri);
  }

  /** The room's group is there: this is the device's part in it. */
  enterRoom(room: RoomState, group: Group, membership: Membership): void {
    room.group = group;
    room.membership = membership;
    room.row.mode = membership.mode.name;
    room.row.index = membership.index;
    room.roster = this.readRoster(room);
    this.touch(room);
  }

  /** Keeps a Welcome that came early. */
  wait(uri: RoomUri, event: SyncEvent): void {
    this.waiting.set(uri, event);
    this.put(roomKey('waiting', uri), encodeSyncEvent(event));
  }

  /** Forgets a Welcome that waits. */
  dropWaiting(uri: RoomUri): void {
    if (this.waiting.delete(uri)) this.put(roomKey('waiting', uri), undefined);
  }

  /** The Welcomes that wait, which are to be tried again. */
  takeWaiting(): SyncEvent[] {
    const events = [...this.waiting.values()];
    for (const uri of this.waiting.keys()) this.put(roomKey('waiting', uri), undefined);
    this.waiting.clear();
    return events;
  }

  /** Notes what goes with an own key package of a set. */
  putKeyPackage(row: KeyPackageRow): void {
    this.keyPackages.set(hex(row.ref), row);
    this.put(plainKey('keyPackage', row.ref), keyPackageRows.encode(row));
  }

  putContact(row: ContactRow): void {
    this.contacts.set(row.user, row);
    this.put(plainKey('contact', utf8(row.user)), contactRows.encode(row));
  }

  deleteContact(user: UserUri): void {
    this.contacts.delete(user);
    this.put(plainKey('contact', utf8(user)), undefined);
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
    if (this.#changes.size > 0 || this.#touched.size > 0) return true;
    if ([...this.rooms.values()].some(({ membership }) => membership?.changed)) return true;
    return this.mls.pending().rows.length > 0;
  }

  /** Writes all that has changed in one write; gives the notices that may go out now. */
  async save(storage: KeyValue): Promise<readonly Notice[]> {
    for (const room of this.#touched)
      this.put(roomKey('room', room.uri), roomRows.encode(room.row));
    for (const { uri, membership } of this.rooms.values()) {
      if (membership?.takeChanged()) this.put(roomKey('membership', uri), membership.encode());
    }
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
    memberships: new Map<RoomUri, Uint8Array>(),
    keyPackages: [] as Uint8Array[],
    contacts: [] as Uint8Array[],
    waiting: [] as Uint8Array[],
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
    else if (split.kind === 'membership') sorted.memberships.set(roomOfKey(split.rest), value);
    else if (split.kind === 'keyPackage') sorted.keyPackages.push(value);
    else if (split.kind === 'contact') sorted.contacts.push(value);
    else if (split.kind === 'waiting') sorted.waiting.push(value);
  }
  return sorted;
}

// One MLS client of an account: opened on its storage and its connection, it keeps rooms in step with the
// event stream of its provider.

import { createKeyPackage, init } from '../mls/index.ts';
import { type Mode, modeNamed, parseLink } from '../privacy/index.ts';
import type { EscrowParty, FrankingForm } from '../room/index.ts';
import {
  type ClientUri,
  decodeUploadKeyPackagesResponse,
  domainOf,
  encodeLocalConsent,
  encodeRegisterDevice,
  encodeUploadKeyPackages,
  type RoomUri,
  type UserUri,
} from '../wire/index.ts';
import type { Account } from './account.ts';
import { AutoCommit } from './auto_commit.ts';
import { BanWatch } from './ban_watch.ts';
import { Changes } from './changes.ts';
import type { Connection } from './connection.ts';
import { Connections } from './connections.ts';
import { createRoom, freshRoomUri } from './create_room.ts';
import { ClientError, isClientError } from './errors.ts';
import { joinExternally, learnSlots, removeFormerLeaves } from './external_join.ts';
import { type Invitation, openInvitations } from './invitations.ts';
import type { KeyValue } from './key_value.ts';
import { type DeviceEvents, type Listener, Notices } from './notices.ts';
import { Outbox } from './outbox.ts';
import type { DeviceParts } from './parts.ts';
import { formerLeaves } from './requests.ts';
import { Room } from './room.ts';
import { owesOwnLink } from './room_plans.ts';
import { memberRules, type RoomRules } from './rules.ts';
import { lacksBans } from './sealed_bans.ts';
import { DeviceState, type RoomState } from './state/device_state.ts';
import { HOT_PREFIX } from './state/keys.ts';
import { loadRows } from './state/load_rows.ts';
import type { RoomRow, RoomStatus } from './state/room_row.ts';
import { type RoomView, Vault } from './state/vault.ts';
import { type PullOptions, Stream } from './stream.ts';
import { Turns } from './turns.ts';
import { backoffMs, pause } from './waiting.ts';

/** Statuses of the rooms that an app shows. */
const SHOWN: ReadonlySet<RoomStatus> = new Set(['active', 'leaving', 'stale']);

/** Rounds of one `sync` while the provider says that there is more. */
const MAX_PULLS = 1_000;
/** How often in an epoch a device asks for link keys that it lacks: some members may never leave theirs. */
const MAX_ASKED = 3;
/** What `run` lets a question wait, in milliseconds; with messages unsent, less, so that they are tried again. */
const RUN_WAIT_MS = 25_000;
const RUN_WAIT_UNSENT_MS = 2_000;
/** Key package sets that are made anew when a block ends a connection. */
const BLOCK_SETS = 4;

export interface DeviceOptions {
  readonly account: Account;
  /** This device's URI, which no other device has. */
  readonly client: ClientUri;
  readonly connection: Connection;
  /** Of this device alone. It is closed with the device. */
  readonly storage: KeyValue;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Random bytes for local ids and jitter; keys come from the core. Default `crypto.getRandomValues`. */
  readonly random?: ((length: number) => Uint8Array) | undefined;
  /** What the device checks of other members' commits; default `memberRules`. */
  readonly rules?: RoomRules | undefined;
}

export interface CreateRoomOptions {
  /** The name of the room's privacy mode. Default `open`. */
  readonly mode?: string | undefined;
  /**
   * Whether the hub stamps messages so that they can be reported: `exedra` hides the sender from followers; `draft06`, in
   * open rooms, is the form of draft-ietf-mimi-protocol-06. Members of a franked room send MIMI messages only, made by the
   * room's `composer`. Default `none`.
   */
  readonly franking?: FrankingForm | 'none' | undefined;
  /**
   * Two parties who together can open the identity link of one member, in a mode that hides identities: members whose keys
   * are not in escrow with them are not verified. For good.
   */
  readonly escrow?: readonly EscrowParty[] | undefined;
}

export interface JoinOptions {
  /** The name of the room's privacy mode, for a device that has not been in it. Default `open`. */
  readonly mode?: string | undefined;
}

export interface SyncReport {
  /** How many events were dealt with. */
  readonly events: number;
}

/**
 * A device. Its methods may be called at any time and at once; each change is stored before it is sent or told.
 * When the storage fails, the device goes back to what is stored and throws `storageFailed`.
 */
export class Device {
  readonly account: Account;
  readonly client: ClientUri;
  /** Who this user is connected with: needed in rooms that hide identities. */
  readonly connections: Connections;
  readonly #parts: DeviceParts;
  readonly #random: (length: number) => Uint8Array;
  readonly #autoCommit: AutoCommit;
  readonly #closing = new AbortController();
  readonly #turns = new Turns();
  readonly #banWatch = new BanWatch();
  /** How often this run has asked for link keys, by room. */
  readonly #asked = new Map<RoomUri, { readonly epoch: bigint; readonly tries: number }>();
  /** Rooms whose pseudonym this run has left for the account's other devices. */

  private constructor(options: DeviceOptions) {
    const { account, client, connection, storage, clock = Date.now, rules = memberRules } = options;
    const random = options.random ?? ((length) => crypto.getRandomValues(new Uint8Array(length)));
    const notices = new Notices();
    const load = async () => DeviceState.load(await loadRows(storage, HOT_PREFIX), account, client);
    const vault = new Vault(storage, load, notices);
    const stream = new Stream(vault, connection, rules);
    const shared = { vault, connection, stream, notices, random };
    const changes = new Changes({ ...shared, clock });
    const outbox = new Outbox({ ...shared, changes });
    this.account = account;
    this.client = client;
    this.#random = random;
    const connections = new Connections({ vault, connection, clock, random });
    this.connections = connections;
    const parts = { account, connection, vault, notices, rules, stream, changes, outbox };
    this.#parts = { ...parts, connections, clock, random };
    this.#autoCommit = new AutoCommit(this.#parts, clock, random);
  }

  /**
   * Opens a device: what its storage holds, or a new one with a fresh key; registers it where that is not done.
   * Throws ClientError `wrongDomain`, `wrongStorage`, `storageFailed`, and as `Connection.call` while unregistered.
   */
  static async open(options: DeviceOptions): Promise<Device> {
    const { account, client } = options;
    if (domainOf(client) !== account.domain) {
      throw new ClientError('wrongDomain', undefined, { details: { user: account.user, client } });
    }
    await init();
    const device = new Device(options);
    await device.connections.load();
    await device.#register();
    return device;
  }

  async #register(): Promise<void> {
    const { vault, connection } = this.#parts;
    const { registered, suite, signatureKey } = await vault.exclusive((state) => state.device);
    if (registered) return;
    const request = encodeRegisterDevice({ clientUri: this.client, suite, signatureKey });
    await connection.call('register', undefined, request);
    await vault.exclusive((state) => state.updateDevice({ registered: true }));
  }

  /**
   * Makes key packages and gives them to the provider, with one of last resort the first time; gives how many the
   * provider has now. The private keys are stored before anything is sent.
   */
  async publishKeyPackages(count: number): Promise<{ readonly stock: number }> {
    const { vault, connection } = this.#parts;
    const request = await vault.exclusive((state) => {
      const { mls, identity } = state;
      const make = (lastResort: boolean) =>
        createKeyPackage(mls, identity, { lastResort }).keyPackage;
      return encodeUploadKeyPackages({
        keyPackages: Array.from({ length: count }, () => make(false)),
        lastResort: state.device.lastResort ? undefined : make(true),
      });
    });
    const answer = await connection.call('uploadKeyPackages', undefined, request);
    await vault.exclusive((state) => {
      if (!state.device.lastResort) state.updateDevice({ lastResort: true });
    });
    return { stock: decodeUploadKeyPackagesResponse(answer).stock };
  }

  /** Lets a user add this one's devices to rooms, or to one room only. */
  async allow(user: UserUri, room?: RoomUri): Promise<void> {
    await this.#consent('grant', user, room);
  }

  /** Takes `allow` back. */
  async disallow(user: UserUri, room?: RoomUri): Promise<void> {
    await this.#consent('revoke', user, room);
  }

  /**
   * Blocks a user: what it says is not shown any more in any room, as far as it is known to be its; it cannot add this user,
   * or ask for a connection. A connection ends for both, and `sets` new key package sets are made for who stays.
   */
  block(user: UserUri, { sets = BLOCK_SETS }: { readonly sets?: number } = {}): Promise<void> {
    return this.connections.block(user, sets);
  }

  /** Ends a block; what was said meanwhile is shown again. */
  unblock(user: UserUri): Promise<void> {
    return this.connections.unblock(user);
  }

  async #consent(operation: 'grant' | 'revoke', user: UserUri, room?: RoomUri): Promise<void> {
    const request = encodeLocalConsent({ operation, roomUri: room });
    await this.#parts.connection.call('consent', user, request);
  }

  /**
   * Creates a room at the own provider; without a URI, one with a random id. Its mode is pinned for good.
   * Throws ClientError `roomExists`, `refused`, `unavailable`, `unknown`, `noAccountSecret`; PrivacyError `unknownMode`.
   */
  async createRoom(
    uri: RoomUri = freshRoomUri(this.#parts),
    { mode: name = 'open', franking = 'none', escrow }: CreateRoomOptions = {},
  ): Promise<Room> {
    const form = franking === 'none' ? undefined : franking;
    await createRoom(this.#parts, uri, { mode: modeNamed(name), franking: form, escrow });
    return new Room(this.#parts, uri);
  }

  /**
   * Joins a room by itself: a further device of a participant, or one that lost its state or its place. A device that
   * has not been in the room says its mode. Throws ClientError `roomExists`, `refused`, `badGroupInfo`, `badLink` (in a
   * mode whose hub has no GroupInfo to give: join by a link), `contended`, `unavailable`, `unknown`.
   */
  async joinExternally(room: RoomUri, { mode: name }: JoinOptions = {}): Promise<Room> {
    const known = await this.#parts.vault.exclusive((state) => state.rooms.get(room)?.row.mode);
    const mode = modeNamed(name ?? known ?? 'open');
    await joinExternally(this.#parts, room, { mode, index: await this.#indexIn(room, mode) });
    return new Room(this.#parts, room);
  }

  /**
   * Joins a room by a link that one of its members has made. Throws ClientError `badLink`, `roomExists`, `refused`,
   * `badGroupInfo`, `contended`, `unavailable`, `unknown`, `noAccountSecret`; PrivacyError `malformed`.
   */
  async joinByLink(text: string): Promise<Room> {
    const link = parseLink(text);
    const mode = modeNamed(link.mode);
    const index = await this.#indexIn(link.room, mode);
    await joinExternally(this.#parts, link.room, { mode, index, link });
    return new Room(this.#parts, link.room);
  }

  /**
   * The pseudonym by which this account takes part in a room, as this device or another one of the account knows it: who
   * comes back is the participant that it was.
   */
  async #indexIn(room: RoomUri, { credentials }: Mode): Promise<Uint8Array | undefined> {
    if (!credentials.hidesIdentities) return undefined;
    const known = await this.#parts.vault.exclusive((state) => state.rooms.get(room)?.row.index);
    return known !== undefined && known.length > 0 ? known : this.connections.recallIndex(room);
  }

  /** The rooms that this device takes part in, or has lost its place in (status `stale`). */
  rooms(): Room[] {
    return [...this.#parts.vault.views.values()]
      .filter(({ status, declined }) => SHOWN.has(status) && !declined)
      .map(({ uri }) => new Room(this.#parts, uri));
  }

  /** A room by its URI, former rooms included. */
  room(uri: RoomUri): Room | undefined {
    const view = this.#parts.vault.views.get(uri);
    return view === undefined || view.declined ? undefined : new Room(this.#parts, uri);
  }

  /** The invitations that are open. */
  invitations(): Invitation[] {
    return openInvitations(this.#parts);
  }

  /**
   * Calls `listener` when something has happened and is stored; gives how to stop it. Messages of blocked users are not
   * told.
   */
  on<Name extends keyof DeviceEvents>(name: Name, listener: Listener<Name>): () => void {
    return this.#parts.notices.on(name, (event) => {
      const hidden = 'message' in event && this.connections.hides(event.message);
      if (!hidden) listener(event);
    });
  }

  /**
   * Brings in what the provider has and sends what waits here. With `waitMs` the provider may hold its answer back
   * until something comes. Throws as `Connection.call`, ClientError `badAnswer`, `storageFailed`, `closed`.
   */
  async sync(options: PullOptions = {}): Promise<SyncReport> {
    const { stream, vault, changes, outbox } = this.#parts;
    let pulled = await stream.pull(options);
    let events = pulled.events;
    for (let pulls = 1; pulled.more && pulls < MAX_PULLS; pulls++) {
      pulled = await stream.pull({ signal: options.signal });
      events += pulled.events;
    }
    for (const view of [...vault.views.values()]) {
      if (view.flight !== undefined) await changes.resume(view.uri).catch(ignoreAbsence);
      if (view.unsent > 0) await outbox.flush(view.uri);
      // The external commit of a newcomer makes waiting proposals void: the wish to leave is said again.
      const leaveIsVoid = view.status === 'leaving' && view.pendingProposals === 0;
      const toLeave = leaveIsVoid || (view.status === 'active' && view.declined);
      if (toLeave && view.flight === undefined) {
        await new Room(this.#parts, view.uri).leave().catch(ignoreAbsence);
      }
      await this.#tidy(view).catch(ignoreAbsence);
    }
    if (this.account.hasSecret) await this.connections.check().catch(ignoreAbsence);
    return { events };
  }

  /** What a room leaves to be done outside of its log. */
  async #tidy({ uri, status }: RoomView): Promise<void> {
    const { vault, connection, notices } = this.#parts;
    const todo = await vault.exclusive((state) => {
      const room = state.rooms.get(uri);
      const hidden = room?.membership?.mode.credentials.hidesIdentities === true;
      return {
        unsubscribe: room?.row.unsubscribe === true,
        index: room?.row.shareIndex === true ? room.row.index : undefined,
        learn: room?.row.status === 'active' && hidden && this.#learns(room),
        ...this.#shares(room),
        former: room?.row.status === 'active' && formerLeaves(room).length > 0,
        bans: room?.row.status === 'active' && hidden ? this.#banWatch.look(room) : undefined,
      };
    });
    if (todo.unsubscribe) {
      await connection.call('unsubscribe', uri, new Uint8Array());
      await this.#inRoom(uri, (row) => {
        row.unsubscribe = false;
      });
    }
    if (todo.index !== undefined) {
      await this.connections.rememberIndex(uri, todo.index);
      await this.#inRoom(uri, (row) => {
        row.shareIndex = false;
      });
    }
    if (status !== 'active') return;
    if (todo.share) await new Room(this.#parts, uri).shareWrapper();
    if (todo.learn) await learnSlots(this.#parts, uri);
    if (todo.owes) await new Room(this.#parts, uri).shareOwed();
    if (todo.former) await removeFormerLeaves(this.#parts, uri);
    if (todo.bans?.report) notices.emit([{ name: 'problem', room: uri, code: 'bannedPresent' }]);
    for (const user of todo.bans?.ban ?? []) await new Room(this.#parts, uri).ban(user);
  }

  /** What this device has to leave for the others now: where others could as well, in its turn. */
  #shares(room: RoomState | undefined): { readonly share: boolean; readonly owes: boolean } {
    if (room === undefined) return { share: false, owes: false };
    const { shareWrapper, owed } = room.row;
    const due = this.#turns.isDue(room, shareWrapper || owed.length > 0);
    return { share: shareWrapper && due, owes: owesOwnLink(room) || (owed.length > 0 && due) };
  }

  /** Whether to ask for what members have left: while the wrapper key lacks, and some times where a link key or ban does. */
  #learns(room: RoomState): boolean {
    const { uri, group, membership, roster } = room;
    if (group === undefined || membership === undefined) return false;
    const { wrapper, linkKeys } = membership.current;
    if (wrapper === undefined) return true;
    const complete = [...roster.values()].every(({ client }) => linkKeys.has(client));
    if (complete && !lacksBans(room)) return false;
    const { epoch } = group;
    const asked = this.#asked.get(uri);
    const tries = asked?.epoch === epoch ? asked.tries : 0;
    this.#asked.set(uri, { epoch, tries: tries + 1 });
    return tries < MAX_ASKED;
  }

  #inRoom(uri: RoomUri, change: (row: RoomRow) => void): Promise<void> {
    return this.#parts.vault.exclusive((state) => {
      const room = state.rooms.get(uri);
      if (room === undefined) return;
      state.touch(room);
      change(room.row);
    });
  }

  /**
   * Keeps in step until the signal comes or the device is closed: syncs, waits out what is passing, and commits
   * others' proposals in its turn. Throws what does not pass by itself: `unauthorized`, `storageFailed`.
   */
  async run(signal?: AbortSignal): Promise<void> {
    const stop =
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    let failures = 0;
    while (!stop.aborted) {
      try {
        await this.sync({ waitMs: this.#autoCommit.waitAtMost(this.#runWaitMs()), signal: stop });
        await this.#autoCommit.commitDue();
        failures = 0;
      } catch (error) {
        if (stop.aborted) return;
        if (!isClientError(error, 'unavailable', 'unknown', 'contended', 'badAnswer')) throw error;
        const { retryAfterMs } = error.details;
        const least = typeof retryAfterMs === 'number' ? retryAfterMs : 0;
        const wait = Math.max(least, backoffMs(failures, 250, 30_000, this.#random));
        failures += 1;
        await pause(wait, stop).catch(() => undefined);
      }
    }
  }

  #runWaitMs(): number {
    const unsent = [...this.#parts.vault.views.values()].some((view) => view.unsent > 0);
    return unsent ? RUN_WAIT_UNSENT_MS : RUN_WAIT_MS;
  }

  /** Ends the device: what is under way comes to its end first, then the storage is closed. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#parts.vault.close();
  }
}

/** A request that cannot go out now is tried again by a later `sync`. */
function ignoreAbsence(error: unknown): void {
  if (!isClientError(error, 'unavailable', 'unknown', 'contended', 'notActive', 'refused')) {
    throw error;
  }
}

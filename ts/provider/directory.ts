// Where a provider keeps what: the shard of a room, the shard of accounts, and the rooms held in memory.

import type { KeyPair } from '../mls/index.ts';
import type { RoomUri } from '../wire/index.ts';
import { ProviderError } from './errors.ts';
import { type HubRoom, loadHubRoom } from './hub/hub_room.ts';
import type { Limits } from './limits.ts';
import { Shard } from './shard.ts';
import type { Store } from './store.ts';

export const ACCOUNTS_SHARD = 'accounts';

/** Where the shards of a provider come from. */
export interface DirectoryDeps {
  readonly store: Store;
  readonly clock: () => number;
  readonly limits: Limits;
  /** Names this process towards the store; the same after a restart only where nobody else can open it. */
  readonly owner: string;
  /** Called once for each shard that another owner has taken. */
  readonly onLost: (shard: string) => void;
  /** Into how many shards rooms are divided; fixed for the life of a store. */
  readonly roomShards: number;
}

/** Drops what is held in memory of a room. */
type Forgetting = (room: RoomUri) => void;

/** The shards of one provider, opened. */
export class Directory {
  readonly accounts: Shard;
  readonly rooms: readonly Shard[];
  readonly #store: Store;
  readonly #loaded: Map<string, HubRoom>;
  readonly #forgetting: Forgetting[];
  #keys: KeyPair | undefined;

  private constructor(
    store: Store,
    accounts: Shard,
    rooms: readonly Shard[],
    memory: { readonly loaded: Map<string, HubRoom>; readonly forgetting: Forgetting[] },
  ) {
    this.#store = store;
    this.accounts = accounts;
    this.rooms = rooms;
    this.#loaded = memory.loaded;
    this.#forgetting = memory.forgetting;
  }

  /** Takes all shards. @throws StoreError `held`. */
  static async open(deps: DirectoryDeps): Promise<Directory> {
    const loaded = new Map<string, HubRoom>();
    const forgetting: Forgetting[] = [];
    const forget = (uri: string) => {
      loaded.get(uri)?.[Symbol.dispose]();
      loaded.delete(uri);
      for (const listener of forgetting) listener(uri as RoomUri);
    };
    const open = (name: string) => Shard.open({ ...deps, name, forget }, deps.owner);
    const accounts = await open(ACCOUNTS_SHARD);
    const rooms: Shard[] = [];
    for (let index = 0; index < deps.roomShards; index++) rooms.push(await open(`rooms-${index}`));
    return new Directory(deps.store, accounts, rooms, { loaded, forgetting });
  }

  /** The shard that holds a room, by a hash of its URI that never changes. */
  shardOf(room: RoomUri): Shard {
    return this.rooms[fnv1a(room) % this.rooms.length] as Shard;
  }

  /**
   * The hub's memory of a room, rebuilt from the store when it is not held.
   * To be called in the turn of the room's shard. @throws ProviderError `unknownRoom`.
   */
  async hubRoom(uri: RoomUri): Promise<HubRoom> {
    const room = await this.findHubRoom(uri);
    if (room === undefined) throw new ProviderError('unknownRoom');
    return room;
  }

  /** As `hubRoom`, `undefined` where there is no such room. */
  async findHubRoom(uri: RoomUri): Promise<HubRoom | undefined> {
    const held = this.#loaded.get(uri);
    if (held !== undefined) return held;
    if (this.#keys === undefined) throw new ProviderError('closed');
    const source = { store: this.#store, shard: this.shardOf(uri).name, keys: this.#keys };
    const room = await loadHubRoom(source, uri);
    if (room !== undefined) this.#loaded.set(uri, room);
    return room;
  }

  /** Gives the keys by which rooms are read; before that none can be loaded. */
  unlock(keys: KeyPair): void {
    this.#keys = keys;
  }

  /** Holds a room that has just been created. */
  hold(room: HubRoom): void {
    this.#loaded.set(room.uri, room);
  }

  /** Calls `listener` when memory of a room is behind the store and must be dropped. */
  onForget(listener: Forgetting): void {
    this.#forgetting.push(listener);
  }

  /** Extends all leases. */
  async renew(): Promise<void> {
    await Promise.all([this.accounts, ...this.rooms].map((shard) => shard.renew()));
  }

  async close(): Promise<void> {
    await Promise.all([this.accounts, ...this.rooms].map((shard) => shard.close()));
    for (const room of this.#loaded.values()) room[Symbol.dispose]();
    this.#loaded.clear();
  }
}

/** FNV-1a, 32 bits, over UTF-16 units: even enough to spread rooms, and the same everywhere. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

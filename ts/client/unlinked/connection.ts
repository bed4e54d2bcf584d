// A connection for accounts whose provider must not map pseudonyms to them: what is about a room that hides identities, or
// a set for one, goes through queues that the provider cannot link to the account. docs/modes/deployments.md, "Consumer".

import { init } from '../../mls/index.ts';
import { isUserPseudonym, modeNamed, PrivacyError, readSubmission } from '../../privacy/index.ts';
import {
  BASIC_CREDENTIAL,
  decodeGroupInfoRequest,
  decodeModeMessage,
  decodeModeRoom,
  decodeOpenSets,
  decodeSealedRequest,
  decodeSubmitMessageRequest,
  decodeUploadKeyPackageSets,
  encodeUploadKeyPackageSets,
  isModeMessage,
  isModeRoom,
  type RoomUri,
  type SetEntry,
} from '../../wire/index.ts';
import { reading } from '../answers.ts';
import { equalBytes } from '../bytes.ts';
import type { CallOptions, ClientOperation, Connection, UnlinkedSets } from '../connection.ts';
import { ClientError, isClientError } from '../errors.ts';
import type { KeyValue } from '../key_value.ts';
import { Queues } from '../queue.ts';
import { DeviceQueues } from './queues.ts';
import type { QueueRow, QueueSet } from './rows.ts';
import { UnlinkedState } from './state.ts';
import { UnlinkedSync } from './sync.ts';
import { TokenStock } from './token_stock.ts';

/** Tokens of a stock: a set in each of 17 places of a device takes one, each room that it creates or joins another. */
const DEFAULT_TOKENS = 48;
const DEFAULT_DELAY_MS = 30 * 60_000;
/** After the longest lifetime of a key package nothing comes to a queue whose set was replaced. */
const MAX_WAIT_MS = 84 * 24 * 3_600_000;
const NONE = new Uint8Array();

/** What goes by the account's connection where it is about no hidden room. Anything else is not sent at all. */
const OF_ACCOUNTS: ReadonlySet<ClientOperation> = new Set<ClientOperation>([
  'register',
  'uploadKeyPackages',
  'keyMaterial',
  'createRoom',
  'update',
  'submitMessage',
  'groupInfo',
  'roomSlots',
  'reportAbuse',
  'unsubscribe',
  'consent',
  'uploadKeyPackageSets',
  'claimKeyPackages',
  'publishContact',
  'contact',
  'letter',
  'letters',
  'note',
]);

export interface UnlinkedOptions {
  /** The account's way to its provider. */
  readonly account: Connection;
  /**
   * Makes a way to the same provider for a queue, whose bearer token is given, or for nobody in particular. Each must be a
   * connection of its own; that all come from one IP address remains, unless they go through a relay.
   */
  readonly anonymous: (bearer?: string) => Connection;
  /**
   * Of this device and for this alone: not the device's own storage, but kept with it, since the device goes on from where
   * these rows are. Closed by `close`.
   */
  readonly storage: KeyValue;
  /** The provider's domain. */
  readonly domain: string;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Random bytes for the names and secrets of queues; default `crypto.getRandomValues`. */
  readonly random?: ((length: number) => Uint8Array) | undefined;
  /** How many tokens are asked for at once; default 48. */
  readonly tokens?: number | undefined;
  /** A low stock is filled at a random moment within this time; milliseconds, default half an hour. */
  readonly refillDelayMs?: number | undefined;
}

/** A connection whose requests go through queues where they must not be linked to the account. */
export interface UnlinkedConnection extends Connection {
  readonly unlinked: UnlinkedSets;
  /**
   * Fills the stock of tokens: to be called when an account is set up, and not when a room is about to be entered. Throws
   * ClientError `unavailable`, `unknown`, `refused`, `badAnswer`, `storageFailed`.
   */
  refill(): Promise<void>;
  /** Closes the storage. */
  close(): Promise<void>;
}

/** Opens the connection on what its storage holds. Throws ClientError `storageFailed`, `wrongStorage`. */
export async function unlinkedConnection(options: UnlinkedOptions): Promise<UnlinkedConnection> {
  await init();
  const random = options.random ?? randomBytes;
  return new Router(options, await UnlinkedState.load(options.storage, random), random);
}

class Router implements UnlinkedConnection {
  readonly unlinked: UnlinkedSets;
  readonly #account: Connection;
  readonly #anonymous: (bearer?: string) => Connection;
  readonly #storage: KeyValue;
  readonly #clock: () => number;
  readonly #state: UnlinkedState;
  readonly #tokens: TokenStock;
  readonly #queues: DeviceQueues;
  readonly #sync: UnlinkedSync;
  /** One decision at a time on which queue is for a room, or for a set. */
  readonly #choosing = new Queues<string>();

  constructor(
    options: UnlinkedOptions,
    state: UnlinkedState,
    random: (length: number) => Uint8Array,
  ) {
    const { account, anonymous, storage, domain, clock = Date.now } = options;
    this.#account = account;
    this.#anonymous = anonymous;
    this.#storage = storage;
    this.#clock = clock;
    this.#state = state;
    this.#tokens = new TokenStock({
      state,
      account,
      anonymous,
      domain,
      clock,
      random,
      batch: options.tokens ?? DEFAULT_TOKENS,
      delayMs: options.refillDelayMs ?? DEFAULT_DELAY_MS,
    });
    this.#queues = new DeviceQueues({ state, tokens: this.#tokens, anonymous, random });
    this.#sync = new UnlinkedSync({ state, account, queues: this.#queues });
    this.unlinked = {
      upload: (tokenHash, body) => this.#upload(tokenHash, body),
      end: (tokenHash) => this.#end(tokenHash),
    };
  }

  async call(
    operation: ClientOperation,
    id: string | undefined,
    body: Uint8Array,
    options: CallOptions = {},
  ): Promise<Uint8Array> {
    if (operation === 'sync') {
      await this.#prune();
      const answer = await this.#sync.sync(body, options);
      await this.#tokens.refillWhenDue();
      return answer;
    }
    // Whose keys are asked for says whom somebody is about to add.
    if (operation === 'providerKeys') return this.#anonymous().call(operation, id, body, options);
    const room = roomOf(operation, id, body);
    const queue = room && (await this.#queueFor(room, operation, body, options));
    if (queue === undefined) {
      if (OF_ACCOUNTS.has(operation)) return this.#account.call(operation, id, body, options);
      throw new ClientError('refused', undefined, { details: { code: 'linkable', operation } });
    }
    const answer = await this.#queues.call(queue, operation, id, body, options);
    if (operation === 'unsubscribe') await this.#left(room as RoomUri, queue);
    return answer;
  }

  refill(): Promise<void> {
    return this.#tokens.refill();
  }

  close(): Promise<void> {
    return this.#storage.close();
  }

  /** The queue that serves a room; a new one for a room that hides identities and has none. */
  #queueFor(
    room: RoomUri,
    operation: ClientOperation,
    body: Uint8Array,
    { hidden = false }: CallOptions,
  ): Promise<QueueRow | undefined> {
    return this.#choosing.run(room, async () => {
      const known = this.#state.queueOf(room);
      if (known !== undefined || !(hidden || hidesIn(operation, body))) return known;
      return this.#queues.create(undefined, ({ id }) => ({ serve: { queue: id, rooms: [room] } }));
    });
  }

  /** A queue ends with the last room that it served, unless somebody may still be about to use its set. */
  async #left(room: RoomUri, queue: QueueRow): Promise<void> {
    await this.#state.change({ dropRoom: room });
    const now = this.#state.queue(queue.id);
    if (now === undefined || now.set !== undefined || this.#state.servesRooms(now)) return;
    await this.#queues.close(now).catch(ignoreAbsence);
  }

  async #upload(tokenHash: Uint8Array, body: Uint8Array): Promise<Uint8Array> {
    const [entry] = decodeUploadKeyPackageSets(body).entries;
    const queue = await this.#choosing.run(nameOf(tokenHash), () => this.#forSet(tokenHash, entry));
    return this.#queues.call(queue, 'uploadKeyPackageSets', undefined, body);
  }

  /** The queue for a part of a set: each set has its own, so that a set is linked to no earlier one of its place. */
  async #forSet(tokenHash: Uint8Array, entry: SetEntry | undefined): Promise<QueueRow> {
    const known = this.#state.queueOfSet(tokenHash);
    const set: QueueSet = {
      tokenHash: tokenHash.slice(),
      id: entry?.id.slice() ?? NONE,
      lastResort: entry?.lastResort ?? false,
      replacedAt: 0,
    };
    const before = known?.set;
    if (known === undefined || before === undefined) return this.#queues.create(set, () => ({}));
    if (entry === undefined || equalBytes(before.id, entry.id)) return known;
    if (before.id.length === 0) {
      const filled = { ...known, set };
      await this.#state.change({ putQueues: [filled] });
      return filled;
    }
    const replaced = { ...known, set: { ...before, replacedAt: this.#clock() } };
    return this.#queues.create(set, () => ({ putQueues: [replaced] }));
  }

  /** What was not claimed is taken back; to what was, a Welcome may be on its way. */
  async #end(tokenHash: Uint8Array): Promise<void> {
    const queue = this.#state.queueOfSet(tokenHash);
    if (queue?.set === undefined) return;
    const ask = encodeUploadKeyPackageSets({ tokenHash, entries: [] });
    const answer = await this.#queues.call(queue, 'uploadKeyPackageSets', undefined, ask);
    const open = reading(() => decodeOpenSets(answer)).some(({ own }) => own);
    const now = this.#state.queue(queue.id);
    if (now?.set === undefined) return;
    const unused = open || now.set.id.length === 0;
    if (unused && !this.#state.servesRooms(now)) return this.#queues.close(now);
    await this.#queues.call(now, 'leaveSet', undefined, NONE);
    await this.#state.change({
      putQueues: [{ ...now, set: { ...now.set, replacedAt: this.#clock() } }],
    });
  }

  /** Ends queues whose set was claimed and replaced, and which nobody has used for longer than a key package lives. */
  async #prune(): Promise<void> {
    const before = this.#clock() - MAX_WAIT_MS;
    for (const queue of this.#state.queues) {
      const replacedAt = queue.set?.replacedAt ?? 0;
      if (replacedAt === 0 || replacedAt > before || this.#state.servesRooms(queue)) continue;
      await this.#queues.close(queue).catch(ignoreAbsence);
    }
  }
}

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));

const nameOf = (tokenHash: Uint8Array): string => `set ${String.fromCharCode(...tokenHash)}`;

/** The room that a request is about. */
function roomOf(
  operation: ClientOperation,
  id: string | undefined,
  body: Uint8Array,
): RoomUri | undefined {
  switch (operation) {
    case 'createRoom':
    case 'update':
    case 'submitMessage':
    case 'groupInfo':
    case 'roomSlots':
    case 'reportAbuse':
    case 'unsubscribe':
      return id as RoomUri | undefined;
    case 'claimKeyPackages':
      return decodeSealedRequest(body).roomUri as RoomUri | undefined;
    default:
      return undefined;
  }
}

/** Whether a request shows that its room hides identities. */
function hidesIn(operation: ClientOperation, body: Uint8Array): boolean {
  switch (operation) {
    case 'createRoom':
      return isModeRoom(body) && hides(decodeModeRoom(body).mode);
    case 'update':
      return hides(readSubmission(body).mode);
    case 'groupInfo':
      return decodeGroupInfoRequest(body).requestingCredential.type !== BASIC_CREDENTIAL;
    case 'submitMessage': {
      const { sendingUri } = isModeMessage(body)
        ? decodeModeMessage(body).request
        : decodeSubmitMessageRequest(body);
      return isUserPseudonym(sendingUri);
    }
    default:
      return false;
  }
}

function hides(mode: string): boolean {
  try {
    return modeNamed(mode).credentials.hidesIdentities;
  } catch (error) {
    // A mode that is not known here: rather a queue too many.
    if (error instanceof PrivacyError) return true;
    throw error;
  }
}

/** What cannot be ended now is ended another time. */
function ignoreAbsence(error: unknown): void {
  if (!isClientError(error, 'unavailable', 'unknown', 'refused')) throw error;
}

// A MIMI provider without hands: requests in, answers out; clock, randomness, store and network are passed in.
// It is the hub of rooms of its own domain and a follower of all others.

import { hash } from '../mls/index.ts';
import { readSubmission } from '../privacy/index.ts';
import {
  asRoomUri,
  asUserUri,
  type ClientUri,
  decodeCreateRoom,
  decodeFanoutMessages,
  decodeGroupInfoRequest,
  decodeKeyMaterialRequest,
  decodeLocalConsent,
  decodeModeMessage,
  decodeModeRoom,
  decodeRegisterDevice,
  decodeRoomSlotsRequest,
  decodeSubmitMessageRequest,
  decodeSyncRequest,
  decodeUploadKeyPackages,
  domainOf,
  encodeGroupInfoResponse,
  encodeKeyMaterialResponse,
  encodeSubmitMessageResponse,
  encodeUpdateRoomResponse,
  encodeUploadKeyPackagesResponse,
  isModeMessage,
  isModeRoom,
  type RoomUri,
  type UserUri,
} from '../wire/index.ts';
import { noteConsent } from './accounts/consent.ts';
import type { HiddenAccountsContext } from './accounts/context.ts';
import { Devices } from './accounts/devices.ts';
import { KeyPackages } from './accounts/key_packages.ts';
import { type AccountOperation, AccountOperations } from './accounts/operations.ts';
import { KnownProviderKeys } from './accounts/provider_keys.ts';
import { openSigningKeys } from './accounts/signing_keys.ts';
import { decodeBody } from './body.ts';
import { Changes } from './changes.ts';
import { Directory } from './directory.ts';
import type { BreakGlassConfig } from './enterprise/break_glass.ts';
import { type Deployment, Enterprise } from './enterprise/enterprise.ts';
import { ProviderError } from './errors.ts';
import { Forward } from './follower/forward.ts';
import { Inboxes } from './follower/inbox.ts';
import { BanLedger } from './hub/ban_ledger.ts';
import type { HubContext, ProviderEvent } from './hub/context.ts';
import { createRoom, draftCreation, modeCreation } from './hub/create_room.ts';
import { type EscrowQuestion, escrowCase } from './hub/escrow_case.ts';
import { FanOut } from './hub/fan_out.ts';
import { giveGroupInfo } from './hub/group_info.ts';
import { takesPart } from './hub/key_material.ts';
import { issueMandate, type MandateChange, type MandateIssued } from './hub/mandates.ts';
import { giveSlots } from './hub/slots.ts';
import { submitMessage } from './hub/submit_message.ts';
import { updateRoom } from './hub/update.ts';
import { inspectRoom, type RoomInspection } from './inspect.ts';
import { KeyMaterial } from './key_material.ts';
import { type Limits, limitsFrom, type SomeLimits } from './limits.ts';
import type { Origin } from './origin.ts';
import type { PeerEndpoint, PeerTransport } from './peers.ts';
import type { DeviceIdentity } from './records/account_rows.ts';
import { roomRows } from './rows.ts';
import type { Store } from './store.ts';
import { type SyncContext, syncDevice } from './sync.ts';

/** What a provider is given by its surroundings. */
export interface ProviderDeps {
  /** The domain that this provider serves, such as `a.example`. */
  readonly domain: string;
  readonly store: Store;
  /** Milliseconds since the epoch of UNIX. */
  readonly clock: () => number;
  /** Cryptographically random bytes. */
  readonly random: (length: number) => Uint8Array;
  readonly peers: PeerTransport;
  readonly report: (event: ProviderEvent) => void;
  readonly limits?: SomeLimits | undefined;
  /** Whether this provider maps pseudonyms to its users. Default `enterprise`. */
  readonly deployment?: Deployment | undefined;
  /** Who may order, in the enterprise deployment, that a pseudonym is opened; without it nobody may. */
  readonly breakGlass?: BreakGlassConfig | undefined;
  /** Into how many shards rooms are divided; fixed for the life of a store. Default 1. */
  readonly roomShards?: number | undefined;
  /** Names this process towards the store; may repeat only where nobody else can open it. Default: the domain. */
  readonly owner?: string | undefined;
  /** Calls back after `ms` milliseconds; returns how to cancel. Default: setTimeout. */
  readonly after?: ((ms: number, callback: () => void) => () => void) | undefined;
}

/** The operations of the local client API. */
export type DeviceOperation =
  | 'register'
  | 'uploadKeyPackages'
  | 'keyMaterial'
  | 'createRoom'
  | 'update'
  | 'submitMessage'
  | 'groupInfo'
  | 'roomSlots'
  | 'sync'
  | 'consent'
  | 'unsubscribe'
  | AccountOperation;

/** An answer: an HTTP status and a body, empty where the operation has none. */
export interface Reply {
  readonly status: number;
  readonly body: Uint8Array;
  readonly retryAfterMs?: number | undefined;
}

const EMPTY = new Uint8Array();

/** Both sides of a provider: hub and follower. */
export class Provider {
  readonly #deps: ProviderDeps;
  readonly #limits: Limits;
  readonly #directory: Directory;
  readonly #hub: HubContext;
  readonly #sync: SyncContext;
  readonly #devices: Devices;
  readonly #keyPackages: KeyPackages;
  readonly #keyMaterial: KeyMaterial;
  readonly #accounts: AccountOperations;
  readonly #inboxes: Inboxes;
  readonly #forward: Forward;
  /** Who is behind pseudonyms: break glass, the audit log, bans of persons. */
  readonly enterprise: Enterprise;
  /** As a hub: what the providers of banned users are asked and have promised. */
  readonly bans: BanLedger;
  readonly #fanOut: FanOut;
  readonly #changes = new Changes();
  readonly #workListeners = new Set<() => void>();

  private constructor(
    deps: ProviderDeps,
    limits: Limits,
    parts: {
      readonly directory: Directory;
      readonly hub: HubContext;
      readonly fanOut: FanOut;
      readonly accounts: HiddenAccountsContext;
      readonly providerKeys: KnownProviderKeys;
      readonly enterprise: Enterprise;
    },
  ) {
    this.#deps = deps;
    this.#limits = limits;
    this.#directory = parts.directory;
    this.#hub = parts.hub;
    this.#fanOut = parts.fanOut;
    const { accounts, providerKeys, enterprise } = parts;
    this.enterprise = enterprise;
    this.bans = new BanLedger(parts.hub, providerKeys);
    this.#devices = new Devices(accounts);
    this.#keyPackages = new KeyPackages(accounts, this.#devices);
    const keys = { devices: this.#devices, keyPackages: this.#keyPackages };
    this.#keyMaterial = new KeyMaterial(parts.hub, keys, deps.peers);
    this.#accounts = new AccountOperations(accounts, this.#devices, {
      providerKeys,
      hubMayRelay: (room, domain) => takesPart(parts.hub, room, domain),
      declare: (user, room, body) => enterprise.declare(user, room, body),
    });
    this.#inboxes = new Inboxes({ ...parts.hub });
    this.#forward = new Forward(deps.domain, deps.peers, this.#inboxes, enterprise.map);
    parts.directory.onForget((room) => this.#inboxes.forget(room));
    this.#sync = {
      ...parts.hub,
      changes: this.#changes,
      after: deps.after ?? afterTimeout,
    };
  }

  /**
   * Takes the store's shards and recovers what they hold.
   * @throws StoreError `held`; ProviderError `corruptRecord`.
   */
  static async open(deps: ProviderDeps): Promise<Provider> {
    const limits = limitsFrom(deps.limits ?? {});
    const directory = await Directory.open({
      ...deps,
      limits,
      owner: deps.owner ?? deps.domain,
      onLost: (shard) => deps.report({ type: 'shardLost', shard }),
      roomShards: deps.roomShards ?? 1,
    });
    const keys = await openSigningKeys(deps.store, directory);
    directory.unlock(keys.sealing);
    const { deployment = 'enterprise', breakGlass, report } = deps;
    const maps = deployment === 'enterprise';
    const accounts: HiddenAccountsContext = { ...deps, limits, directory, keys, maps };
    const providerKeys = new KnownProviderKeys(accounts);
    const options = { deployment, breakGlass, report };
    const enterprise = await Enterprise.open({ ...accounts, providerKeys }, options);
    const hub: HubContext = {
      domain: deps.domain,
      store: deps.store,
      directory,
      limits,
      keys,
      report,
      pseudonyms: enterprise.map,
      othersOf: (domains) => [...domains].filter((domain) => domain !== deps.domain).sort(),
      isPeer: (domain) => deps.peers.domains.includes(domain),
    };
    const fanOut = await FanOut.open({ ...deps, limits, shards: directory.rooms });
    const parts = { directory, hub, fanOut, accounts, providerKeys, enterprise };
    return new Provider(deps, limits, parts);
  }

  /**
   * A request of another provider, whose domain the transport has authenticated.
   * `id` is the URI of the path. Refusals of the protocol are answers; everything else is thrown.
   * @throws ProviderError, WireError, RoomError.
   */
  async fromPeer(
    source: string,
    endpoint: PeerEndpoint,
    id: string,
    body: Uint8Array,
  ): Promise<Reply> {
    this.#requireSize(body);
    const origin: Origin = { kind: 'peer', domain: source };
    switch (endpoint) {
      case 'keyMaterial': {
        const request = decodeBody(decodeKeyMaterialRequest, body);
        const target = decodeBody(asUserUri, id);
        return ok(
          encodeKeyMaterialResponse(await this.#keyMaterial.forPeer(source, target, request)),
        );
      }
      case 'notify':
        return this.#receive(source, decodeBody(asRoomUri, id), body);
      case 'update':
        return this.#update(origin, this.#ownRoom(id), body);
      case 'submitMessage':
        return this.#submit(origin, this.#ownRoom(id), body);
      case 'groupInfo':
        return this.#groupInfo(origin, this.#ownRoom(id), body);
      case 'roomSlots':
        return this.#roomSlots(this.#ownRoom(id), body);
      default:
        return ok(await this.#accounts.fromPeer(source, endpoint, id, body));
    }
  }

  /**
   * A request of a local device, which the server has authenticated.
   * `id` is the URI of the path, `''` where the operation has none.
   * @throws ProviderError, WireError, RoomError.
   */
  async fromDevice(
    device: DeviceIdentity,
    operation: DeviceOperation,
    id: string,
    body: Uint8Array,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Reply> {
    this.#requireSize(body);
    const origin: Origin = { kind: 'device', device };
    this.enterprise.requireNotBanned(device.user, operation, id);
    switch (operation) {
      case 'register':
        await this.#devices.register(device, decodeBody(decodeRegisterDevice, body));
        return ok(EMPTY);
      case 'uploadKeyPackages': {
        const request = decodeBody(decodeUploadKeyPackages, body);
        return ok(encodeUploadKeyPackagesResponse(await this.#keyPackages.upload(device, request)));
      }
      case 'consent': {
        const requester = decodeBody(asUserUri, id);
        const consent = decodeBody(decodeLocalConsent, body);
        await noteConsent(
          { ...this.#deps, directory: this.#directory },
          device.user,
          requester,
          consent,
        );
        return ok(EMPTY);
      }
      case 'keyMaterial': {
        const request = decodeBody(decodeKeyMaterialRequest, body);
        const target = decodeBody(asUserUri, id);
        return ok(
          encodeKeyMaterialResponse(await this.#keyMaterial.forDevice(device, target, request)),
        );
      }
      case 'createRoom':
        return this.#create(device, decodeBody(asRoomUri, id), body);
      case 'update': {
        const room = decodeBody(asRoomUri, id);
        if (this.#isHubOf(room)) return this.#update(origin, room, body);
        return this.#forward.update(device, room, body);
      }
      case 'submitMessage': {
        const room = decodeBody(asRoomUri, id);
        if (this.#isHubOf(room)) return this.#submit(origin, room, body);
        return this.#forward.submitMessage(device, room, body);
      }
      case 'groupInfo': {
        const room = decodeBody(asRoomUri, id);
        if (this.#isHubOf(room)) return this.#groupInfo(origin, room, body);
        return this.#forward.groupInfo(device, room, body);
      }
      case 'roomSlots': {
        const room = decodeBody(asRoomUri, id);
        if (this.#isHubOf(room)) return this.#roomSlots(room, body);
        return this.#forward.roomSlots(room, body);
      }
      case 'sync': {
        const request = decodeBody(decodeSyncRequest, body);
        return ok(await syncDevice(this.#sync, device.client, request, options.signal));
      }
      case 'unsubscribe':
        await this.#unsubscribe(device.client, decodeBody(asRoomUri, id));
        return ok(EMPTY);
      default:
        return ok(await this.#accounts.fromDevice(device, operation, id, body));
    }
  }

  /** Makes a token for a device; an older token of the device ends. @throws ProviderError `wrongDevice`. */
  mintDevice(user: UserUri, client: ClientUri): Promise<string> {
    return this.#devices.mint({ user, client });
  }

  /** The device that a token stands for. */
  authenticate(token: string): Promise<DeviceIdentity | undefined> {
    return this.#devices.authenticate(token);
  }

  /** Ends the token of a device. */
  revokeDevice(client: ClientUri): Promise<void> {
    return this.#devices.revoke(client);
  }

  /** Delivers to followers what can be delivered now; may be called again while it runs. */
  deliver(): Promise<void> {
    return this.#fanOut.deliver();
  }

  /** When the next retry of a delivery is due, in milliseconds since the epoch of UNIX. */
  get nextRetryAt(): number | undefined {
    return this.#fanOut.nextRetryAt;
  }

  /** How many records each follower has still to be served. */
  backlog(): ReturnType<FanOut['backlog']> {
    return this.#fanOut.backlog();
  }

  /** What this provider holds of a room. @throws ProviderError `unknownRoom`. */
  inspect(room: RoomUri): Promise<RoomInspection> {
    return inspectRoom(this.#hub, room);
  }

  /**
   * Orders a change of a room that the next commit of a member must carry out, whatever its role.
   * @throws ProviderError `notHub`, `unknownRoom`, `mandateOpen`, `wrongMandate`, `mandateImpossible`.
   */
  async mandate(room: RoomUri, change: MandateChange): Promise<MandateIssued> {
    const input = issueMandate(this.#hub, this.#ownRoom(room), change);
    const issued = await this.#directory.shardOf(room).run(input);
    this.#announce(room);
    return issued;
  }

  /**
   * As the hub: an EscrowCase, by which the two escrow parties of a room open one pseudonym. The audit log says so before.
   * @throws ProviderError `notHub`, `unknownRoom`, `unknownPseudonym`.
   */
  escrowCase(room: RoomUri, pseudonym: UserUri, asked: EscrowQuestion): Promise<Uint8Array> {
    return escrowCase(this.#hub, this.#ownRoom(room), pseudonym, asked);
  }

  /** Calls `listener` when there is something new to deliver. Returns how to stop. */
  onWork(listener: () => void): () => void {
    this.#workListeners.add(listener);
    return () => this.#workListeners.delete(listener);
  }

  /** Extends the leases of the store's shards; to be called well within `limits.leaseMs`. */
  renew(): Promise<void> {
    return this.#directory.renew();
  }

  /** Finishes what has been taken in, then gives the store's shards back. */
  async close(): Promise<void> {
    this.#fanOut.close();
    await this.#directory.close();
  }

  #isHubOf(room: RoomUri): boolean {
    return domainOf(room) === this.#deps.domain;
  }

  #ownRoom(id: string): RoomUri {
    const room = decodeBody(asRoomUri, id);
    if (!this.#isHubOf(room)) throw new ProviderError('notHub');
    return room;
  }

  #requireSize(body: Uint8Array): void {
    const limit = this.#limits.requestBytes;
    if (body.length > limit) throw new ProviderError('tooLarge', undefined, { details: { limit } });
  }

  async #create(device: DeviceIdentity, room: RoomUri, body: Uint8Array): Promise<Reply> {
    const creation = isModeRoom(body)
      ? decodeBody(decodeModeRoom, body)
      : decodeBody(decodeCreateRoom, body);
    if (creation.roomUri !== room) {
      throw new ProviderError('badRequest', 'The room of the path is not that of the body.', {
        details: { path: '/roomUri' },
      });
    }
    const asked =
      'hubPart' in creation
        ? modeCreation(this.#hub, room, creation)
        : draftCreation(room, creation);
    await this.enterprise.noteCreator(device.user, asked);
    const input = createRoom(this.#hub, device, { ...asked, requestId: hash(1, body) });
    const answer = await this.#directory.shardOf(room).run(input);
    this.#announce(room, device.client);
    return ok(encodeUpdateRoomResponse(answer));
  }

  async #update(origin: Origin, room: RoomUri, body: Uint8Array): Promise<Reply> {
    const submission = decodeBody(readSubmission, body);
    const mailed: ClientUri[] = [];
    const input = updateRoom(this.#hub, origin, room, submission, mailed);
    const answer = await this.#directory.shardOf(room).run(input);
    // A device that has just joined is served the room from its own commit on.
    if (origin.kind === 'device') mailed.push(origin.device.client);
    if (answer.code === 'success') this.#announce(room, ...mailed);
    return ok(encodeUpdateRoomResponse(answer));
  }

  async #submit(origin: Origin, room: RoomUri, body: Uint8Array): Promise<Reply> {
    const { request, proof } = isModeMessage(body)
      ? decodeBody(decodeModeMessage, body)
      : { request: decodeBody(decodeSubmitMessageRequest, body), proof: undefined };
    const input = submitMessage(this.#hub, origin, room, request, proof);
    const answer = await this.#directory.shardOf(room).run(input);
    if (answer.code === 'accepted') this.#announce(room);
    return ok(encodeSubmitMessageResponse(answer));
  }

  async #groupInfo(origin: Origin, room: RoomUri, body: Uint8Array): Promise<Reply> {
    const request = decodeBody(decodeGroupInfoRequest, body);
    const input = giveGroupInfo(this.#hub, origin, room, request);
    return ok(encodeGroupInfoResponse(await this.#directory.shardOf(room).run(input)));
  }

  async #roomSlots(room: RoomUri, body: Uint8Array): Promise<Reply> {
    const request = decodeBody(decodeRoomSlotsRequest, body);
    const input = giveSlots(this.#hub, room, request);
    return ok(await this.#directory.shardOf(room).run(input));
  }

  async #receive(source: string, room: RoomUri, body: Uint8Array): Promise<Reply> {
    const messages = decodeBody(decodeFanoutMessages, body);
    const clients = await this.#inboxes.receive(source, room, messages);
    this.#changes.announce(room, ...clients);
    return { status: 201, body: EMPTY };
  }

  async #unsubscribe(client: ClientUri, room: RoomUri): Promise<void> {
    await this.#directory.shardOf(room).run({
      decide: () => ({
        answer: undefined,
        rows: [
          { key: roomRows.subscription(client, room), value: undefined },
          { key: roomRows.subscriptionEnd(client, room), value: undefined },
        ],
      }),
    });
  }

  #announce(room: RoomUri, ...clients: readonly ClientUri[]): void {
    this.#changes.announce(room, ...clients);
    for (const listener of this.#workListeners) listener();
  }
}

function ok(body: Uint8Array): Reply {
  return { status: 200, body };
}

function afterTimeout(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

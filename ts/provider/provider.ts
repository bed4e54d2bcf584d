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
import { FrankingKeyring } from './accounts/franking_keys.ts';
import { IssuerKeys } from './accounts/issuer_keys.ts';
import { KeyPackages } from './accounts/key_packages.ts';
import { AccountOperations, type AnonymousOperation } from './accounts/operations.ts';
import { KnownProviderKeys } from './accounts/provider_keys.ts';
import { openSigningKeys } from './accounts/signing_keys.ts';
import { decodeBody } from './body.ts';
import { Changes } from './changes.ts';
import { requireUnlinkable } from './deployment.ts';
import type { ProviderDeps } from './deps.ts';
import { Directory } from './directory.ts';
import { Enterprise } from './enterprise/enterprise.ts';
import { ProviderError } from './errors.ts';
import { Forward } from './follower/forward.ts';
import { Inboxes } from './follower/inbox.ts';
import { BanLedger } from './hub/ban_ledger.ts';
import type { HubContext } from './hub/context.ts';
import { createRoom, draftCreation, modeCreation } from './hub/create_room.ts';
import { type EscrowQuestion, escrowCase } from './hub/escrow_case.ts';
import { FanOut } from './hub/fan_out.ts';
import { giveGroupInfo } from './hub/group_info.ts';
import { takesPart } from './hub/key_material.ts';
import { issueMandate, type MandateChange, type MandateIssued } from './hub/mandates.ts';
import { listReports, settleReport, takeReport } from './hub/reports.ts';
import { giveSlots } from './hub/slots.ts';
import { submitMessage } from './hub/submit_message.ts';
import { updateRoom } from './hub/update.ts';
import { inspectRoom, type RoomInspection } from './inspect.ts';
import { KeyMaterial } from './key_material.ts';
import { type Limits, limitsFrom } from './limits.ts';
import type { DeviceOperation } from './operations.ts';
import type { Origin } from './origin.ts';
import type { PeerEndpoint } from './peers.ts';
import type { DeviceIdentity } from './records/account_rows.ts';
import type { KeptReport } from './records/report_row.ts';
import { ok, type Reply } from './reply.ts';
import { endSubscription } from './subscription.ts';
import { type SyncContext, syncDevice } from './sync.ts';

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
      readonly issuer: IssuerKeys | undefined;
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
      issuer: parts.issuer,
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
    const franking = await FrankingKeyring.open({
      ...deps,
      directory,
      windowMs: limits.reportWindowMs,
    });
    const { deployment = 'enterprise', breakGlass, report } = deps;
    const maps = deployment === 'enterprise';
    const accounts: HiddenAccountsContext = { ...deps, limits, directory, keys, franking, maps };
    const issuer = maps ? undefined : await IssuerKeys.open({ ...deps, directory, limits });
    const providerKeys = new KnownProviderKeys(accounts, issuer?.tokenKey);
    const options = { deployment, breakGlass, report };
    const enterprise = await Enterprise.open({ ...accounts, providerKeys }, options);
    const hub: HubContext = {
      domain: deps.domain,
      store: deps.store,
      directory,
      limits,
      keys,
      franking,
      report,
      pseudonyms: enterprise.map,
      othersOf: (domains) => [...domains].filter((domain) => domain !== deps.domain).sort(),
      isPeer: (domain) => deps.peers.domains.includes(domain),
    };
    const fanOut = await FanOut.open({ ...deps, limits, shards: directory.rooms });
    const parts = { directory, hub, fanOut, issuer, accounts, providerKeys, enterprise };
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
      case 'reportAbuse':
        return this.#report(origin, this.#ownRoom(id), body);
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
    const { deployment = 'enterprise' } = this.#deps;
    const context = { ...this.#deps, deployment, directory: this.#directory };
    await requireUnlinkable(context, device, operation, id, body);
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
      case 'reportAbuse': {
        const room = decodeBody(asRoomUri, id);
        if (this.#isHubOf(room)) return this.#report(origin, room, body);
        return this.#forward.reportAbuse(device, room, body);
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

  /**
   * A request of nobody in particular: nothing about it tells whose it is.
   * @throws ProviderError, WireError.
   */
  async fromAnybody(operation: AnonymousOperation, id: string, body: Uint8Array): Promise<Reply> {
    this.#requireSize(body);
    return ok(await this.#accounts.fromAnybody(operation, id, body));
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

  /** The reports of abuse of a room, in no order. @throws ProviderError `notHub`, `corruptRecord`. */
  reports(room: RoomUri): Promise<KeptReport[]> {
    return listReports(this.#hub, this.#ownRoom(room));
  }

  /**
   * The operator is done with a report, by its id: it is deleted, and the room can have another one in its place.
   * @throws ProviderError `notHub`, `unknownReport`.
   */
  async settleReport(room: RoomUri, id: string): Promise<void> {
    await this.#directory.shardOf(this.#ownRoom(room)).run(settleReport(room, id));
  }

  /**
   * Makes new franking keys, which rooms to come name; rooms that are there go on with theirs. A retired key recognizes
   * what it has franked for `limits.reportWindowMs`.
   */
  rotateFrankingKeys(): Promise<void> {
    return this.#hub.franking.rotate();
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
    const submitted = isModeMessage(body)
      ? decodeBody(decodeModeMessage, body)
      : { request: decodeBody(decodeSubmitMessageRequest, body), proof: undefined };
    const input = submitMessage(this.#hub, origin, room, submitted);
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

  async #report(origin: Origin, room: RoomUri, body: Uint8Array): Promise<Reply> {
    await this.#directory.shardOf(room).run(takeReport(this.#hub, origin, room, body));
    return { status: 201, body: EMPTY };
  }

  async #receive(source: string, room: RoomUri, body: Uint8Array): Promise<Reply> {
    const messages = decodeBody(decodeFanoutMessages, body);
    const clients = await this.#inboxes.receive(source, room, messages);
    this.#changes.announce(room, ...clients);
    return { status: 201, body: EMPTY };
  }

  #unsubscribe(client: ClientUri, room: RoomUri): Promise<void> {
    return this.#directory.shardOf(room).run(endSubscription(client, room));
  }

  #announce(room: RoomUri, ...clients: readonly ClientUri[]): void {
    this.#changes.announce(room, ...clients);
    for (const listener of this.#workListeners) listener();
  }
}

function afterTimeout(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

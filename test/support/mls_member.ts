// A member without a client: an MLS group and the requests of the local API, made by hand, so that a test decides
// what is sent when.

import {
  type CommitBundle,
  type CommitOptions,
  type ComponentChange,
  createKeyPackage,
  decryptWithLabel,
  Group,
  generateHpkeKeyPair,
  Identity,
  inspectKeyPackage,
  MemberStore,
  type Processed,
} from '../../ts/mls/index.ts';
import { resolveChanges } from '../../ts/privacy/index.ts';
import type { DeviceIdentity, DeviceOperation } from '../../ts/provider/index.ts';
import {
  encodeParticipantListUpdate,
  initialComponents,
  MEMBER_ROLE,
  NO_ROLE,
  PARTICIPANT_LIST,
  participantListUpdate,
  participantOf,
  resolveComponent,
  roleOf,
  rosterOf,
  stateOf,
} from '../../ts/room/index.ts';
import {
  APP_DATA_DICTIONARY,
  asClientUri,
  asUserUri,
  BASIC_CREDENTIAL,
  clientUri,
  decodeGroupInfoRatchetTreeTBE,
  decodeGroupInfoResponse,
  decodeKeyMaterialResponse,
  decodeMlsMessage,
  decodeSubmitMessageResponse,
  decodeUpdateRoomResponse,
  encodeClientIdentity,
  encodeCreateRoom,
  encodeGroupInfoRequest,
  encodeGroupInfoRequestTBS,
  encodeKeyMaterialRequest,
  encodeKeyMaterialRequestTBS,
  encodeLocalConsent,
  encodeRegisterDevice,
  encodeSubmitMessageRequest,
  encodeUpdateRequest,
  encodeUploadKeyPackages,
  groupIdOf,
  type HandshakeView,
  type PrivateMessageView,
  proposalTypes,
  type RoomUri,
  type SubmitMessageResponse,
  type UpdateRoomResponse,
  type UserUri,
  userUri,
  type WelcomeMessageView,
} from '../../ts/wire/index.ts';

/** Brings a request of the local API to a device's provider and gives the body of the answer. */
export type Call = (
  device: DeviceIdentity,
  operation: DeviceOperation,
  id: string,
  body: Uint8Array,
) => Promise<Uint8Array>;

const utf8 = new TextEncoder();

/** What a commit is made of: as for a group, and what becomes of users. */
export interface MemberCommit extends Omit<CommitOptions, 'components'> {
  /** Of users who are added. Default: a member. */
  readonly role?: number | undefined;
  /** Of others. */
  readonly roles?: ReadonlyMap<string, number> | undefined;
}

/** One client with its keys, and its group once it has one. */
export class MlsMember {
  readonly device: DeviceIdentity;
  readonly store = MemberStore.create();
  readonly identity: Identity;
  readonly #call: Call;
  #group: Group | undefined;
  /** Leaves that proposals of an epoch take out. */
  #leaving: { readonly epoch: bigint; readonly leaf: number }[] = [];

  /** `name` as in `alice-1`: the user, then the number of the client. */
  constructor(call: Call, domain: string, name: string) {
    this.#call = call;
    this.device = {
      user: asUserUri(userUri(domain, name.split('-')[0] ?? name)),
      client: asClientUri(clientUri(domain, name)),
    };
    const bytes = encodeClientIdentity({
      userUri: this.device.user,
      clientUri: this.device.client,
    });
    this.identity = Identity.create(this.store, 1, { type: 1, bytes });
  }

  get group(): Group {
    if (this.#group === undefined) throw new Error(`${this.device.client} has no group`);
    return this.#group;
  }

  /** Makes itself known and uploads key packages. */
  async register(keyPackages = 2): Promise<void> {
    const { signatureKey } = this.identity;
    const { client } = this.device;
    await this.call(
      'register',
      '',
      encodeRegisterDevice({ clientUri: client, suite: 1, signatureKey }),
    );
    await this.call(
      'uploadKeyPackages',
      '',
      encodeUploadKeyPackages({
        keyPackages: Array.from(
          { length: keyPackages },
          () => createKeyPackage(this.store, this.identity).keyPackage,
        ),
        lastResort: undefined,
      }),
    );
  }

  /** Lets a user claim its key packages. */
  async allow(user: UserUri): Promise<void> {
    await this.call(
      'consent',
      user,
      encodeLocalConsent({ operation: 'grant', roomUri: undefined }),
    );
  }

  /** Makes the group of a room, with the state that every room begins with. */
  createGroup(room: RoomUri): Group {
    this.#group = Group.create(this.store, this.identity, groupIdOf(room), {
      components: initialComponents({ mode: 'open', creator: this.device.user }),
      required: {
        extensions: [APP_DATA_DICTIONARY],
        proposals: [proposalTypes.appDataUpdate, proposalTypes.selfRemove],
        credentials: [BASIC_CREDENTIAL],
      },
    });
    return this.#group;
  }

  async createRoom(room: RoomUri): Promise<UpdateRoomResponse> {
    const group = this.createGroup(room);
    const body = encodeCreateRoom({
      roomUri: room,
      groupInfo: group.groupInfo(),
      ratchetTree: group.ratchetTree(),
    });
    return decodeUpdateRoomResponse(await this.call('createRoom', room, body));
  }

  /** Claims a key package of every client of a user. */
  async claim(room: RoomUri, target: UserUri): Promise<Uint8Array[]> {
    const { identity } = this;
    const tbs = {
      protocol: 'mls10',
      requestingUser: this.device.user,
      targetUser: target,
      roomId: room,
      acceptableCipherSuites: [1],
      requiredCapabilities: { extensions: [], proposals: [], credentials: [] },
      requesterSignatureKey: identity.signatureKey,
      requesterCredential: identity.credential,
    } as const;
    const signature = identity.sign('KeyMaterialRequestTBS', encodeKeyMaterialRequestTBS(tbs));
    const body = encodeKeyMaterialRequest({ ...tbs, signature });
    const answer = decodeKeyMaterialResponse(await this.call('keyMaterial', target, body));
    return answer.clients.map((client) => {
      if (client.clientStatus !== 'success') throw new Error(`${client.clientUri} has none`);
      return client.keyPackage;
    });
  }

  /** Joins by a Welcome. */
  join(welcome: Uint8Array, ratchetTree: Uint8Array): void {
    this.#group = Group.join(this.store, welcome, ratchetTree);
  }

  /** Fetches the GroupInfo and stages an external commit, which stays pending. */
  async joinExternally(room: RoomUri): Promise<CommitBundle> {
    const keys = generateHpkeKeyPair(1);
    const tbs = {
      protocol: 'mls10',
      cipherSuite: 1,
      requestingSignatureKey: this.identity.signatureKey,
      requestingCredential: this.identity.credential,
      groupInfoPublicKey: keys.publicKey,
    } as const;
    const signature = this.identity.sign('GroupInfoRequestTBS', encodeGroupInfoRequestTBS(tbs));
    const request = encodeGroupInfoRequest({ ...tbs, signature });
    const answer = decodeGroupInfoResponse(await this.call('groupInfo', room, request));
    if (answer.status !== 'success') throw new Error(`the hub answered ${answer.status}`);
    const opened = decodeGroupInfoRatchetTreeTBE(
      decryptWithLabel(
        1,
        keys.privateKey,
        'GroupInfo and ratchet_tree encryption',
        utf8.encode(room),
        answer.encryptedGroupInfoAndTree,
      ),
    );
    if (opened.ratchetTree.representation !== 'full') throw new Error('a full tree is expected');
    const joined = Group.joinExternally(
      this.store,
      this.identity,
      opened.groupInfo,
      opened.ratchetTree.ratchetTree,
    );
    this.#group = joined.group;
    return { ...joined, newEpoch: joined.group.epoch };
  }

  /**
   * Makes a commit, which stays pending, and changes the participant list with it: who is added gets its role, and who
   * loses its last client loses its place.
   */
  commit({ role = MEMBER_ROLE, roles, ...options }: MemberCommit = {}): CommitBundle {
    const wanted = new Map([...this.#rolesAfter(options, role), ...(roles ?? [])]);
    return this.group.commit({ ...options, components: this.#listChange(wanted) });
  }

  #rolesAfter({ add = [], remove = [] }: CommitOptions, role: number): Map<string, number> {
    const { group } = this;
    const state = stateOf(group.components());
    const roles = new Map<string, number>();
    for (const keyPackage of add) {
      const { user } = participantOf(inspectKeyPackage(keyPackage).credential);
      if (roleOf(state, user) === NO_ROLE) roles.set(user, role);
    }
    const leaving = this.#leaving.filter(({ epoch }) => epoch === group.epoch);
    const gone = new Set([...remove, ...leaving.map(({ leaf }) => leaf)]);
    if (gone.size === 0) return roles;
    const leaves = [...rosterOf(group.members()).values()];
    const stay = new Set(leaves.filter(({ leafIndex }) => !gone.has(leafIndex)).map(userOf));
    for (const user of leaves.map(userOf)) if (!stay.has(user)) roles.set(user, NO_ROLE);
    return roles;
  }

  #listChange(roles: ReadonlyMap<string, number>): ComponentChange[] {
    const { participants } = stateOf(this.group.components());
    const users = [...roles].map(([user, role]) => ({ user, role }));
    const change = participantListUpdate(participants, users);
    if (Object.values(change).every(({ length }) => length === 0)) return [];
    const update = encodeParticipantListUpdate(change);
    const current = this.group.component(PARTICIPANT_LIST);
    const value = resolveComponent(PARTICIPANT_LIST, current, [update]);
    return [{ id: PARTICIPANT_LIST, update, value }];
  }

  /** Makes the proposal that a leaf is removed, which this member's next commit covers too. */
  proposeRemoval(leaf: number): Uint8Array {
    const message = this.group.propose({ remove: leaf });
    this.#leaving.push({ epoch: this.group.epoch, leaf });
    return message;
  }

  /** Posts a commit; `groupInfo` replaces the right one. */
  async update(
    room: RoomUri,
    bundle: CommitBundle,
    groupInfo = bundle.groupInfo,
  ): Promise<UpdateRoomResponse> {
    const body = commitRequest(bundle, groupInfo);
    return decodeUpdateRoomResponse(await this.call('update', room, body));
  }

  /** Posts a proposal. */
  async propose(room: RoomUri, message: Uint8Array): Promise<UpdateRoomResponse> {
    const body = encodeUpdateRequest({
      kind: 'proposal',
      message: decodeMlsMessage(message) as HandshakeView,
      moreProposals: [],
    });
    return decodeUpdateRoomResponse(await this.call('update', room, body));
  }

  /** Posts an application message that `group.encrypt` gave. */
  async submit(room: RoomUri, message: Uint8Array): Promise<SubmitMessageResponse> {
    const body = encodeSubmitMessageRequest({
      protocol: 'mls10',
      appMessage: decodeMlsMessage(message) as PrivateMessageView,
      sendingUri: this.device.user,
    });
    return decodeSubmitMessageResponse(await this.call('submitMessage', room, body));
  }

  /** Takes another member's commit: its own pending one has lost. */
  follow(commit: Uint8Array): void {
    if (this.group.hasPendingCommit) this.group.discardPending();
    const processed = this.process(commit);
    if (processed.kind !== 'commit') throw new Error(`a commit, not ${processed.kind}`);
    this.group.accept(processed.staged);
  }

  process(message: Uint8Array): Processed {
    const processed = this.group.process(message, resolveChanges);
    if (processed.kind === 'proposal' && processed.removed !== undefined) {
      this.#leaving.push({ epoch: processed.epoch, leaf: processed.removed });
    }
    return processed;
  }

  call(operation: DeviceOperation, id: string, body: Uint8Array): Promise<Uint8Array> {
    return this.#call(this.device, operation, id, body);
  }

  /** The members' common secret state, as text; undefined once the member is out. */
  get authenticator(): string {
    return Buffer.from(this.group.epochAuthenticator()).toString('hex');
  }
}

const userOf = ({ user }: { readonly user: UserUri }) => user;

/** The body of an update that carries a commit. */
export function commitRequest(bundle: CommitBundle, groupInfo = bundle.groupInfo): Uint8Array {
  const welcome =
    bundle.welcome === undefined
      ? undefined
      : (decodeMlsMessage(bundle.welcome) as WelcomeMessageView).welcome.bytes;
  return encodeUpdateRequest({
    kind: 'commit',
    message: decodeMlsMessage(bundle.commit) as HandshakeView,
    welcome,
    groupInfo: { representation: 'full', groupInfo },
    ratchetTree: { representation: 'distributionService' },
  });
}

/** A GroupInfo of the right epoch with a signature that does not verify: it stands at the end. */
export function damaged(groupInfo: Uint8Array): Uint8Array {
  return groupInfo.map((byte, at) => (at === groupInfo.length - 1 ? byte ^ 1 : byte));
}

/** Creates the room with the first member, its owner, and adds the others in one commit, as members unless told. */
export async function convene(
  room: RoomUri,
  members: readonly MlsMember[],
  role?: number,
): Promise<void> {
  const [creator, ...guests] = members;
  if (creator === undefined) throw new Error('a room needs a creator');
  const created = await creator.createRoom(room);
  if (created.code !== 'success') throw new Error(`the room was not created: ${created.code}`);
  if (guests.length > 0) await add(room, creator, [], guests, role);
}

/** `by` adds guests with one commit; `others` follow it and the guests join. */
export async function add(
  room: RoomUri,
  by: MlsMember,
  others: readonly MlsMember[],
  guests: readonly MlsMember[],
  role?: number,
): Promise<CommitBundle> {
  const keyPackages: Uint8Array[] = [];
  for (const guest of guests) {
    await guest.allow(by.device.user);
    keyPackages.push(...(await by.claim(room, guest.device.user)));
  }
  const bundle = by.commit({ add: keyPackages, role });
  const answer = await by.update(room, bundle);
  if (answer.code !== 'success') throw new Error(`${answer.code}: ${answer.errorDescription}`);
  by.group.acceptPending();
  for (const other of others) other.follow(bundle.commit);
  const tree = by.group.ratchetTree();
  for (const guest of guests) guest.join(bundle.welcome as Uint8Array, tree);
  return bundle;
}

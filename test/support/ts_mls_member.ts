// A member of a group by ts-mls, another implementation of RFC 9420: bytes in, bytes out, as ours takes and gives.

import {
  type CiphersuiteImpl,
  type ClientState,
  createApplicationMessage,
  createCommit,
  createGroup,
  createGroupInfoWithExternalPub,
  createProposal,
  decode,
  defaultCredentialTypes,
  defaultProposalTypes,
  type Encoder,
  encode,
  generateKeyPackage,
  getCiphersuiteImpl,
  joinGroup,
  joinGroupExternal,
  type KeyPackage,
  keyPackageDecoder,
  keyPackageEncoder,
  type MlsContext,
  type MlsMessage,
  mlsExporter,
  mlsMessageDecoder,
  mlsMessageEncoder,
  type PrivateKeyPackage,
  type Proposal,
  processMessage,
  protocolVersions,
  unsafeTestingAuthenticationService,
  wireformats,
} from 'ts-mls';
// ts-mls does not export the codec of a tree by itself.
import {
  ratchetTreeDecoder,
  ratchetTreeEncoder,
} from '../../node_modules/ts-mls/dist/src/ratchetTree.js';

const suiteNames = {
  1: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
  3: 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519',
} as const;

/** The suites that ts-mls has without further packages than those of this project. */
export type TsMlsSuite = keyof typeof suiteNames;

const supported = new Map<TsMlsSuite, Promise<CiphersuiteImpl>>();

function implementation(suite: TsMlsSuite): Promise<CiphersuiteImpl> {
  const known = supported.get(suite) ?? getCiphersuiteImpl(suiteNames[suite]);
  supported.set(suite, known);
  return known;
}

function message(bytes: Uint8Array): MlsMessage {
  const [decoded, end] = mlsMessageDecoder(bytes, 0) ?? [undefined, 0];
  if (decoded === undefined || end !== bytes.length) throw new Error('ts-mls cannot decode this');
  return decoded;
}

const bytesOf = <T>(encoder: Encoder<T>, value: T): Uint8Array => encode(encoder, value);

function keyPackageOf(bytes: Uint8Array): KeyPackage {
  const decoded = decode(keyPackageDecoder, bytes);
  if (decoded === undefined) throw new Error('ts-mls cannot decode this key package');
  return decoded;
}

function treeOf(bytes: Uint8Array) {
  const decoded = decode(ratchetTreeDecoder, bytes);
  if (decoded === undefined) throw new Error('ts-mls cannot decode this tree');
  return decoded;
}

export interface TsMlsCommit {
  /** An MLSMessage that carries a PublicMessage. */
  readonly commit: Uint8Array;
  /** An MLSMessage that carries a Welcome. */
  readonly welcome: Uint8Array | undefined;
}

/** One client of ts-mls; `state` is there once it is in a group, and is never changed in place. */
export class TsMlsMember {
  readonly context: MlsContext;
  readonly #public: KeyPackage;
  readonly #private: PrivateKeyPackage;
  #state: ClientState | undefined;

  private constructor(context: MlsContext, made: Awaited<ReturnType<typeof generateKeyPackage>>) {
    this.context = context;
    this.#public = made.publicPackage;
    this.#private = made.privatePackage;
  }

  /** A client with this basic credential and one key package. */
  static async create(suite: TsMlsSuite, identity: Uint8Array): Promise<TsMlsMember> {
    const cipherSuite = await implementation(suite);
    const context = { cipherSuite, authService: unsafeTestingAuthenticationService };
    return new TsMlsMember(
      context,
      await generateKeyPackage({
        credential: { credentialType: defaultCredentialTypes.basic, identity },
        cipherSuite,
        // Its default would mix random values in.
        capabilities: {
          versions: [protocolVersions.mls10],
          ciphersuites: [suite],
          extensions: [],
          proposals: [],
          credentials: [defaultCredentialTypes.basic],
        },
      }),
    );
  }

  get state(): ClientState {
    if (this.#state === undefined) throw new Error('This client of ts-mls is in no group.');
    return this.#state;
  }

  /** Goes back or forth to a state: they are values. */
  set state(state: ClientState) {
    this.#state = state;
  }

  get epoch(): bigint {
    return this.state.groupContext.epoch;
  }

  get leafIndex(): number {
    return this.state.privatePath.leafIndex;
  }

  get isActive(): boolean {
    return this.state.groupActiveState.kind === 'active';
  }

  /** The KeyPackage struct. */
  get keyPackage(): Uint8Array {
    return bytesOf(keyPackageEncoder, this.#public);
  }

  get tree(): Uint8Array {
    return bytesOf(ratchetTreeEncoder, this.state.ratchetTree);
  }

  get epochAuthenticator(): Uint8Array {
    return this.state.keySchedule.epochAuthenticator;
  }

  async create(groupId: Uint8Array): Promise<void> {
    this.#state = await createGroup({
      context: this.context,
      groupId,
      keyPackage: this.#public,
      privateKeyPackage: this.#private,
    });
  }

  async join(welcome: Uint8Array, tree: Uint8Array): Promise<void> {
    const decoded = message(welcome);
    if (decoded.wireformat !== wireformats.mls_welcome) throw new Error('This is no Welcome.');
    this.#state = await joinGroup({
      context: this.context,
      welcome: decoded.welcome,
      keyPackage: this.#public,
      privateKeys: this.#private,
      ratchetTree: treeOf(tree),
    });
  }

  /** Joins by an external commit, whose MLSMessage it gives; `groupInfo` is the struct. */
  async joinExternally(groupInfo: Uint8Array, tree: Uint8Array): Promise<Uint8Array> {
    const header = [0, protocolVersions.mls10, 0, wireformats.mls_group_info];
    const decoded = message(Uint8Array.from([...header, ...groupInfo]));
    if (decoded.wireformat !== wireformats.mls_group_info) throw new Error('no GroupInfo');
    const { publicMessage, newState } = await joinGroupExternal({
      context: this.context,
      groupInfo: decoded.groupInfo,
      keyPackage: this.#public,
      privateKeys: this.#private,
      tree: treeOf(tree),
      resync: false,
    });
    this.#state = newState;
    return bytesOf(mlsMessageEncoder, {
      version: protocolVersions.mls10,
      wireformat: wireformats.mls_public_message,
      publicMessage,
    });
  }

  /** The GroupInfo struct, with external_pub as ts-mls writes it. */
  async groupInfo(): Promise<Uint8Array> {
    const groupInfo = await createGroupInfoWithExternalPub(
      this.state,
      [],
      this.context.cipherSuite,
    );
    return bytesOf(mlsMessageEncoder, {
      version: protocolVersions.mls10,
      wireformat: wireformats.mls_group_info,
      groupInfo,
    }).subarray(4);
  }

  /** Commits all queued proposals and those named, and goes into the new epoch; an update when there are none. */
  async commit(
    options: { readonly add?: readonly Uint8Array[]; readonly remove?: readonly number[] } = {},
  ): Promise<TsMlsCommit> {
    const extraProposals: Proposal[] = [
      ...(options.remove ?? []).map((removed) => ({
        proposalType: defaultProposalTypes.remove,
        remove: { removed },
      })),
      ...(options.add ?? []).map((bytes) => ({
        proposalType: defaultProposalTypes.add,
        add: { keyPackage: keyPackageOf(bytes) },
      })),
    ];
    const { commit, welcome, newState } = await createCommit({
      context: this.context,
      state: this.state,
      extraProposals,
      wireAsPublicMessage: true,
    });
    this.#state = newState;
    return {
      commit: bytesOf(mlsMessageEncoder, commit),
      welcome: welcome === undefined ? undefined : bytesOf(mlsMessageEncoder, welcome),
    };
  }

  async proposeAdd(keyPackage: Uint8Array): Promise<Uint8Array> {
    return this.#propose({
      proposalType: defaultProposalTypes.add,
      add: { keyPackage: keyPackageOf(keyPackage) },
    });
  }

  async proposeRemove(removed: number): Promise<Uint8Array> {
    return this.#propose({ proposalType: defaultProposalTypes.remove, remove: { removed } });
  }

  async #propose(proposal: Proposal): Promise<Uint8Array> {
    const made = await createProposal({
      context: this.context,
      state: this.state,
      wireAsPublicMessage: true,
      proposal,
    });
    this.#state = made.newState;
    return bytesOf(mlsMessageEncoder, made.message);
  }

  async encrypt(plaintext: Uint8Array, aad: Uint8Array = new Uint8Array()): Promise<Uint8Array> {
    const made = await createApplicationMessage({
      context: this.context,
      state: this.state,
      message: plaintext,
      authenticatedData: aad,
    });
    this.#state = made.newState;
    return bytesOf(mlsMessageEncoder, made.message);
  }

  /** Takes a handshake, or gives what an application message says. */
  async process(
    bytes: Uint8Array,
  ): Promise<{ readonly plaintext: Uint8Array; readonly aad: Uint8Array } | undefined> {
    const decoded = message(bytes);
    if (
      decoded.wireformat !== wireformats.mls_public_message &&
      decoded.wireformat !== wireformats.mls_private_message
    ) {
      throw new Error('This is neither a PublicMessage nor a PrivateMessage.');
    }
    const result = await processMessage({
      context: this.context,
      state: this.state,
      message: decoded,
    });
    this.#state = result.newState;
    return result.kind === 'applicationMessage'
      ? { plaintext: result.message, aad: result.aad }
      : undefined;
  }

  exportSecret(label: string, context: Uint8Array, length: number): Promise<Uint8Array> {
    const { exporterSecret } = this.state.keySchedule;
    return mlsExporter(exporterSecret, label, context, length, this.context.cipherSuite);
  }
}

/* tslint:disable */
/* eslint-disable */

export class CoreAttachment {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    open(piece: Uint8Array | number[]): Uint8Array;
    seal(piece: Uint8Array | number[]): Uint8Array;
    static start(algorithm: number, key: Uint8Array | number[], nonce: Uint8Array | number[], aad: Uint8Array | number[]): CoreAttachment;
    tag(): Uint8Array;
    verify(tag: Uint8Array | number[]): void;
}

export class CoreContentHash {
    free(): void;
    [Symbol.dispose](): void;
    constructor();
    soFar(): Uint8Array;
    update(piece: Uint8Array | number[]): void;
}

export class CoreGroup {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    acceptPending(): void;
    accept(stage: number): void;
    clearProposals(): void;
    commit(add: Uint8Array | number[], remove: Uint32Array | number[], update: boolean, aad: Uint8Array | number[], padding: number, more: Uint8Array | number[]): Uint8Array;
    component(id: number): Uint8Array | undefined;
    components(): Uint8Array;
    static create(store: CoreStore, identity: CoreIdentity, group_id: Uint8Array | number[], options: Uint8Array | number[]): CoreGroup;
    deleteGroup(): void;
    discardPending(): void;
    discardProposal(reference: Uint8Array | number[]): void;
    discard(stage: number): void;
    encrypt(plaintext: Uint8Array | number[], aad: Uint8Array | number[], padding: number): Uint8Array;
    epochAuthenticator(): Uint8Array;
    epoch(): bigint;
    exportPending(component: number): Uint8Array;
    exportSafely(component: number): Uint8Array;
    exportSecret(label: string, context: Uint8Array | number[], length: number): Uint8Array;
    groupContext(): Uint8Array;
    groupId(): Uint8Array;
    groupInfo(): Uint8Array;
    hasPendingCommit(): boolean;
    isActive(): boolean;
    static joinExternally(store: CoreStore, identity: CoreIdentity, group_info: Uint8Array | number[], ratchet_tree: Uint8Array | number[] | null | undefined, options: Uint8Array | number[]): CoreGroup;
    static join(store: CoreStore, welcome: Uint8Array | number[], ratchet_tree: Uint8Array | number[] | null | undefined, private_handshakes: boolean): CoreGroup;
    static load(store: CoreStore, group_id: Uint8Array | number[]): CoreGroup | undefined;
    members(): Uint8Array;
    ownLeafIndex(): number;
    pendingProposals(): Uint8Array;
    pendingRatchetTree(): Uint8Array;
    process(message: Uint8Array | number[], resolutions?: Uint8Array | number[] | null): Uint8Array;
    proposeAdd(key_package: Uint8Array | number[], aad: Uint8Array | number[], padding: number): Uint8Array;
    proposeRemove(leaf_index: number, aad: Uint8Array | number[], padding: number): Uint8Array;
    proposeSelfRemove(aad: Uint8Array | number[], padding: number): Uint8Array;
    proposeUpdate(aad: Uint8Array | number[], padding: number): Uint8Array;
    ratchetTree(): Uint8Array;
    setHandshakes(_private: boolean): void;
    suite(): number;
    takeExternalCommit(): Uint8Array;
    takeWelcomeExtension(): Uint8Array | undefined;
    welcomePsks(): Uint8Array;
}

export class CoreHubGroup {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    apply(stage: number): void;
    component(id: number): Uint8Array | undefined;
    components(): Uint8Array;
    discard(stage: number): void;
    epoch(): bigint;
    groupContext(): Uint8Array;
    groupId(): Uint8Array;
    members(): Uint8Array;
    pendingProposals(): Uint8Array;
    process(message: Uint8Array | number[]): Uint8Array;
    ratchetTree(): Uint8Array;
    resolve(stage: number, resolutions: Uint8Array | number[]): Uint8Array;
    static restore(snapshot: Uint8Array | number[]): CoreHubGroup;
    snapshot(): Uint8Array;
    suite(): number;
    static track(group_info: Uint8Array | number[], ratchet_tree: Uint8Array | number[]): CoreHubGroup;
    verifyGroupInfo(group_info: Uint8Array | number[]): void;
}

export class CoreIdentity {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    static create(store: CoreStore, suite: number, credential_type: number, credential: Uint8Array | number[]): CoreIdentity;
    describe(): Uint8Array;
    static import(store: CoreStore, number: number, credential_type: number, credential: Uint8Array | number[], public_key: Uint8Array | number[], private_key: Uint8Array | number[]): CoreIdentity;
    static load(store: CoreStore, signature_key: Uint8Array | number[]): CoreIdentity;
    sign(label: string, content: Uint8Array | number[]): Uint8Array;
}

export class CoreStore {
    free(): void;
    [Symbol.dispose](): void;
    confirm(up_to: number): void;
    constructor();
    pending(): Uint8Array;
    restoreRow(key: Uint8Array | number[], value: Uint8Array | number[]): void;
    rows(): Uint8Array;
}

export function aeadOpen(number: number, key: Uint8Array | number[], nonce: Uint8Array | number[], aad: Uint8Array | number[], ciphertext: Uint8Array | number[]): Uint8Array;

export function aeadSeal(number: number, key: Uint8Array | number[], nonce: Uint8Array | number[], aad: Uint8Array | number[], plaintext: Uint8Array | number[]): Uint8Array;

export function createKeyPackage(store: CoreStore, identity: CoreIdentity, last_resort: boolean, lifetime_seconds?: number | null): Uint8Array;

export function createKeyPackageFor(store: CoreStore, identity: CoreIdentity, last_resort: boolean, not_before: number, not_after: number): Uint8Array;

export function decryptWithKeyPackage(store: CoreStore, reference: Uint8Array | number[], label: string, context: Uint8Array | number[], kem_output: Uint8Array | number[], ciphertext: Uint8Array | number[]): Uint8Array;

export function decryptWithLabel(number: number, private_key: Uint8Array | number[], label: string, context: Uint8Array | number[], kem_output: Uint8Array | number[], ciphertext: Uint8Array | number[]): Uint8Array;

export function deleteKeyPackage(store: CoreStore, reference: Uint8Array | number[]): void;

export function deriveHpkeKeyPair(number: number, ikm: Uint8Array | number[]): Uint8Array;

export function deriveSignatureKeyPair(number: number, ikm: Uint8Array | number[]): Uint8Array;

export function encryptDerived(number: number, ikm: Uint8Array | number[], public_key: Uint8Array | number[], label: string, context: Uint8Array | number[], plaintext: Uint8Array | number[]): Uint8Array;

export function encryptWithLabel(number: number, public_key: Uint8Array | number[], label: string, context: Uint8Array | number[], plaintext: Uint8Array | number[]): Uint8Array;

export function errorCodes(): string[];

export function externalRemove(number: number, private_key: Uint8Array | number[], group_id: Uint8Array | number[], epoch: bigint, sender_index: number, leaf_index: number): Uint8Array;

export function generateHpkeKeyPair(number: number): Uint8Array;

export function generateSignatureKeyPair(number: number): Uint8Array;

export function hash(number: number, bytes: Uint8Array | number[]): Uint8Array;

export function hkdfExpand(number: number, prk: Uint8Array | number[], info: Uint8Array | number[], length: number): Uint8Array;

export function hkdfExtract(number: number, salt: Uint8Array | number[], ikm: Uint8Array | number[]): Uint8Array;

export function hmac(number: number, key: Uint8Array | number[], message: Uint8Array | number[]): Uint8Array;

export function importKeyPackage(store: CoreStore, key_package: Uint8Array | number[], init: Uint8Array | number[], encryption: Uint8Array | number[], signature: Uint8Array | number[]): Uint8Array;

export function inspectKeyPackage(bytes: Uint8Array | number[], suites: Uint16Array | number[]): Uint8Array;

export function keyPackageRef(bytes: Uint8Array | number[]): Uint8Array;

export function messageIdDraft04(number: number, message: Uint8Array | number[]): Uint8Array;

export function messageIdDraft08(sender_uri: string, room_uri: string, container: Uint8Array | number[], salt: Uint8Array | number[]): Uint8Array;

export function messageIdsDraft04(number: number, buffer: Uint8Array | number[], offsets: Uint32Array | number[]): Uint8Array;

export function signWithLabel(number: number, private_key: Uint8Array | number[], label: string, content: Uint8Array | number[]): Uint8Array;

export function storePsk(store: CoreStore, id: Uint8Array | number[], psk: Uint8Array | number[]): void;

export function verifyWithLabel(number: number, public_key: Uint8Array | number[], label: string, content: Uint8Array | number[], signature: Uint8Array | number[]): boolean;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_coreattachment_free: (a: number, b: number) => void;
    readonly __wbg_corecontenthash_free: (a: number, b: number) => void;
    readonly __wbg_coregroup_free: (a: number, b: number) => void;
    readonly __wbg_corehubgroup_free: (a: number, b: number) => void;
    readonly __wbg_coreidentity_free: (a: number, b: number) => void;
    readonly __wbg_corestore_free: (a: number, b: number) => void;
    readonly aeadOpen: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number) => void;
    readonly aeadSeal: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number) => void;
    readonly coreattachment_open: (a: number, b: number, c: number, d: number) => void;
    readonly coreattachment_seal: (a: number, b: number, c: number, d: number) => void;
    readonly coreattachment_start: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number) => void;
    readonly coreattachment_tag: (a: number, b: number) => void;
    readonly coreattachment_verify: (a: number, b: number, c: number, d: number) => void;
    readonly corecontenthash_new: () => number;
    readonly corecontenthash_soFar: (a: number, b: number) => void;
    readonly corecontenthash_update: (a: number, b: number, c: number) => void;
    readonly coregroup_accept: (a: number, b: number, c: number) => void;
    readonly coregroup_acceptPending: (a: number, b: number) => void;
    readonly coregroup_clearProposals: (a: number, b: number) => void;
    readonly coregroup_commit: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number, k: number, l: number) => void;
    readonly coregroup_component: (a: number, b: number, c: number) => void;
    readonly coregroup_components: (a: number, b: number) => void;
    readonly coregroup_create: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => void;
    readonly coregroup_deleteGroup: (a: number, b: number) => void;
    readonly coregroup_discard: (a: number, b: number, c: number) => void;
    readonly coregroup_discardPending: (a: number, b: number) => void;
    readonly coregroup_discardProposal: (a: number, b: number, c: number, d: number) => void;
    readonly coregroup_encrypt: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => void;
    readonly coregroup_epoch: (a: number, b: number) => void;
    readonly coregroup_epochAuthenticator: (a: number, b: number) => void;
    readonly coregroup_exportPending: (a: number, b: number, c: number) => void;
    readonly coregroup_exportSafely: (a: number, b: number, c: number) => void;
    readonly coregroup_exportSecret: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => void;
    readonly coregroup_groupContext: (a: number, b: number) => void;
    readonly coregroup_groupId: (a: number, b: number) => void;
    readonly coregroup_groupInfo: (a: number, b: number) => void;
    readonly coregroup_hasPendingCommit: (a: number, b: number) => void;
    readonly coregroup_isActive: (a: number, b: number) => void;
    readonly coregroup_join: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => void;
    readonly coregroup_joinExternally: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => void;
    readonly coregroup_load: (a: number, b: number, c: number, d: number) => void;
    readonly coregroup_members: (a: number, b: number) => void;
    readonly coregroup_ownLeafIndex: (a: number, b: number) => void;
    readonly coregroup_pendingProposals: (a: number, b: number) => void;
    readonly coregroup_pendingRatchetTree: (a: number, b: number) => void;
    readonly coregroup_process: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly coregroup_proposeAdd: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => void;
    readonly coregroup_proposeRemove: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly coregroup_proposeSelfRemove: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly coregroup_proposeUpdate: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly coregroup_ratchetTree: (a: number, b: number) => void;
    readonly coregroup_setHandshakes: (a: number, b: number, c: number) => void;
    readonly coregroup_suite: (a: number, b: number) => void;
    readonly coregroup_takeExternalCommit: (a: number, b: number) => void;
    readonly coregroup_takeWelcomeExtension: (a: number, b: number) => void;
    readonly coregroup_welcomePsks: (a: number, b: number) => void;
    readonly corehubgroup_apply: (a: number, b: number, c: number) => void;
    readonly corehubgroup_component: (a: number, b: number, c: number) => void;
    readonly corehubgroup_components: (a: number, b: number) => void;
    readonly corehubgroup_discard: (a: number, b: number, c: number) => void;
    readonly corehubgroup_epoch: (a: number, b: number) => void;
    readonly corehubgroup_groupContext: (a: number, b: number) => void;
    readonly corehubgroup_groupId: (a: number, b: number) => void;
    readonly corehubgroup_members: (a: number, b: number) => void;
    readonly corehubgroup_pendingProposals: (a: number, b: number) => void;
    readonly corehubgroup_process: (a: number, b: number, c: number, d: number) => void;
    readonly corehubgroup_ratchetTree: (a: number, b: number) => void;
    readonly corehubgroup_resolve: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly corehubgroup_restore: (a: number, b: number, c: number) => void;
    readonly corehubgroup_snapshot: (a: number, b: number) => void;
    readonly corehubgroup_suite: (a: number, b: number) => void;
    readonly corehubgroup_track: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly corehubgroup_verifyGroupInfo: (a: number, b: number, c: number, d: number) => void;
    readonly coreidentity_create: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly coreidentity_describe: (a: number, b: number) => void;
    readonly coreidentity_import: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number) => void;
    readonly coreidentity_load: (a: number, b: number, c: number, d: number) => void;
    readonly coreidentity_sign: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly corestore_confirm: (a: number, b: number) => void;
    readonly corestore_new: () => number;
    readonly corestore_pending: (a: number, b: number) => void;
    readonly corestore_restoreRow: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly corestore_rows: (a: number, b: number) => void;
    readonly createKeyPackage: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly createKeyPackageFor: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly decryptWithKeyPackage: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number, k: number, l: number) => void;
    readonly decryptWithLabel: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number, k: number, l: number) => void;
    readonly deleteKeyPackage: (a: number, b: number, c: number, d: number) => void;
    readonly deriveHpkeKeyPair: (a: number, b: number, c: number, d: number) => void;
    readonly deriveSignatureKeyPair: (a: number, b: number, c: number, d: number) => void;
    readonly encryptDerived: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number, k: number, l: number) => void;
    readonly encryptWithLabel: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number) => void;
    readonly errorCodes: (a: number) => void;
    readonly externalRemove: (a: number, b: number, c: number, d: number, e: number, f: number, g: bigint, h: number, i: number) => void;
    readonly generateHpkeKeyPair: (a: number, b: number) => void;
    readonly generateSignatureKeyPair: (a: number, b: number) => void;
    readonly hash: (a: number, b: number, c: number, d: number) => void;
    readonly hkdfExpand: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => void;
    readonly hkdfExtract: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly hmac: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly importKeyPackage: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number) => void;
    readonly inspectKeyPackage: (a: number, b: number, c: number, d: number, e: number) => void;
    readonly keyPackageRef: (a: number, b: number, c: number) => void;
    readonly messageIdDraft04: (a: number, b: number, c: number, d: number) => void;
    readonly messageIdDraft08: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => void;
    readonly messageIdsDraft04: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly signWithLabel: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number) => void;
    readonly storePsk: (a: number, b: number, c: number, d: number, e: number, f: number) => void;
    readonly verifyWithLabel: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number) => void;
    readonly __wbindgen_export: (a: number) => void;
    readonly __wbindgen_export2: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __wbindgen_add_to_stack_pointer: (a: number) => number;
    readonly __wbindgen_export3: (a: number, b: number) => number;
    readonly __wbindgen_export4: (a: number, b: number, c: number) => void;
    readonly __wbindgen_export5: (a: number) => void;
    readonly __wbindgen_export6: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_export7: (a: number, b: number) => void;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;

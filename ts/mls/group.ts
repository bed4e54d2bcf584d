// A member's view of a group (RFC 9420): handshakes as PublicMessage or PrivateMessage, application messages as
// PrivateMessage, the ratchet tree handed over beside the Welcome and GroupInfo, never inside.

import type * as glue from '../../rust-core/pkg/exedra_core.js';
import { maxU16, maxU32, packed, wholeNumber } from './arguments.ts';
import { type Resolve, readComponent, resolved } from './components.ts';
import {
  type CommitOptions,
  commitRequest,
  externalJoinRequest,
  type GroupOptions,
  groupRequest,
  type Handshakes,
  isPrivate,
  type JoinExternallyOptions,
  type JoinOptions,
} from './group_options.ts';
import { Handle } from './handle.ts';
import type { Identity } from './identity.ts';
import { core } from './instance.ts';
import type { MemberStore } from './member_store.ts';
import {
  Reply,
  readBytes,
  readMember,
  readProposalType,
  readSender,
  readSummary,
} from './reply.ts';
import type {
  CipherSuite,
  CommitBundle,
  Component,
  Member,
  Processed,
  StagedCommit,
} from './types.ts';

const empty = new Uint8Array();

/** A proposal to make by itself. */
export type NewProposal =
  | { readonly add: Uint8Array }
  | { readonly remove: number }
  | { readonly selfRemove: true }
  | { readonly update: true };

export interface EncryptOptions {
  /** Authenticated data, in clear. */
  readonly aad?: Uint8Array | undefined;
  /** Pads so that the plaintext with its framing is a multiple of this many bytes. */
  readonly paddingTo?: number | undefined;
}

/**
 * A group as one of its members sees it. Commits are never final here: an own one is pending until
 * `acceptPending`, a received one until `accept`. Every method throws MlsError.
 */
export class Group implements Disposable {
  readonly #handle: Handle<glue.CoreGroup>;

  private constructor(inner: glue.CoreGroup) {
    this.#handle = new Handle(inner);
  }

  /** Creates a group with one member. Throws `groupExists`, `invalidArgument`. */
  static create(
    store: MemberStore,
    identity: Identity,
    groupId: Uint8Array,
    options: GroupOptions = {},
  ): Group {
    const request = groupRequest(options);
    return new Group(
      core(({ CoreGroup }) => CoreGroup.create(store.inner, identity.inner, groupId, request)),
    );
  }

  /**
   * Joins by a Welcome (an MLSMessage, or the Welcome struct) and the ratchet tree of that epoch; the tree may be
   * left out only when the Welcome carries it. Throws `noKeyPackage`, `invalidWelcome`, `invalidTree`, `groupExists`.
   */
  static join(
    store: MemberStore,
    welcome: Uint8Array,
    ratchetTree?: Uint8Array,
    options: JoinOptions = {},
  ): Group {
    const hidden = isPrivate(options.handshakes);
    return new Group(
      core(({ CoreGroup }) => CoreGroup.join(store.inner, welcome, ratchetTree, hidden)),
    );
  }

  /**
   * The `welcomeExtension` of the commit whose Welcome was joined by: once, and only from this handle, as it is not
   * stored. Undefined where there was none.
   */
  takeWelcomeExtension(): Uint8Array | undefined {
    return this.#handle.use((inner) => inner.takeWelcomeExtension());
  }

  /** Ids of the external pre-shared keys without which the Welcome could not have been joined by; not stored. */
  welcomePsks(): Uint8Array[] {
    return new Reply(this.#handle.use((inner) => inner.welcomePsks())).list(readBytes);
  }

  /**
   * Joins by an external commit. The group is pending until `acceptPending()`; `discardPending()` deletes it.
   * A leaf with the same signature key that is already in the group is removed by the commit.
   * `groupInfo` is the struct or an MLSMessage; that given back is the struct of the new epoch. What the store has
   * of this group already is put aside, and comes back with `discardPending`; load it anew then.
   * Throws `invalidGroupInfo`, `invalidTree`, `wrongSuite`, `pendingCommit`.
   */
  static joinExternally(
    store: MemberStore,
    identity: Identity,
    groupInfo: Uint8Array,
    ratchetTree?: Uint8Array,
    options: JoinExternallyOptions = {},
  ): { readonly group: Group } & Omit<CommitBundle, 'welcome'> {
    const request = externalJoinRequest(options);
    const group = new Group(
      core(({ CoreGroup }) =>
        CoreGroup.joinExternally(store.inner, identity.inner, groupInfo, ratchetTree, request),
      ),
    );
    const { welcome: _, ...bundle } = readBundle(
      new Reply(group.#handle.use((inner) => inner.takeExternalCommit())),
    );
    return { group, ...bundle };
  }

  /** The group with this id, as the store has it; undefined when it has none. */
  static load(store: MemberStore, groupId: Uint8Array): Group | undefined {
    const inner = core(({ CoreGroup }) => CoreGroup.load(store.inner, groupId));
    return inner === undefined ? undefined : new Group(inner);
  }

  get groupId(): Uint8Array {
    return this.#handle.use((inner) => inner.groupId());
  }

  get epoch(): bigint {
    return this.#handle.use((inner) => inner.epoch());
  }

  get suite(): CipherSuite {
    return this.#handle.use((inner) => inner.suite()) as CipherSuite;
  }

  get ownLeafIndex(): number {
    return this.#handle.use((inner) => inner.ownLeafIndex());
  }

  /** False once this member was removed. */
  get isActive(): boolean {
    return this.#handle.use((inner) => inner.isActive());
  }

  get hasPendingCommit(): boolean {
    return this.#handle.use((inner) => inner.hasPendingCommit());
  }

  members(): Member[] {
    return new Reply(this.#handle.use((inner) => inner.members())).list(readMember);
  }

  /**
   * Makes a proposal and queues it here too; gives the MLSMessage. A self-remove is made by who wants to leave; it is
   * `invalidProposal` where handshakes are private. `paddingTo` is that of `commit`.
   */
  propose(proposal: NewProposal, aad: Uint8Array = empty, paddingTo = 0): Uint8Array {
    const padding = wholeNumber(paddingTo, maxU32, 'paddingTo');
    return this.#handle.use((inner) => {
      if ('add' in proposal) return inner.proposeAdd(proposal.add, aad, padding);
      if ('remove' in proposal) {
        return inner.proposeRemove(wholeNumber(proposal.remove, maxU32, 'remove'), aad, padding);
      }
      if ('selfRemove' in proposal) return inner.proposeSelfRemove(aad, padding);
      return inner.proposeUpdate(aad, padding);
    });
  }

  /** Refs of the proposals queued here, which the next `commit` covers. */
  pendingProposals(): Uint8Array[] {
    return new Reply(this.#handle.use((inner) => inner.pendingProposals())).list(readBytes);
  }

  /** Takes one proposal out of the queue, such as an own one that the hub refused. Throws `noSuchProposal`. */
  discardProposal(ref: Uint8Array): void {
    this.#handle.use((inner) => inner.discardProposal(ref));
  }

  /** Forgets the queued proposals, as an external commit of another member makes necessary. */
  clearProposals(): void {
    this.#handle.use((inner) => inner.clearProposals());
  }

  /**
   * Makes a commit that covers all queued proposals; it stays pending. Throws `pendingCommit`, and `invalidProposal`
   * also while an AppDataUpdate of somebody is queued: what comes of it nobody has said (`discardProposal` it).
   */
  commit(options: CommitOptions = {}): CommitBundle {
    const more = commitRequest(options);
    return readBundle(
      new Reply(
        this.#handle.use((inner) =>
          inner.commit(
            packed(options.add ?? [], 'add'),
            Uint32Array.from(options.remove ?? [], (index) => wholeNumber(index, maxU32, 'remove')),
            options.update ?? false,
            options.aad ?? empty,
            wholeNumber(options.paddingTo ?? 0, maxU32, 'paddingTo'),
            more,
          ),
        ),
      ),
    );
  }

  /** Makes the pending commit final. Throws `noPendingCommit`. */
  acceptPending(): void {
    this.#handle.use((inner) => inner.acceptPending());
  }

  /** Drops the pending commit, if there is one; a pending external join deletes the group. */
  discardPending(): void {
    this.#handle.use((inner) => inner.discardPending());
  }

  /**
   * Checks a message and opens it. A proposal is queued at once; a commit is only staged. On an error nothing
   * has changed. A commit that changes components needs `resolve`, whose own errors pass through. A PrivateMessage
   * opens once: a commit that was staged and discarded stays refused (`secretReuse`). An own private message is told
   * by its sender only: whether it is the pending commit, the caller knows by its bytes.
   * Throws `wrongGroup`, `wrongEpoch`, `wrongWireFormat`, `secretReuse`, `undecryptable`, `invalidSignature`,
   * `invalidProposal`, `invalidCommit`, `malformed`, `tooLarge`, and `invalidArgument` for what `resolve` answers.
   */
  process(message: Uint8Array, resolve?: Resolve): Processed {
    let reply = new Reply(this.#handle.use((inner) => inner.process(message)));
    let kind = reply.u8();
    if (kind === 4) {
      const values = resolved(reply, resolve);
      reply = new Reply(this.#handle.use((inner) => inner.process(message, values)));
      kind = reply.u8();
    }
    const base = {
      sender: readSender(reply),
      epoch: reply.u64(),
      authenticatedData: reply.bytes(),
    };
    if (kind === 0) return { kind: 'application', ...base, plaintext: reply.bytes() };
    if (kind === 1) {
      const [ref, type] = [reply.bytes(), readProposalType(reply)];
      return { kind: 'proposal', ...base, ref, type, removed: reply.optional((r) => r.u32()) };
    }
    if (kind === 2) {
      const staged: StagedCommit = { kind: 'stagedCommit', id: reply.u32(), epoch: base.epoch };
      return { kind: 'commit', ...base, staged, summary: readSummary(reply) };
    }
    const contentType = reply.text() as 'application' | 'proposal' | 'commit';
    return { kind: 'own', ...base, contentType };
  }

  /** Applies a staged commit; an own pending one is dropped. Throws `staleStage`. */
  accept(staged: StagedCommit): void {
    this.#handle.use((inner) => inner.accept(staged.id));
  }

  /** Drops a staged commit; another one of the same epoch can then be processed and accepted. */
  discard(staged: StagedCommit): void {
    this.#handle.use((inner) => inner.discard(staged.id));
  }

  /**
   * Encrypts an application message; gives the MLSMessage. RFC 9420 forbids it while proposals
   * wait for a commit. Throws `pendingProposals`, `inactive`.
   */
  encrypt(plaintext: Uint8Array, options: EncryptOptions = {}): Uint8Array {
    return this.#handle.use((inner) =>
      inner.encrypt(
        plaintext,
        options.aad ?? empty,
        wholeNumber(options.paddingTo ?? 0, maxU32, 'paddingTo'),
      ),
    );
  }

  /** MLS-Exporter of RFC 9420, section 8.5; `length` in bytes. */
  exportSecret(label: string, context: Uint8Array, length: number): Uint8Array {
    return this.#handle.use((inner) =>
      inner.exportSecret(label, context, wholeNumber(length, maxU32, 'length')),
    );
  }

  /**
   * SafeExportSecret of draft-ietf-mls-extensions, section 4.4: 32 bytes that belong to this component and epoch. Once:
   * the core forgets it, also in its rows. Throws `exportedBefore`, `pendingCommit` (of an external join), `inactive`.
   */
  exportSafely(component: number): Uint8Array {
    return this.#handle.use((inner) =>
      inner.exportSafely(wholeNumber(component, maxU16, 'component')),
    );
  }

  /**
   * The same of the epoch that the pending commit, or the pending external join, begins; once, and then no more by
   * `exportSafely` when it was accepted. Throws `noPendingCommit`, `exportedBefore`.
   */
  exportPending(component: number): Uint8Array {
    return this.#handle.use((inner) =>
      inner.exportPending(wholeNumber(component, maxU16, 'component')),
    );
  }

  /** Changes how handshakes travel from now on; each member must do so, at the same epoch. */
  setHandshakes(handshakes: Handshakes): void {
    const hidden = isPrivate(handshakes);
    this.#handle.use((inner) => inner.setHandshakes(hidden));
  }

  /** The GroupContext struct of the current epoch. */
  groupContext(): Uint8Array {
    return this.#handle.use((inner) => inner.groupContext());
  }

  /** The components of the room, in the order of their ids. */
  components(): Component[] {
    return new Reply(this.#handle.use((inner) => inner.components())).list(readComponent);
  }

  /** The content of one component; undefined where the room has none of this id. */
  component(id: number): Uint8Array | undefined {
    return this.#handle.use((inner) => inner.component(wholeNumber(id, maxU16, 'id')));
  }

  /** The ratchet_tree vector of the current epoch, with its length. */
  ratchetTree(): Uint8Array {
    return this.#handle.use((inner) => inner.ratchetTree());
  }

  /** The ratchet_tree vector of the epoch that the pending commit begins. Throws `noPendingCommit`. */
  pendingRatchetTree(): Uint8Array {
    return this.#handle.use((inner) => inner.pendingRatchetTree());
  }

  /** The GroupInfo struct of the current epoch: with external_pub, without ratchet_tree. */
  groupInfo(): Uint8Array {
    return this.#handle.use((inner) => inner.groupInfo());
  }

  /** The epoch authenticator (RFC 9420, section 8.7): equal exactly for members of the same state. */
  epochAuthenticator(): Uint8Array {
    return this.#handle.use((inner) => inner.epochAuthenticator());
  }

  /** Deletes the group's rows; the handle is of no further use. */
  delete(): void {
    this.#handle.use((inner) => inner.deleteGroup());
    this.#handle.dispose();
  }

  [Symbol.dispose](): void {
    this.#handle.dispose();
  }
}

function readBundle(reply: Reply): CommitBundle {
  return {
    commit: reply.bytes(),
    welcome: reply.optional(readBytes),
    groupInfo: reply.bytes(),
    groupContext: reply.bytes(),
    newEpoch: reply.u64(),
  };
}

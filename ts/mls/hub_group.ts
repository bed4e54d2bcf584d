// A hub's view of a group: it follows public handshakes without being a member, and decides nothing.

import type * as glue from '../../rust-core/pkg/exedra_core.js';
import { maxU16, wholeNumber } from './arguments.ts';
import { type Resolve, readComponent, resolved } from './components.ts';
import { Handle } from './handle.ts';
import { core } from './instance.ts';
import {
  Reply,
  readAdded,
  readHubSummary,
  readMember,
  readProposalType,
  readSender,
} from './reply.ts';
import type {
  CipherSuite,
  Component,
  HubProcessed,
  HubStaged,
  Member,
  PendingProposal,
} from './types.ts';

/**
 * Follows a group from its GroupInfo and ratchet tree. What `process` finds is applied only by `apply`, so that the
 * policy can look first. A hub holds no secret: it cannot check membership and confirmation tags. Every method
 * throws MlsError.
 */
export class HubGroup implements Disposable {
  readonly #handle: Handle<glue.CoreHubGroup>;

  private constructor(inner: glue.CoreHubGroup) {
    this.#handle = new Handle(inner);
  }

  /**
   * Starts to follow a group: checks the tree and the GroupInfo (struct or MLSMessage) in full.
   * Throws `invalidTree`, `invalidGroupInfo`, `expired` (a leaf past its lifetime).
   */
  static track(groupInfo: Uint8Array, ratchetTree: Uint8Array): HubGroup {
    return new HubGroup(core(({ CoreHubGroup }) => CoreHubGroup.track(groupInfo, ratchetTree)));
  }

  /** The group as `snapshot` saved it. Throws `damagedStore`. */
  static restore(snapshot: Uint8Array): HubGroup {
    return new HubGroup(core(({ CoreHubGroup }) => CoreHubGroup.restore(snapshot)));
  }

  /** The whole state, queued proposals included, as one blob for `restore`. */
  snapshot(): Uint8Array {
    return this.#handle.use((inner) => inner.snapshot());
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

  members(): Member[] {
    return new Reply(this.#handle.use((inner) => inner.members())).list(readMember);
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

  /** The proposals that wait for the next commit, in the order they came. */
  pendingProposals(): PendingProposal[] {
    return new Reply(this.#handle.use((inner) => inner.pendingProposals())).list((reply) => ({
      ref: reply.bytes(),
      type: readProposalType(reply),
      sender: readSender(reply),
      removed: reply.optional((r) => r.u32()),
      added: reply.optional(readAdded),
      message: reply.bytes(),
    }));
  }

  /**
   * Checks a public proposal or commit against the group, without applying it. A commit that changes components needs
   * `resolve`, whose own errors pass through; a hub cannot tell whether members come to the same. Throws `wrongGroup`,
   * `wrongEpoch`, `wrongWireFormat`, `invalidSignature`, `invalidProposal`, `invalidCommit`, `notAMember`, `malformed`,
   * `tooLarge`, and `invalidArgument` for what `resolve` answers.
   */
  process(message: Uint8Array, resolve?: Resolve): HubProcessed {
    let reply = new Reply(this.#handle.use((inner) => inner.process(message)));
    let kind = reply.u8();
    let id = reply.u32();
    if (kind === 4) {
      reply = this.#resolve(id, reply, resolve);
      kind = reply.u8();
      id = reply.u32();
    }
    const epoch = reply.u64();
    const staged: HubStaged = { kind: 'hubStaged', id, epoch };
    const authenticatedData = reply.bytes();
    if (kind === 1) {
      return {
        kind: 'proposal',
        epoch,
        authenticatedData,
        staged,
        ref: reply.bytes(),
        type: readProposalType(reply),
        sender: readSender(reply),
        removed: reply.optional((r) => r.u32()),
        added: reply.optional(readAdded),
      };
    }
    const summary = readHubSummary(reply);
    return { kind: 'commit', epoch, authenticatedData, staged, sender: summary.sender, summary };
  }

  #resolve(id: number, reply: Reply, resolve: Resolve | undefined): Reply {
    let values: Uint8Array;
    try {
      values = resolved(reply, resolve);
    } catch (error) {
      this.#handle.use((inner) => inner.discard(id));
      throw error;
    }
    return new Reply(this.#handle.use((inner) => inner.resolve(id, values)));
  }

  /** Applies what `process` found: queues a proposal, merges a commit. Throws `staleStage`. */
  apply(processed: { readonly staged: HubStaged }): void {
    this.#handle.use((inner) => inner.apply(processed.staged.id));
  }

  /** Drops what `process` found. */
  discard(processed: { readonly staged: HubStaged }): void {
    this.#handle.use((inner) => inner.discard(processed.staged.id));
  }

  /**
   * Checks that a GroupInfo (struct or MLSMessage) describes exactly this state: signed by a member, with the
   * same group id, epoch, suite, tree hash, confirmed transcript hash, extensions and confirmation tag.
   * Throws `invalidGroupInfo` (details: rule), `wrongGroup`, `wrongEpoch`, `wrongSuite`, `malformed`.
   */
  verifyGroupInfo(groupInfo: Uint8Array): void {
    this.#handle.use((inner) => inner.verifyGroupInfo(groupInfo));
  }

  /** The ratchet_tree vector of the current epoch, with its length. */
  ratchetTree(): Uint8Array {
    return this.#handle.use((inner) => inner.ratchetTree());
  }

  [Symbol.dispose](): void {
    this.#handle.dispose();
  }
}

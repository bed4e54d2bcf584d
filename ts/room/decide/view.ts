// What the policy is asked about: a room, and a commit, proposal or message for it. Plain values, the same at the hub
// and at members; users and clients are URIs, real ones or pseudonyms as the mode has it.

import type { ComponentChange } from '../components/component.ts';
import type { RoomState } from '../state.ts';

/** Whom a leaf stands for: one client of one user. */
export interface LeafIdentity {
  readonly user: string;
  readonly client: string;
}

/** A leaf of the group. */
export interface RoomLeaf extends LeafIdentity {
  readonly leafIndex: number;
}

/** A room before what is decided on. */
export interface RoomView {
  /** Of this epoch; for a proposal of the hub, the state with the mandates that wait for a commit. */
  readonly state: RoomState;
  readonly roster: ReadonlyMap<number, RoomLeaf>;
  /** Leaves that proposals of this epoch already take out; of use for a further proposal. */
  readonly queued?: readonly number[] | undefined;
}

/** Who made a proposal: a client, or the hub as external sender. */
export type Proposer = LeafIdentity | 'hub';

/** A proposal that a commit covers. */
export interface CoveredProposal {
  /** As `ProposalType` of ts/mls. */
  readonly type: string;
  readonly by: Proposer;
  /** The leaf that a remove or selfRemove takes out. */
  readonly removed?: number | undefined;
}

/** A change of room state in a commit. */
export interface ProposedChange extends ComponentChange {
  /** Whether it is, byte by byte, what a mandate of the hub says: the committer needs no right for it. */
  readonly mandated?: boolean | undefined;
}

/** A commit as the policy sees it. */
export interface ProposedCommit {
  /** A leaf of the group, or a newcomer who joins by an external commit. */
  readonly sender: RoomLeaf | (LeafIdentity & { readonly leafIndex?: undefined });
  readonly proposals: readonly CoveredProposal[];
  /** Clients that Adds of the commit let in; not the newcomer of an external commit. */
  readonly added: readonly LeafIdentity[];
  /** Leaves that change their credential: who they claim to be afterwards. */
  readonly updated: readonly { readonly leafIndex: number; readonly to: LeafIdentity }[];
  /** In the order of their AppDataUpdate proposals. */
  readonly changes: readonly ProposedChange[];
  /** How many queued proposals the commit leaves out. */
  readonly omitted: number;
  /** The join link of a newcomer, and whether it has shown that it holds it. */
  readonly link?: { readonly id: Uint8Array; readonly proven: boolean } | undefined;
  /**
   * Whether something beside its own words shows that a newcomer is whom its leaf names: a server that knows who it is,
   * or the key of the leaf that it replaces. Default: true.
   */
  readonly vouched?: boolean | undefined;
  /** Whether this is the first commit of a successor group, which takes its members over. */
  readonly successor?: boolean | undefined;
  /** Milliseconds since the epoch, at the hub only: members judge without a clock, so that all judge alike. */
  readonly now?: number | undefined;
}

export function sameIdentity(one: LeafIdentity, other: LeafIdentity): boolean {
  return one.user === other.user && one.client === other.client;
}

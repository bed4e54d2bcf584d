// What the MLS handles take and give: plain values, no handle among them.
// RFC 9420; section numbers stand with each type.

/** Cipher suites this core has (RFC 9420, section 17.1): 1, 2 and 3. */
export type CipherSuite = 1 | 2 | 3;

/** A credential (RFC 9420, section 5.3); for type 1 (basic) `bytes` is the identity. */
export interface Credential {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** The type of a pseudonymous credential: ours, of those for private use (RFC 9420, section 17.5). */
export const PSEUDONYM_CREDENTIAL = 0xf0e0;

/** A component of the application data dictionary (draft-ietf-mls-extensions, section 4.6). */
export interface Component {
  readonly id: number;
  readonly data: Uint8Array;
}

/** A change to a component that a commit is to hold: an update and the content that comes of it, or a removal. */
export interface ComponentChange {
  readonly id: number;
  /** What the AppDataUpdate says, in the component's own format; undefined: remove. */
  readonly update: Uint8Array | undefined;
  /** The component's new content; undefined: removed. */
  readonly value: Uint8Array | undefined;
}

/** What a commit would change in one component, for who says what comes of it. */
export interface ComponentQuestion {
  readonly id: number;
  /** Its content before the commit. */
  readonly current: Uint8Array | undefined;
  /** In the order of the commit; a removal (undefined) is the only one. */
  readonly updates: readonly { readonly update: Uint8Array | undefined; readonly sender: Sender }[];
}

/** The content that a component has after a commit; undefined: removed. */
export interface ComponentValue {
  readonly id: number;
  readonly value: Uint8Array | undefined;
}

/** A row of a device's saved state; `undefined` deletes the key. */
export interface Row {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** A member of a group, as its leaf says. */
export interface Member {
  readonly leafIndex: number;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
}

/** Who sent a message (RFC 9420, section 6); `external` is an index into the external senders. */
export type Sender =
  | { readonly type: 'member'; readonly leafIndex: number; readonly credential: Credential }
  | { readonly type: 'newMember'; readonly credential: Credential }
  | { readonly type: 'external'; readonly index: number };

/** Proposal types by name (RFC 9420, section 12.1, and the extensions draft); others as `unknown:<number>`. */
export type ProposalType =
  | 'add'
  | 'update'
  | 'remove'
  | 'psk'
  | 'reinit'
  | 'externalInit'
  | 'groupContextExtensions'
  | 'appDataUpdate'
  | 'appEphemeral'
  | 'selfRemove'
  | `unknown:${number}`;

/** A proposal that a commit covers. */
export interface ProposalSummary {
  readonly type: ProposalType;
  readonly sender: Sender;
  /** Sent before and covered by reference, or carried in the commit itself. */
  readonly byReference: boolean;
  /** The ProposalRef, of a proposal covered by reference. */
  readonly ref?: Uint8Array | undefined;
  /** The leaf that a remove or self-remove takes out. */
  readonly removed?: number | undefined;
}

export interface AddedMember {
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  /** Of an Add; absent for the sender of an external commit, who has no key package. */
  readonly keyPackageRef?: Uint8Array | undefined;
}

/** A member whose leaf a commit replaces: by Update, or by the committer's own path. */
export interface UpdatedMember {
  readonly leafIndex: number;
  /** The credential after the commit. */
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
}

/** What a commit would do, read before it is accepted. */
export interface CommitSummary {
  readonly sender: Sender;
  /** Whether the commit is an external one (its sender joins by it). */
  readonly external: boolean;
  readonly proposals: readonly ProposalSummary[];
  readonly added: readonly AddedMember[];
  readonly removed: readonly { readonly leafIndex: number; readonly credential: Credential }[];
  readonly updated: readonly UpdatedMember[];
  readonly newEpoch: bigint;
  /** The GroupContext struct of the new epoch. */
  readonly groupContext: Uint8Array;
  /** The AppDataUpdates that it covers, in its own order; undefined: a removal. */
  readonly components: readonly {
    readonly id: number;
    readonly update: Uint8Array | undefined;
    readonly sender: Sender;
  }[];
  /** Ids of the external pre-shared keys that it names. */
  readonly psks: readonly Uint8Array[];
  /** Whether the committer renewed its keys: an update path is there. */
  readonly hasPath: boolean;
  /** Whether this member itself is removed by the commit; always false at a hub. */
  readonly selfRemoved: boolean;
}

/** A fully validated key package (RFC 9420, section 10.1). */
export interface KeyPackageInfo {
  readonly ref: Uint8Array;
  readonly suite: CipherSuite;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  /** What to encrypt to for its owner. */
  readonly initKey: Uint8Array;
  /** Seconds since the epoch. */
  readonly notBefore: number;
  /** Seconds since the epoch. */
  readonly notAfter: number;
  readonly lastResort: boolean;
  /** Code points, as the leaf lists them. */
  readonly capabilities: {
    readonly versions: readonly number[];
    readonly suites: readonly number[];
    readonly extensions: readonly number[];
    readonly proposals: readonly number[];
    readonly credentials: readonly number[];
  };
}

/** What making a commit gives. */
export interface CommitBundle {
  /** An MLSMessage. */
  readonly commit: Uint8Array;
  /** An MLSMessage that carries a Welcome; present when someone is added. */
  readonly welcome?: Uint8Array | undefined;
  /** The GroupInfo struct of the new epoch: with external_pub, without ratchet_tree and `welcomeExtension`. */
  readonly groupInfo: Uint8Array;
  /** The GroupContext struct of the new epoch. */
  readonly groupContext: Uint8Array;
  readonly newEpoch: bigint;
}

/** A commit that `Group.process` has checked but not applied; of use to that group only, and once. */
export interface StagedCommit {
  readonly kind: 'stagedCommit';
  readonly id: number;
  readonly epoch: bigint;
}

interface ProcessedBase {
  readonly sender: Sender;
  readonly epoch: bigint;
  readonly authenticatedData: Uint8Array;
}

/** What `Group.process` found. */
export type Processed = ProcessedBase &
  (
    | { readonly kind: 'application'; readonly plaintext: Uint8Array }
    | {
        readonly kind: 'proposal';
        readonly ref: Uint8Array;
        readonly type: ProposalType;
        /** The leaf that a remove or self-remove takes out. */
        readonly removed: number | undefined;
      }
    | { readonly kind: 'commit'; readonly staged: StagedCommit; readonly summary: CommitSummary }
    | {
        /** This member's own message; an own `commit` is the one that is pending: `acceptPending()` applies it. */
        readonly kind: 'own';
        readonly contentType: 'application' | 'proposal' | 'commit';
      }
  );

/** What a hub has checked but not applied; of use to that `HubGroup` only, and once. */
export interface HubStaged {
  readonly kind: 'hubStaged';
  readonly id: number;
  readonly epoch: bigint;
}

export interface HubCommitSummary extends CommitSummary {
  readonly confirmationTag: Uint8Array;
  /**
   * Refs of the queued proposals that the committer could have covered and did not: all but its own update or
   * self-removal, those about a leaf that the commit takes out, and, of an external commit, all but self-removals.
   */
  readonly omittedProposals: readonly Uint8Array[];
}

/** What `HubGroup.process` found; nothing is applied. */
export type HubProcessed = {
  readonly epoch: bigint;
  readonly authenticatedData: Uint8Array;
  readonly staged: HubStaged;
} & (
  | {
      readonly kind: 'proposal';
      readonly ref: Uint8Array;
      readonly type: ProposalType;
      readonly sender: Sender;
      /** The leaf that a remove or self-remove takes out. */
      readonly removed?: number | undefined;
      /** Who an Add brings in. */
      readonly added?: AddedMember | undefined;
    }
  | { readonly kind: 'commit'; readonly sender: Sender; readonly summary: HubCommitSummary }
);

/** A proposal that waits at the hub for the next commit. */
export interface PendingProposal {
  readonly ref: Uint8Array;
  readonly type: ProposalType;
  readonly sender: Sender;
  readonly removed?: number | undefined;
  readonly added?: AddedMember | undefined;
  /** The MLSMessage that carried it. */
  readonly message: Uint8Array;
}

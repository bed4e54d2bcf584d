// The errors of the MLS layer: every code the Rust core throws (rust-core/src/error.rs keeps the same list,
// a test compares them) and those of the loader and the handles.

import { errorClass } from '../errors.ts';

export const mlsErrors = {
  // Thrown by the Rust core.
  malformed: {
    kind: 'payload',
    means: 'The bytes are not the MLS structure that was expected here.',
    remedy: 'Check what was passed and that it arrived whole.',
  },
  tooLarge: {
    kind: 'payload',
    means: 'The input is larger than the core accepts (details: limit, size in bytes).',
    remedy: 'Refuse it; an honest message is far smaller.',
  },
  wrongVersion: {
    kind: 'payload',
    means: 'The message is of another version of MLS than 1.0.',
    remedy: 'Refuse it.',
  },
  wrongSuite: {
    kind: 'payload',
    means: 'The cipher suite is not 1, 2 or 3, or not that of the group.',
    remedy: 'Use key material of the group’s cipher suite.',
  },
  wrongGroup: {
    kind: 'payload',
    means: 'The message belongs to another group.',
    remedy: 'Hand it to the group whose id it names.',
  },
  wrongEpoch: {
    kind: 'payload',
    means: 'The message is of another epoch than the group (details: current, got).',
    remedy: 'Process the commits up to that epoch first, or drop a message of a past epoch.',
  },
  wrongType: {
    kind: 'payload',
    means: 'The message is a well-formed MLS message, but not of a kind that can be used here.',
    remedy: 'Hand it to the function for its kind.',
  },
  wrongWireFormat: {
    kind: 'payload',
    means:
      'Handshake messages of this group travel in the other form (PublicMessage, PrivateMessage).',
    remedy: 'Refuse the message.',
  },
  notAMember: {
    kind: 'payload',
    means: 'The sender, or the leaf that is meant, is not a member of the group.',
    remedy: 'Check the leaf index against `members()`.',
  },
  invalidSignature: {
    kind: 'payload',
    means: 'A signature or membership tag does not verify.',
    remedy: 'Refuse the message.',
  },
  invalidProposal: {
    kind: 'payload',
    means: 'A proposal breaks a rule of RFC 9420, section 12.1 or 12.2.',
    remedy: 'Refuse it; `details.rule` names the rule where it is known.',
  },
  invalidCommit: {
    kind: 'payload',
    means: 'A commit breaks a rule of RFC 9420, section 12.4.',
    remedy: 'Refuse it; `details.rule` names the rule where it is known.',
  },
  invalidWelcome: {
    kind: 'payload',
    means: 'A Welcome breaks a rule of RFC 9420, section 12.4.3.1.',
    remedy: 'Refuse it, or join externally.',
  },
  invalidGroupInfo: {
    kind: 'payload',
    means: 'A GroupInfo does not verify, or does not describe the same state (details: rule).',
    remedy: 'Fetch the current GroupInfo again, or refuse it.',
  },
  invalidTree: {
    kind: 'payload',
    means: 'A ratchet tree breaks a rule of RFC 9420, section 12.4.3.1, or is missing.',
    remedy: 'Fetch the tree of the same epoch as the GroupInfo.',
  },
  invalidKeyPackage: {
    kind: 'payload',
    means: 'A key package breaks a rule of RFC 9420, section 10.1.',
    remedy: 'Ask its owner for another.',
  },
  expired: {
    kind: 'payload',
    means: 'The lifetime of a key package or leaf is over, has not begun, or is too long.',
    remedy: 'Ask its owner for a fresh one, and check the clock.',
  },
  undecryptable: {
    kind: 'payload',
    means: 'The ciphertext does not decrypt with the keys of this epoch.',
    remedy: 'Refuse it: it was damaged, or not made for this group.',
  },
  secretReuse: {
    kind: 'payload',
    means: 'The message was decrypted before, or is too far out of order: its key is gone.',
    remedy: 'Drop it as a duplicate.',
  },
  duplicate: {
    kind: 'payload',
    means: 'The same proposal is queued already.',
    remedy: 'Drop it.',
  },
  ownMessage: {
    kind: 'payload',
    means: 'The message was sent by this very member and cannot be processed here.',
    remedy: 'Drop it, or accept the pending commit that it is.',
  },
  noKeyPackage: {
    kind: 'payload',
    means: 'The Welcome is for none of the key packages in this store.',
    remedy: 'Hand it to the device whose key package ref it names.',
  },
  noSuchGroup: {
    kind: 'caller',
    means: 'The store has no such group, or it was deleted.',
    remedy: 'Check the group id.',
  },
  groupExists: {
    kind: 'caller',
    means: 'The store already has a group with this id.',
    remedy: 'Load it, or delete it first.',
  },
  noSuchIdentity: {
    kind: 'caller',
    means: 'The store has no private key for this signature key.',
    remedy: 'Create the identity in the same store as the group.',
  },
  noSuchProposal: {
    kind: 'caller',
    means: 'No such proposal is queued.',
    remedy: 'See `pendingProposals()`.',
  },
  inactive: {
    kind: 'caller',
    means: 'This member was removed from the group.',
    remedy: 'Join again to go on.',
  },
  pendingCommit: {
    kind: 'caller',
    means: 'A commit is pending.',
    remedy: 'Accept or discard it first.',
  },
  noPendingCommit: {
    kind: 'caller',
    means: 'No commit is pending.',
    remedy: 'Call `commit` first.',
  },
  pendingProposals: {
    kind: 'caller',
    means: 'Proposals are queued, so that application messages must wait (RFC 9420, section 15.2).',
    remedy: 'Commit them, or discard those that the hub refused.',
  },
  staleStage: {
    kind: 'caller',
    means: 'The staged change was applied or discarded before, or the group has moved on.',
    remedy: 'Process the message again.',
  },
  exportedBefore: {
    kind: 'caller',
    means: 'The secret of this component and epoch was given out before, and is gone.',
    remedy: 'Keep what is derived from it together with the group’s rows.',
  },
  invalidArgument: {
    kind: 'caller',
    means: 'An argument is missing or out of range.',
    remedy: 'See the documentation of the function.',
  },
  damagedStore: {
    kind: 'dependency',
    means: 'A stored row cannot be read.',
    remedy: 'Restore the rows from a backup, or create the device anew.',
  },
  internal: {
    kind: 'bug',
    means: 'The core met a state that it holds to be impossible.',
    remedy: 'Please report it, with the code and `details.rule`.',
  },
  // Thrown by the loader and the handles.
  notInitialized: {
    kind: 'caller',
    means: 'The WebAssembly module is not loaded yet.',
    remedy:
      'Call `await init()` first; in a browser pass `{ url }` if your bundler moves the file.',
  },
  disposed: {
    kind: 'caller',
    means: 'The handle was disposed.',
    remedy: 'Create or load it again.',
  },
  trapped: {
    kind: 'bug',
    means: 'The WebAssembly instance trapped; its memory can no longer be trusted.',
    remedy: 'Replace the worker or process and restore the state from the saved rows.',
  },
  instanceDead: {
    kind: 'bug',
    means: 'The WebAssembly instance trapped earlier and refuses further use.',
    remedy: 'Replace the worker or process and restore the state from the saved rows.',
  },
} as const;

export type MlsErrorCode = keyof typeof mlsErrors;

/** What ts/mls throws on purpose; `code` is a key of `mlsErrors`. */
export class MlsError extends errorClass('MlsError', 'mls', mlsErrors) {}

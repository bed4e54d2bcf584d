// The bounds of a provider: sizes in bytes, counts, times in milliseconds. Each can be configured.

/** Bounds on what a provider takes and keeps. */
export interface Limits {
  /** Largest application message, bytes. */
  readonly messageBytes: number;
  /** Proposals in one request; the core holds as many unapplied. */
  readonly proposalsPerRequest: number;
  /** Largest body of any request, bytes. */
  readonly requestBytes: number;
  /** Largest key package, bytes. */
  readonly keyPackageBytes: number;
  /** Key packages in stock per client, last resort not counted. */
  readonly keyPackagesPerClient: number;
  /** Inputs that one durable write may carry. */
  readonly batchInputs: number;
  /** Bytes that one durable write may carry. */
  readonly batchBytes: number;
  /** Bytes that one input may cause to be written; a store takes this and `batchBytes` in one write. */
  readonly writeBytes: number;
  /** Inputs that may wait for a shard; more are refused with a time to retry. */
  readonly queuedInputs: number;
  /** Events in one answer to `sync`. */
  readonly syncEvents: number;
  /** Bytes of events in one answer to `sync`. */
  readonly syncBytes: number;
  /** Longest wait of a long poll. */
  readonly syncWaitMs: number;
  /** Messages in one notify request. */
  readonly fanoutMessages: number;
  /** Bytes of messages in one notify request. */
  readonly fanoutBytes: number;
  /** A snapshot of the hub's group is written after so many commits and proposals. */
  readonly commitsPerSnapshot: number;
  /** How many of the last messages of a room a follower compares new ones with, to drop repeats. */
  readonly inboxWindow: number;
  /** Slots that one update may write, and one request may name. */
  readonly slotsPerUpdate: number;
  /** Largest version of a slot, bytes: state for those who join by a link holds a ratchet tree. */
  readonly slotBytes: number;
  /** Messages in one report of abuse. */
  readonly reportMessages: number;
  /** How long after its acceptance a message may be reported. */
  readonly reportWindowMs: number;
  /** Reports that are kept of a room; more are refused until the operator has dealt with some. */
  readonly reportsPerRoom: number;
  /** Those by one member, or, where the hub sees no members, through one provider. */
  readonly reportsPerReporter: number;
  /** How long a shard is held without renewal. */
  readonly leaseMs: number;
  /** How long the keys of another provider are remembered. */
  readonly providerKeysMs: number;
  /** Open sets of key packages per user. */
  readonly keyPackageSetsPerUser: number;
  /** Largest sealed claim, bytes. */
  readonly claimBytes: number;
  /** How far ahead a claim may expire. */
  readonly claimExpiryMs: number;
  /** Claims that are answered under one token in an hour. */
  readonly claimsPerTokenHourly: number;
  /** Largest contact card, bytes. */
  readonly contactBytes: number;
  /** Largest letter, bytes. */
  readonly letterBytes: number;
  /** Letters that wait for a client. */
  readonly lettersPerClient: number;
  /** Letters in one answer to `letters`. */
  readonly lettersPerAnswer: number;
  /** Largest value of a note, bytes. */
  readonly noteBytes: number;
  /** Notes of a user. */
  readonly notesPerUser: number;
  /** Tokens issued to an account in a day (UTC). */
  readonly tokensPerAccountDaily: number;
  /** Tokens in one request: each takes a signature, 0.3 ms during which nothing else is served. */
  readonly tokensPerRequest: number;
  /** How long a key issues tokens; they can be spent for as long again. */
  readonly tokenKeyMs: number;
  /** How far ahead a break-glass order may end. */
  readonly orderMs: number;
  /** In how many of the last events of a room a deed of who is complained of is looked for. */
  readonly complaintEvents: number;
}

export const defaultLimits: Limits = {
  messageBytes: 1 << 20,
  proposalsPerRequest: 16,
  requestBytes: 8 << 20,
  keyPackageBytes: 64 << 10,
  keyPackagesPerClient: 200,
  batchInputs: 256,
  batchBytes: 16 << 20,
  writeBytes: 32 << 20,
  queuedInputs: 4096,
  syncEvents: 256,
  syncBytes: 4 << 20,
  syncWaitMs: 30_000,
  fanoutMessages: 64,
  fanoutBytes: 1 << 20,
  commitsPerSnapshot: 16,
  inboxWindow: 4096,
  slotsPerUpdate: 2_048,
  slotBytes: 1 << 20,
  reportMessages: 32,
  reportWindowMs: 90 * 86_400_000,
  reportsPerRoom: 1_000,
  reportsPerReporter: 100,
  leaseMs: 15_000,
  providerKeysMs: 600_000,
  keyPackageSetsPerUser: 200,
  claimBytes: 16 << 10,
  claimExpiryMs: 600_000,
  claimsPerTokenHourly: 60,
  contactBytes: 4 << 10,
  letterBytes: 64 << 10,
  lettersPerClient: 200,
  lettersPerAnswer: 100,
  noteBytes: 1 << 10,
  notesPerUser: 10_000,
  tokensPerAccountDaily: 256,
  tokensPerRequest: 64,
  tokenKeyMs: 90 * 24 * 3_600_000,
  orderMs: 7 * 24 * 3_600_000,
  complaintEvents: 4_096,
};

/** Limits of which some are given. */
export type SomeLimits = { readonly [Name in keyof Limits]?: Limits[Name] | undefined };

/** The given limits, and the defaults for the others. */
export function limitsFrom(given: SomeLimits): Limits {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaultLimits, ...Object.fromEntries(set) };
}

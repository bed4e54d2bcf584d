// The audit log: written with what it records in one write, read by the operator, who sees whether it is whole.
// docs/modes/deployments.md, "Audit log".

import { sameBytes } from '../bytes.ts';
import { ACCOUNTS_SHARD } from '../directory.ts';
import {
  type AuditContent,
  type AuditEntry,
  type AuditHead,
  auditHash,
  decodeAuditEntry,
  decodeAuditHead,
  EMPTY_LOG,
  encodeAuditEntry,
  encodeAuditHead,
} from '../records/audit_entry.ts';
import { enterpriseRows, lastNumber, prefixes, rangeOf } from '../rows.ts';
import type { ShardReader } from '../shard.ts';
import type { Store, StoreRow } from '../store.ts';

/** What the log says, and whether it is whole. */
export interface AuditLog {
  readonly entries: readonly AuditEntry[];
  /** To be noted elsewhere: by a noted head it shows later if the whole log was written anew. */
  readonly head: AuditHead;
  /** The first number at which the log is not as it was written; absent where it is whole. */
  readonly brokenAt?: number | undefined;
}

/** The last entry, read in a turn of the accounts' shard. */
export async function readAuditHead(rows: Pick<ShardReader, 'get'>): Promise<AuditHead> {
  const row = await rows.get(enterpriseRows.auditHead());
  return row === undefined ? EMPTY_LOG : decodeAuditHead(row);
}

/** An entry after `head`, as rows; `at` in milliseconds since the epoch. */
export function auditRows(
  head: AuditHead,
  at: number,
  content: AuditContent,
): { readonly head: AuditHead; readonly rows: readonly StoreRow[] } {
  const seq = head.seq + 1;
  const stored = encodeAuditEntry({ ...content, seq, at, previous: head.hash });
  const next = { seq, hash: auditHash(stored) };
  return {
    head: next,
    rows: [
      { key: enterpriseRows.audit(seq), value: stored },
      { key: enterpriseRows.auditHead(), value: encodeAuditHead(next) },
    ],
  };
}

/** Reads the log; `known` is a head that was noted before. */
export async function readAuditLog(store: Store, known?: AuditHead): Promise<AuditLog> {
  const get = (key: Uint8Array) => store.get(ACCOUNTS_SHARD, key);
  const head = await readAuditHead({ get });
  const stored = await store.range(ACCOUNTS_SHARD, rangeOf(prefixes.audit()));
  const entries: AuditEntry[] = [];
  let last = EMPTY_LOG;
  let brokenAt: number | undefined;
  for (const { key, value } of stored) {
    const entry = decodeAuditEntry(value);
    const seq = lastNumber(key);
    const follows = seq === last.seq + 1 && sameBytes(entry.previous, last.hash);
    if (!follows || entry.seq !== seq) brokenAt ??= last.seq + 1;
    last = { seq, hash: auditHash(value) };
    if (known?.seq === seq && !sameBytes(known.hash, last.hash)) brokenAt ??= seq;
    entries.push(entry);
  }
  if (head.seq !== last.seq || !sameBytes(head.hash, last.hash)) brokenAt ??= last.seq;
  if (known !== undefined && known.seq > last.seq) brokenAt ??= last.seq + 1;
  return { entries, head, ...(brokenAt === undefined ? {} : { brokenAt }) };
}

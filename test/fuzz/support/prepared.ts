// The prepared groups that fuzz inputs are made for: read from fuzz/corpus/state, restored as often as needed.
// rust-core/fuzz/src/prepared.rs reads the same files.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CipherSuite, Group, HubGroup, MemberStore, type Row } from '../../../ts/mls/index.ts';
import { joinParts, splitParts } from './parts.ts';

export const corpusFolder = fileURLToPath(new URL('../../../fuzz/corpus/', import.meta.url));

export const suites: readonly CipherSuite[] = [1, 2, 3];

/** A group of one suite in one epoch, as several parties have it. */
export interface Prepared {
  readonly suite: CipherSuite;
  readonly groupId: Uint8Array;
  /** Two members; each has one proposal of a third in its queue. */
  readonly alice: readonly Row[];
  readonly bob: readonly Row[];
  /** A device outside, whose key package some inputs add. */
  readonly carol: readonly Row[];
  readonly hub: Uint8Array;
  readonly aliceKey: Uint8Array;
  readonly carolKey: Uint8Array;
  /** What a malicious member authenticates its messages with (RFC 9420, sections 6.1 and 6.2). */
  readonly groupContext: Uint8Array;
  readonly membershipKey: Uint8Array;
  /** GroupInfo and tree of the epoch, and messages that bob and the hub must still accept after any refusal. */
  readonly groupInfo: Uint8Array;
  readonly tree: Uint8Array;
  readonly goodMessage: Uint8Array;
  readonly goodCommit: Uint8Array;
}

export const stateFile = (suite: CipherSuite): string => `${corpusFolder}state/suite-${suite}.bin`;
const clockFile = `${corpusFolder}state/made-at.txt`;

export { clockFile };

const rowsOf = (bytes: Uint8Array): Row[] => {
  const parts = splitParts(bytes);
  const rows: Row[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    rows.push({ key: parts[at] as Uint8Array, value: parts[at + 1] });
  }
  return rows;
};

export const bytesOfRows = (rows: readonly Row[]): Uint8Array =>
  joinParts(rows.flatMap(({ key, value }) => [key, value ?? new Uint8Array()]));

export const rowsOfBytes = rowsOf;

export function bytesOf(prepared: Prepared): Uint8Array {
  const { alice, bob, carol } = prepared;
  return joinParts([
    prepared.groupId,
    bytesOfRows(alice),
    bytesOfRows(bob),
    bytesOfRows(carol),
    prepared.hub,
    prepared.aliceKey,
    prepared.carolKey,
    prepared.groupContext,
    prepared.membershipKey,
    prepared.groupInfo,
    prepared.tree,
    prepared.goodMessage,
    prepared.goodCommit,
  ]);
}

function read(suite: CipherSuite): Prepared {
  const parts = splitParts(readFileSync(stateFile(suite)));
  const part = (index: number): Uint8Array => parts[index] ?? new Uint8Array();
  return {
    suite,
    groupId: part(0),
    alice: rowsOf(part(1)),
    bob: rowsOf(part(2)),
    carol: rowsOf(part(3)),
    hub: part(4),
    aliceKey: part(5),
    carolKey: part(6),
    groupContext: part(7),
    membershipKey: part(8),
    groupInfo: part(9),
    tree: part(10),
    goodMessage: part(11),
    goodCommit: part(12),
  };
}

const known = new Map<CipherSuite, Prepared>();

/** The prepared group that the first byte of an input selects. */
export function prepared(selector: number): Prepared {
  const suite = suites[selector % suites.length] as CipherSuite;
  const found = known.get(suite) ?? read(suite);
  known.set(suite, found);
  return found;
}

/** Sets this process's clock to when the states were made, so that no key package in them has run out. */
export function turnBackTheClock(): void {
  const behind = Date.now() - 1000 * Number(readFileSync(clockFile, 'utf8'));
  const now = Date.now.bind(Date);
  Date.now = () => now() - behind;
}

export function restoredGroup(rows: readonly Row[], groupId: Uint8Array) {
  const store = MemberStore.restore(rows);
  const group = Group.load(store, groupId);
  if (group === undefined) throw new Error('the prepared rows have no such group');
  return { store, group };
}

export const restoredHub = ({ hub }: Prepared): HubGroup => HubGroup.restore(hub);

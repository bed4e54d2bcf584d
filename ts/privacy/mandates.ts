// Mandates as hub and members meet them: whose key signs them in a room, which changes of a commit carry one out, and
// how one travels. spec/privacy-modes.md, "Mandates".

import type { CipherSuite } from '../mls/index.ts';
import { type ComponentChange, decodeMandates, encodeMandates, MANDATES } from '../room/index.ts';
import {
  decodeGroupContext,
  externalSendersOf,
  type SlotName,
  type SlotWrite,
} from '../wire/index.ts';
import { refused } from './errors.ts';
import { versionsOf } from './member/member_slots.ts';
import { carriesOut, type Mandate, verifyMandate } from './parts/mandate.ts';
import { sameBytes } from './parts/structs.ts';

/** Where a mandate travels: in the hub's event, and beside the commit that carries it out. */
const MANDATE_SLOT: SlotName = { lifetime: 'epoch', name: new TextEncoder().encode('mandate') };

/** The hub is the first external sender of a room. */
const HUB_INDEX = 0;

/** A group, as a member or the hub has it. */
export interface MandateGroup {
  readonly suite: CipherSuite;
  readonly groupId: Uint8Array;
  groupContext(): Uint8Array;
  component(id: number): Uint8Array | undefined;
}

/** The key by which the hub of a room signs; `undefined` where the room names none: it has no mandates. */
export function hubSignatureKey(group: MandateGroup): Uint8Array | undefined {
  return externalSendersOf(decodeGroupContext(group.groupContext()))[HUB_INDEX]?.signatureKey;
}

/** The number of the last mandate that was carried out; 0 before the first. */
export function lastMandate(group: MandateGroup): bigint {
  const last = group.component(MANDATES);
  return last === undefined ? 0n : decodeMandates(last);
}

/**
 * A mandate that can be carried out in a group as it is now.
 * Throws PrivacyError `malformed`, `badSignature`, `replayed`, `wrongContext` (rule: groupId, current, sequence).
 */
export function openMandate(group: MandateGroup, bytes: Uint8Array): Mandate {
  const key = hubSignatureKey(group);
  if (key === undefined) throw refused('badSignature', 'no hub key');
  const { suite, groupId } = group;
  const lastSequence = lastMandate(group);
  const mandate = verifyMandate(bytes, {
    suite,
    groupId,
    hubSignatureKey: key,
    current: (id) => group.component(id),
    lastSequence,
  });
  if (mandate.sequence !== lastSequence + 1n) throw refused('wrongContext', 'sequence');
  return mandate;
}

/** What a commit proposes to carry a mandate out: the change itself, and its number. */
export function mandatedChanges({
  component,
  update,
  sequence,
}: Mandate): readonly [ComponentChange, ComponentChange] {
  return [
    { id: component, update },
    { id: MANDATES, update: encodeMandates(sequence) },
  ];
}

/**
 * Whether the changes of a commit carry a mandate out. Nothing may change the component before: an update names
 * things by their places, and would mean others then.
 */
export function carriesMandate(mandate: Mandate, changes: readonly ComponentChange[]): boolean {
  const numbers = changes.filter(({ id }) => id === MANDATES);
  if (numbers.length !== 1) return false;
  const [ordered, number] = mandatedChanges(mandate);
  const first = changes.find(({ id }) => id === ordered.id);
  return (
    first !== undefined &&
    carriesOut(mandate, first) &&
    numbers.every((change) => isSame(change, number))
  );
}

/** For `CommitFacts`: which changes of a commit one of these mandates demands; `undefined` where it carries none. */
export function mandatedIn(
  mandates: readonly Mandate[],
  changes: readonly ComponentChange[],
): ((change: ComponentChange) => boolean) | undefined {
  const carried = mandates.find((mandate) => carriesMandate(mandate, changes));
  if (carried === undefined) return undefined;
  const ordered = mandatedChanges(carried);
  return (change) => ordered.some((one) => isSame(one, change));
}

function isSame(one: ComponentChange, other: ComponentChange): boolean {
  if (one.id !== other.id) return false;
  if (one.update === undefined || other.update === undefined) return one.update === other.update;
  return sameBytes(one.update, other.update);
}

/** The mandate as it stands beside a commit, or in the hub's event. */
export const mandateSlot = (mandate: Uint8Array): SlotWrite => ({
  ...MANDATE_SLOT,
  value: mandate,
});

/** The mandates among what came with a handshake, none of them verified. */
export const mandatesAmong = (slots: readonly SlotWrite[]): readonly Uint8Array[] =>
  versionsOf(slots, MANDATE_SLOT);

// What a member learns from a handshake beside the group's own secrets: the next epoch's keys, a new wrapper key, the
// link keys of those who came.

import type { CipherSuite, Credential, Group, Member } from '../../mls/index.ts';
import type { ClientUri, Slot, SlotWrite } from '../../wire/index.ts';
import { PrivacyError } from '../errors.ts';
import type { Mode } from '../mode.ts';
import { decodePseudonymCredential, type PseudonymCredential } from '../parts/credential_struct.ts';
import { linkKeyHash, openLink } from '../parts/identity_link.ts';
import { equalInConstantTime } from '../parts/seal.ts';
import { hex, sameBytes } from '../parts/structs.ts';
import { currentKeys, pendingKeys, placeOf } from './compose.ts';
import { EMPTY_EPOCH, type EpochState } from './epoch_state.ts';
import {
  escrowOf,
  isEscrowed,
  leadsBack,
  readFormerWrappers,
  readLinkKey,
  readWrapper,
  writePrevious,
} from './member_slots.ts';
import type { Identification, Membership, OpenedLink } from './membership.ts';

type Slots = readonly (SlotWrite | Slot)[];

/** What has changed with the epoch that the group has entered. */
export interface EpochChange {
  readonly slots: Slots;
  /** Clients that have no leaf any more. */
  readonly removed: readonly ClientUri[];
}

/**
 * After another member's commit was accepted: the group is in the new epoch, its leaves have been verified. Whoever commits without knowing the wrapper
 * key begins a generation that leads to none before it: then this gives the slot that does, for a member to leave.
 */
export function enterEpoch(
  membership: Membership,
  group: Group,
  members: readonly Member[],
  change: EpochChange,
): SlotWrite | undefined {
  const former = membership.current;
  const keys = currentKeys(group);
  const { groupId, epoch } = group;
  const { wrapperSeal } = keys;
  const brought = readWrapper(change.slots, { groupId, epoch, wrapperSeal });
  const rotated = brought !== undefined && !same(brought, former.wrapper);
  const linkKeys = new Map(former.linkKeys);
  for (const client of change.removed) linkKeys.delete(client);
  const next: EpochState = {
    keys,
    wrapper: brought ?? former.wrapper,
    linkKeys,
    mustRotate: (change.removed.length > 0 && !rotated) || (former.mustRotate && !rotated),
  };
  membership.enter(learn(membership, group, members, next, change.slots));
  if (!rotated || former.wrapper === undefined || leadsBack(change.slots, brought))
    return undefined;
  return writePrevious(groupId, brought, former.wrapper);
}

/** Adds what slots say that was not known: from an event, or as the hub gives them. */
export function learnFrom(
  membership: Membership,
  group: Group,
  members: readonly Member[],
  slots: Slots,
): void {
  const { current } = membership;
  const { groupId, epoch } = group;
  const seal = current.keys?.wrapperSeal;
  const brought =
    current.wrapper ?? (seal && readWrapper(slots, { groupId, epoch, wrapperSeal: seal }));
  const next = { ...current, wrapper: brought };
  membership.enter(learn(membership, group, members, next, slots));
}

function learn(
  { mode }: Membership,
  group: Group,
  members: readonly Member[],
  state: EpochState,
  slots: Slots,
): EpochState {
  const { groupId } = group;
  const linkKeys = new Map(state.linkKeys);
  const { wrapper } = state;
  if (mode.credentials.hidesIdentities && wrapper !== undefined) {
    const wrappers = [wrapper, ...readFormerWrappers(slots, groupId, wrapper)];
    const escrow = escrowOf(placeOf(group));
    for (const { credential } of members) {
      const named = decodePseudonymCredential(credential.bytes);
      if (fits(linkKeys.get(named.client), named)) continue;
      linkKeys.delete(named.client);
      const key = readLinkKey(slots, groupId, wrappers, named.client, named.linkKeyHash);
      // Who has left no escrow as the room asks for it is not verified.
      if (key !== undefined && isEscrowed(slots, escrow, named.client, key)) {
        linkKeys.set(named.client, key);
      }
    }
  }
  return { ...state, linkKeys };
}

/** Whether a link key is the one that a credential was made with: whoever gave it may have given another. */
function fits(
  linkKey: Uint8Array | undefined,
  named: Pick<PseudonymCredential, 'linkKeyHash'>,
): boolean {
  return linkKey !== undefined && equalInConstantTime(linkKeyHash(linkKey), named.linkKeyHash);
}

/**
 * A member that has joined by a Welcome: the keys of its epoch, and what the Welcome brought; of the link keys those that
 * open the link of a member. The leaves have been verified. Throws PrivacyError `malformed`.
 */
export function welcomedEpoch(
  { credentials }: Mode,
  group: Group,
  secrets: EpochState,
): EpochState {
  // In a room with escrow a key counts once its escrow was seen, which a Welcome does not bring.
  const trusted = credentials.hidesIdentities && escrowOf(placeOf(group)) === undefined;
  const members = trusted ? group.members() : [];
  const linkKeys = new Map<ClientUri, Uint8Array>();
  for (const { credential } of members) {
    const named = decodePseudonymCredential(credential.bytes);
    const linkKey = secrets.linkKeys.get(named.client);
    if (linkKey !== undefined && fits(linkKey, named)) linkKeys.set(named.client, linkKey);
  }
  return { ...secrets, linkKeys, keys: currentKeys(group) };
}

/** A device that joins by itself, its commit still pending: what it knows from the link, or nothing. */
export function joinedEpoch(
  group: Group,
  known: Pick<EpochState, 'wrapper' | 'linkKeys'> | undefined,
): EpochState {
  return { ...EMPTY_EPOCH, ...known, keys: pendingKeys(group) };
}

/** Opens the identity link of a leaf. */
export function identify(
  { current, opened }: Membership,
  suite: CipherSuite,
  client: ClientUri,
  leaf: { readonly credential: Credential; readonly signatureKey: Uint8Array },
): Identification {
  const linkKey = current.linkKeys.get(client);
  if (linkKey === undefined) return { status: 'unverified', code: 'noLinkKey' };
  const known = opened.get(client);
  if (known !== undefined && isOf(known, linkKey, leaf)) return known.found;
  const found = open(suite, linkKey, leaf);
  opened.set(client, { linkKey, leaf, found });
  return found;
}

/** Whether a link was opened by this key, in this leaf. */
function isOf({ linkKey, leaf }: OpenedLink, key: Uint8Array, now: OpenedLink['leaf']): boolean {
  return (
    equalInConstantTime(linkKey, key) &&
    sameBytes(leaf.signatureKey, now.signatureKey) &&
    sameBytes(leaf.credential.bytes, now.credential.bytes)
  );
}

function open(suite: CipherSuite, linkKey: Uint8Array, leaf: OpenedLink['leaf']): Identification {
  try {
    const real = openLink({
      suite,
      credential: leaf.credential.bytes,
      leafSignatureKey: leaf.signatureKey,
      linkKey,
    });
    return { status: 'verified', real };
  } catch (error) {
    if (error instanceof PrivacyError) return { status: 'unverified', code: error.code };
    throw error;
  }
}

function same(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && hex(one) === hex(other);
}

// What a member learns from a handshake beside the group's own secrets: the next epoch's keys, a new wrapper key, the
// link keys of those who came, the secrets of new join links.

import type { CipherSuite, Credential, Group, Member } from '../../mls/index.ts';
import type { JoinLink } from '../../room/index.ts';
import type { ClientUri, Slot, SlotWrite } from '../../wire/index.ts';
import { PrivacyError } from '../errors.ts';
import { readLinkClaim, showsSecret } from '../link_claim.ts';
import { openLink } from '../parts/identity_link.ts';
import { openSecretForMembers, verifyJoinProof } from '../parts/join_link.ts';
import { readPseudonymCredential } from '../parts/pseudonym_credential.ts';
import type { RealIdentity } from '../parts/real_identity.ts';
import { hex } from '../parts/structs.ts';
import { currentKeys, formerWriteKey, pendingKeys } from './compose.ts';
import { EMPTY_EPOCH, type EpochState } from './epoch_state.ts';
import {
  leadsBack,
  linkSecretSlot,
  readFormerWrappers,
  readLinkKey,
  readWrapper,
  versionsOf,
  writePrevious,
} from './member_slots.ts';
import type { Membership } from './membership.ts';

type Slots = readonly (SlotWrite | Slot)[];

/** What has changed with the epoch that the group has entered. */
export interface EpochChange {
  readonly slots: Slots;
  /** Clients that have no leaf any more. */
  readonly removed: readonly ClientUri[];
  /** Links that live now. */
  readonly links: readonly JoinLink[];
}

/**
 * After another member's commit was accepted: the group is in the new epoch. Whoever commits without knowing the wrapper
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
  const live = new Set(change.links.map(({ id }) => hex(id)));
  const next: EpochState = {
    keys,
    formerWriteKey: formerWriteKey(membership),
    wrapper: brought ?? former.wrapper,
    linkKeys,
    joinSecrets: new Map([...former.joinSecrets].filter(([id]) => live.has(id))),
    mustRotate: (change.removed.length > 0 && !rotated) || (former.mustRotate && !rotated),
  };
  membership.enter(learn(membership, group, members, next, change));
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
  links: readonly JoinLink[],
): void {
  const { current } = membership;
  const { groupId, epoch } = group;
  const seal = current.keys?.wrapperSeal;
  const brought =
    current.wrapper ?? (seal && readWrapper(slots, { groupId, epoch, wrapperSeal: seal }));
  const next = { ...current, wrapper: brought };
  membership.enter(learn(membership, group, members, next, { slots, removed: [], links }));
}

function learn(
  { mode }: Membership,
  group: Group,
  members: readonly Member[],
  state: EpochState,
  { slots, links }: EpochChange,
): EpochState {
  const { groupId, suite } = group;
  const linkKeys = new Map(state.linkKeys);
  const { wrapper } = state;
  if (mode.credentials.hidesIdentities && wrapper !== undefined) {
    const wrappers = [wrapper, ...readFormerWrappers(slots, groupId, wrapper)];
    for (const { credential, signatureKey } of members) {
      const named = readPseudonymCredential(credential.bytes, signatureKey, suite);
      if (linkKeys.has(named.client)) continue;
      const key = readLinkKey(slots, groupId, wrappers, named.client, named.linkKeyHash);
      if (key !== undefined) linkKeys.set(named.client, key);
    }
  }
  const secrets = new Map(state.joinSecrets);
  const membersKey = wrapper ?? state.keys?.wrapperSeal;
  for (const { id, secretHash } of links) {
    if (secrets.has(hex(id)) || membersKey === undefined) continue;
    for (const version of versionsOf(slots, linkSecretSlot(id))) {
      const secret = attempt(() =>
        openSecretForMembers({ groupId, linkId: id }, membersKey, secretHash, version),
      );
      if (secret !== undefined) secrets.set(hex(id), secret);
    }
  }
  return { ...state, linkKeys, joinSecrets: secrets };
}

/** A member that has joined by a Welcome: the keys of its epoch, and what the Welcome brought. */
export function welcomedEpoch(group: Group, secrets: EpochState): EpochState {
  return { ...secrets, keys: currentKeys(group) };
}

/** A device that joins by itself, its commit still pending: what it knows from the link, or nothing. */
export function joinedEpoch(
  group: Group,
  known: Pick<EpochState, 'wrapper' | 'joinSecrets' | 'linkKeys'> | undefined,
): EpochState {
  return { ...EMPTY_EPOCH, ...known, keys: pendingKeys(group) };
}

/** What is known of who is behind a leaf. */
export type Identification =
  | { readonly status: 'verified'; readonly real: RealIdentity }
  /** The link key has not come, or the link does not open; `code` says why. */
  | { readonly status: 'unverified'; readonly code: string };

/** Opens the identity link of a leaf. */
export function identify(
  { current }: Membership,
  suite: CipherSuite,
  client: ClientUri,
  leaf: { readonly credential: Credential; readonly signatureKey: Uint8Array },
): Identification {
  const linkKey = current.linkKeys.get(client);
  if (linkKey === undefined) return { status: 'unverified', code: 'noLinkKey' };
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

/** The external commit of a newcomer, as far as its claim of a link is bound to it. */
export interface ClaimingCommit {
  readonly groupId: Uint8Array;
  /** In which it was sent. */
  readonly epoch: bigint;
  readonly authenticatedData: Uint8Array;
  readonly leafSignatureKey: Uint8Array;
}

/**
 * The link that a newcomer claims in its commit's authenticated data, and whether it has shown that it holds it;
 * `proven` is `undefined` while this member does not know the secret. Throws PrivacyError `malformed`.
 */
export function claimedLink(
  { current }: Membership,
  links: readonly JoinLink[],
  { groupId, epoch, authenticatedData, leafSignatureKey }: ClaimingCommit,
): { readonly id: Uint8Array; readonly proven: boolean | undefined } | undefined {
  const claim = readLinkClaim(authenticatedData);
  if (claim === undefined) return undefined;
  const { linkId, proof } = claim;
  if (showsSecret(links, claim)) return { id: linkId, proven: true };
  const secret = current.joinSecrets.get(hex(linkId));
  if (secret === undefined) return { id: linkId, proven: undefined };
  const shown = attempt(() => {
    verifyJoinProof(secret, { groupId, linkId, epoch, leafSignatureKey }, proof);
    return true;
  });
  return { id: linkId, proven: shown ?? false };
}

function attempt<Value>(run: () => Value): Value | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof PrivacyError) return undefined;
    throw error;
  }
}

function same(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && hex(one) === hex(other);
}

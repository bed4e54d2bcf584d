// The decision on an external commit: a further client of a participant joins by itself, or an outsider by a link.
// draft-ietf-mimi-room-policy-03, `canAddOwnClient`, `canUseJoinCode`.

import { MANDATES, PARTICIPANT_LIST } from '../components/ids.ts';
import { findLink } from '../components/join_links.ts';
import { BANNED_ROLE, NO_ROLE } from '../roles.ts';
import { roleOf, userCan } from '../state.ts';
import { sameDomain } from './domains.ts';
import { type Effect, effectOf } from './effect.ts';
import { checkLimits } from './invariants.ts';
import { type Refusal, refuse } from './rules.ts';
import { type ProposedCommit, type RoomView, sameIdentity } from './view.ts';

const PROPOSALS = new Set(['externalInit', 'remove', 'appDataUpdate']);
/** Former leaves that a client may have in the tree and still join by itself: it loses its keys seldom. */
const FORMER_LEAVES = 3;

/**
 * A newcomer may remove its own former leaf only. A client that has lost its signature key leaves that leaf standing,
 * since the core finds it by the key: the client removes it in its first commit as a member. How many may stand is
 * bounded, so that no client fills the tree. Queued proposals are not asked for: an external commit drops them, and
 * the hub issues them again.
 */
export function decideExternalJoin(room: RoomView, commit: ProposedCommit): Refusal | undefined {
  const early = checkProposals(commit);
  if (early !== undefined) return early;
  const effect = effectOf(room, commit);
  if ('allowed' in effect) return effect;
  return checkFormerLeaves(effect) ?? checkRight(effect) ?? checkLimits(effect);
}

function checkProposals({ sender, proposals, added, updated, changes }: ProposedCommit) {
  for (const { type, by } of proposals) {
    if (!PROPOSALS.has(type) || by === 'hub' || !sameIdentity(by, sender)) {
      return refuse('R5-proposal-type', `a proposal of type ${type} is not for an external commit`);
    }
  }
  if (added.length > 0 || updated.length > 0) {
    return refuse('R4-external-join', 'an external commit lets in or changes another client');
  }
  if (!sameDomain(sender)) {
    return refuse('R1-domains', 'a client joins whose provider is not that of its user');
  }
  if (changes.some(({ id, mandated }) => id === MANDATES || mandated === true)) {
    return refuse('R22-mandate', 'a mandate is for the commit of a member');
  }
  if (changes.some(({ id }) => id !== PARTICIPANT_LIST)) {
    return refuse('R4-external-join', 'an external commit changes the participant list at most');
  }
  return undefined;
}

function checkFormerLeaves({ commit, removals, staying }: Effect): Refusal | undefined {
  const { sender } = commit;
  if (removals.length > 1 || removals.some(({ leaf }) => !sameIdentity(leaf, sender))) {
    return refuse('R4-external-join', 'an external commit may remove its own former leaf only');
  }
  const former = staying.filter(({ client }) => client === sender.client);
  if (commit.vouched === false && former.length + removals.length > 0) {
    return refuse('R4-external-join', 'nothing shows that the newcomer is the client it names');
  }
  if (former.some(({ user }) => user !== sender.user)) {
    return refuse('R2-one-leaf-per-client', 'the client is in the group for another user');
  }
  if (former.length > FORMER_LEAVES) {
    return refuse('R2-one-leaf-per-client', 'former leaves of the client must be removed first');
  }
  return undefined;
}

function checkRight(effect: Effect): Refusal | undefined {
  const { before, commit, moves } = effect;
  const { user } = commit.sender;
  const role = roleOf(before, user);
  if (role === BANNED_ROLE) return refuse('R18-banned', 'a banned user joins');
  if (commit.link?.proven === false) {
    return refuse('R23-join-link', 'the newcomer does not know the secret of its link');
  }
  if (role === NO_ROLE) return checkLinkJoin(effect);
  if (commit.vouched === false) {
    return refuse('R4-external-join', 'nothing shows that the newcomer is the user it names');
  }
  if (commit.changes.length > 0 || moves.length > 0) {
    return refuse('R4-external-join', 'a participant who joins changes nothing in the list');
  }
  return userCan(before, user, 'canAddOwnClient')
    ? undefined
    : refuse('R24-own-client', 'adding own clients takes canAddOwnClient');
}

function checkLinkJoin({ before, next, commit, moves }: Effect): Refusal | undefined {
  const { link: shown, sender, now } = commit;
  if (shown === undefined) {
    return refuse(
      'R4-external-join',
      'only a further client of a participant joins without a link',
    );
  }
  const link = findLink(before.links, shown.id);
  if (link === undefined) return refuse('R23-join-link', 'the room has no such join link');
  if (now !== undefined && now >= link.expiry) return refuse('R23-join-link', 'the link is void');
  if (!userCan(before, sender.user, 'canUseJoinCode')) {
    return refuse('R23-join-link', 'users outside the room may not use join links');
  }
  const place = next.roles.some(({ index }) => index === link.role) && link.role > BANNED_ROLE;
  if (!place) return refuse('R23-join-link', 'the link is for a role that the room does not have');
  const [move, ...more] = moves;
  const exact = move?.user === sender.user && move.to === link.role && more.length === 0;
  if (exact) return undefined;
  return refuse('R4-external-join', 'a newcomer adds exactly itself, with the role of its link');
}

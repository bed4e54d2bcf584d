// Makes a mandate for a room as it is: the exact update, the hub's signature, the removals that go with it, and the
// events that tell members. Changes nothing. spec/privacy-modes.md, "Mandates".

import {
  decodeMandate,
  lastMandate,
  type Mandate,
  makeMandate,
  mandatedChanges,
  PrivacyError,
  signerOf,
} from '../../privacy/index.ts';
import {
  BANNED_ROLE,
  encodeParticipantListUpdate,
  FRANKING_AGENT,
  NO_ROLE,
  PARTICIPANT_LIST,
  participantListUpdate,
  type RoomState,
} from '../../room/index.ts';
import type { Aim } from '../records/mandate_row.ts';
import type { HubContext } from './context.ts';
import { externalRemoval } from './external_removal.ts';
import { signingKeyFor } from './group_info.ts';
import type { FollowedGroup, HubRoom, HubView } from './hub_room.ts';
import { HubEvents } from './mandate_events.ts';
import { coverable, type Leavers, leaversOf, queueOf } from './mandate_outlook.ts';
import type { Refusal } from './refusal.ts';

/** A mandate that is ready to be given out. */
export interface Plan {
  readonly aim: Aim;
  readonly mandate: Uint8Array;
  readonly content: Mandate;
  /** MLSMessages of the removals that go with it. */
  readonly removals: readonly Uint8Array[];
  readonly proposalsEvent: ((acceptedAt: number) => Uint8Array) | undefined;
  readonly mandateEvent: (acceptedAt: number) => Uint8Array;
}

/** Makes the mandate for the room as it is, or says why no commit could carry it out. Changes nothing. */
export function planMandate(
  context: HubContext,
  room: HubRoom,
  sight: FollowedGroup,
  view: HubView,
  aim: Aim,
): Plan | Refusal {
  const { group } = sight;
  const { suite, groupId } = group;
  const queue = queueOf(group, view.roster);
  const leavers = leaversOf(view, queue);
  const component = 'agent' in aim ? FRANKING_AGENT : PARTICIPANT_LIST;
  const update = 'agent' in aim ? aim.agent : updateFor(view.state, leavers, aim);
  const { privateKey } = signingKeyFor(context.keys, suite);
  const mandate = makeMandate(
    {
      groupId,
      sequence: lastMandate(group) + 1n,
      component,
      current: group.component(component),
      update,
    },
    signerOf(suite, privateKey),
  );
  const content = decodeMandate(mandate);
  const queued = new Set(queue.map(({ removed }) => removed));
  const leaves = [...view.roster.values()]
    .filter((leaf) => takesOut(aim, leaf.user) && !queued.has(leaf.leafIndex))
    .map(({ leafIndex }) => leafIndex);
  const changes = mandatedChanges(content).map((change) => ({ ...change, mandated: true }));
  // Where the mandate is of another component, who leaves is taken out of the list beside it.
  const beside = 'agent' in aim && leavers.size > 0 ? [listUpdate(view.state, leavers)] : [];
  const refusal = coverable(view, queue, leaves, [...changes, ...beside]);
  if (refusal !== undefined) return refusal;
  const removals = leaves.map((leafIndex) => externalRemoval(group, privateKey, leafIndex));
  const events = new HubEvents(context, room, sight);
  try {
    return {
      aim,
      mandate,
      content,
      removals,
      proposalsEvent: removals.length === 0 ? undefined : events.proposals(removals),
      mandateEvent: events.mandate(mandate),
    };
  } catch (error) {
    if (!(error instanceof PrivacyError)) throw error;
    return { rule: 'announcement', why: `the members' epoch key does not serve: ${error.code}` };
  }
}

const takesOut = (aim: Aim, user: string): boolean =>
  'user' in aim && aim.role <= BANNED_ROLE && aim.user === user;

const listUpdate = ({ participants }: RoomState, leavers: Leavers) => ({
  id: PARTICIPANT_LIST,
  update: encodeParticipantListUpdate(
    participantListUpdate(
      participants,
      [...leavers].map((user) => ({ user, role: NO_ROLE })),
    ),
  ),
});

/** The list's update: of a component a commit has one only, so that who leaves by itself is taken out by it too. */
function updateFor(
  { participants }: RoomState,
  leavers: Leavers,
  { user, role }: Extract<Aim, { user: string }>,
) {
  const roles = new Map<string, number>([...leavers].map((leaver) => [leaver, NO_ROLE]));
  if (role <= BANNED_ROLE || !leavers.has(user)) roles.set(user, role);
  const wanted = [...roles].map(([name, index]) => ({ user: name, role: index }));
  return encodeParticipantListUpdate(participantListUpdate(participants, wanted));
}

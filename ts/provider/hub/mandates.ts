// Mandates: room-state changes that the operator orders and members must commit. One at a time in a room; until it is
// carried out no member's commit passes without it, and events are judged by the state that it leads to.
// spec/privacy-modes.md, "Mandates"; draft-ietf-mimi-protocol-06 leaves the hub no such means.

import type { HubCommitSummary } from '../../mls/index.ts';
import {
  carriesMandate,
  decodeMandate,
  hubSignatureKey,
  type Mandate,
  mandatedChanges,
} from '../../privacy/index.ts';
import { applyChanges, BANNED_ROLE, NO_ROLE, type RoomState, roleOf } from '../../room/index.ts';
import {
  encodeExternalSender,
  type HubPart,
  type RoomUri,
  type UserUri,
} from '../../wire/index.ts';
import { sameBytes } from '../bytes.ts';
import { ProviderError } from '../errors.ts';
import { type Aim, encodeOpenMandate } from '../records/mandate_row.ts';
import { encodeWaiting } from '../records/room_rows.ts';
import { roomRows } from '../rows.ts';
import type { Input, Turn } from '../shard.ts';
import type { AppendRecord, StoreRow } from '../store.ts';
import { acceptanceTime, acceptEntry, acceptHandshake } from './accept.ts';
import type { HubContext } from './context.ts';
import { signingKeyFor } from './group_info.ts';
import type { FollowedGroup, HubRoom } from './hub_room.ts';
import { type Plan, planMandate } from './mandate_plan.ts';
import type { Refusal } from './refusal.ts';

/** What an operator can order; a user is named as the room names it. */
export type MandateChange =
  | { readonly ban: UserUri }
  /** Ends a ban: the user is outside the list then. */
  | { readonly unban: UserUri }
  /** Takes a user out with all its clients; unlike who is banned, it may be added or join again. */
  | { readonly remove: UserUri }
  | { readonly role: { readonly user: UserUri; readonly role: number } }
  /** Has the room's messages franked by the present key of this hub. */
  | { readonly frankingKey: 'current' };

export interface MandateIssued {
  /** The mandate's number in its room: 1, 2, 3… */
  readonly sequence: number;
}

/** What must be written for a mandate. */
export interface MandateEffects {
  readonly records: readonly AppendRecord[];
  readonly rows: readonly StoreRow[];
}

const NO_EFFECTS: MandateEffects = { records: [], rows: [] };

/**
 * The input for a mandate of the operator.
 * @throws ProviderError `unknownRoom`, `mandateOpen`, `wrongMandate`, `mandateImpossible` (rule: `sight`, where the
 * mode lets the hub see no state; `hubKey`, where the room names another hub; a rule of the policy).
 */
export function issueMandate(
  context: HubContext,
  uri: RoomUri,
  change: MandateChange,
): Input<MandateIssued> {
  let room: HubRoom;
  return {
    owner: uri,
    prepare: async () => {
      room = await context.directory.hubRoom(uri);
    },
    decide: (turn) => {
      const { sight, view } = room;
      if (sight.kind === 'hidden' || view === undefined) throw impossible('sight');
      if (room.mandate !== undefined) throw new ProviderError('mandateOpen');
      const aim =
        'frankingKey' in change ? agentAim(context, sight, view.state) : aimOf(view.state, change);
      const { publicKey } = signingKeyFor(context.keys, sight.group.suite);
      const named = hubSignatureKey(sight.group);
      if (named === undefined || !sameBytes(named, publicKey)) throw impossible('hubKey');
      const plan = planMandate(context, room, sight, view, aim);
      if ('rule' in plan) throw impossible(plan.rule, plan.why);
      const effects = enact(context, room, sight, turn, plan);
      return { answer: { sequence: Number(plan.content.sequence) }, ...effects };
    },
  };
}

function impossible(rule: string, why?: string): ProviderError {
  return new ProviderError('mandateImpossible', why, { details: { rule } });
}

/** The agent of the room, with the present key. */
function agentAim(
  { franking }: HubContext,
  { group }: FollowedGroup,
  { franking: agreed }: RoomState,
): Aim {
  if (agreed === undefined) throw new ProviderError('wrongMandate');
  const { ed25519, p256 } = franking.current();
  const signatureKey = group.suite === 2 ? p256 : ed25519;
  if (sameBytes(signatureKey, agreed.agent.signatureKey)) throw new ProviderError('wrongMandate');
  return { agent: encodeExternalSender({ ...agreed.agent, signatureKey }) };
}

type RoleChange = Exclude<MandateChange, { readonly frankingKey: 'current' }>;

function aimOf(state: RoomState, change: RoleChange): Aim {
  const aim = rolesOf(change);
  const now = roleOf(state, aim.user);
  const sensible =
    'ban' in change
      ? now !== BANNED_ROLE
      : 'unban' in change
        ? now === BANNED_ROLE
        : 'remove' in change
          ? now > BANNED_ROLE
          : now > BANNED_ROLE && aim.role > BANNED_ROLE && aim.role !== now;
  const defined = aim.role === NO_ROLE || state.roles.some(({ index }) => index === aim.role);
  if (!sensible || !defined) throw new ProviderError('wrongMandate');
  return aim;
}

function rolesOf(change: RoleChange) {
  if ('ban' in change) return { user: change.ban, role: BANNED_ROLE };
  if ('unban' in change) return { user: change.unban, role: NO_ROLE };
  if ('remove' in change) return { user: change.remove, role: NO_ROLE };
  return change.role;
}

/** Gives a mandate out: its removals come first, so that who commits for its sake knows them. */
function enact(
  context: HubContext,
  room: HubRoom,
  { group }: FollowedGroup,
  turn: Turn,
  { aim, mandate, removals, proposalsEvent, mandateEvent }: Plan,
): MandateEffects {
  const records: AppendRecord[] = [];
  const rows: StoreRow[] = [];
  const acceptedAt = acceptanceTime(room, turn);
  const entry = { acceptedAt, from: context.domain, followers: context.othersOf(room.domains) };
  const accept = (kind: 'proposals' | 'mandate', fanout: Uint8Array) => {
    const at = { ...turn, position: turn.position + records.length };
    if (kind === 'proposals') rows.push(...acceptHandshake(context, room, at));
    const accepted = acceptEntry(room, at, { ...entry, kind, fanout });
    records.push(accepted.record);
    rows.push(...accepted.rows);
    context.report({
      type: 'accepted',
      room: room.uri,
      kind,
      seq: room.seq,
      from: context.domain,
      bytes: fanout.length,
    });
  };
  if (proposalsEvent !== undefined) {
    for (const message of removals) room.apply(group, room.process(group, message));
    room.waiting = [...room.waiting, ...removals.map((message) => ({ message, acceptedAt }))];
    accept('proposals', proposalsEvent(acceptedAt));
    rows.push({ key: roomRows.pending(room.uri), value: encodeWaiting(room.waiting) });
  }
  room.mandate = { aim, mandate };
  accept('mandate', mandateEvent(acceptedAt));
  rows.push({ key: roomRows.mandate(room.uri), value: encodeOpenMandate(room.mandate) });
  return { records, rows };
}

/** The mandate that waits in a room. */
export function waitingMandate({ mandate }: HubRoom): Mandate | undefined {
  return mandate && decodeMandate(mandate.mandate);
}

/** The state that the waiting mandate leads to; by it later events are judged. */
export function stateToCome(room: HubRoom, state: RoomState): RoomState {
  const mandate = waitingMandate(room);
  return mandate === undefined ? state : applyChanges(state, mandatedChanges(mandate));
}

/**
 * Why a commit is refused for the sake of a waiting mandate. A member's must carry it. A newcomer's cannot, since it
 * has not seen it; but it must leave a key by which the mandate, made anew, reaches the members.
 */
export function mandateRefusal(
  room: HubRoom,
  { external, components }: HubCommitSummary,
  user: string,
  part: HubPart,
): Refusal | undefined {
  const mandate = waitingMandate(room);
  if (mandate === undefined || room.view === undefined) return undefined;
  if (!external) {
    return carriesMandate(mandate, components)
      ? undefined
      : { rule: 'mandate', why: 'a mandate of the hub waits, and the commit does not carry it' };
  }
  const { state } = room.view;
  const next = roleOf(stateToCome(room, state), user);
  if (next === BANNED_ROLE) return { rule: 'R18-banned', why: 'a mandate bans who joins' };
  if (next === NO_ROLE && roleOf(state, user) !== NO_ROLE) {
    return { rule: 'mandate', why: 'a mandate takes out who joins' };
  }
  return room.mode.framing === 'mode' && part.announcement.length === 0
    ? { rule: 'announcement', why: 'a mandate waits, and members could not be told of it' }
    : undefined;
}

/** After a commit was merged: the mandate is carried out, or, after a newcomer's, made anew for the new state. */
export function mandateAfterCommit(
  context: HubContext,
  room: HubRoom,
  sight: FollowedGroup,
  turn: Turn,
  { external }: HubCommitSummary,
): MandateEffects | Refusal {
  if (room.mandate === undefined) return NO_EFFECTS;
  if (external) return makeAnew(context, room, sight, turn);
  room.mandate = undefined;
  return { records: [], rows: [{ key: roomRows.mandate(room.uri), value: undefined }] };
}

/** After proposals were queued: who leaves by them may have to be taken out by the mandate's update. */
export function mandateAfterProposals(
  context: HubContext,
  room: HubRoom,
  sight: FollowedGroup,
  turn: Turn,
): MandateEffects | Refusal {
  const before = waitingMandate(room);
  if (before === undefined) return NO_EFFECTS;
  return makeAnew(context, room, sight, turn, before);
}

function makeAnew(
  context: HubContext,
  room: HubRoom,
  sight: FollowedGroup,
  turn: Turn,
  before?: Mandate,
): MandateEffects | Refusal {
  const { mandate, view } = room;
  if (mandate === undefined || view === undefined) return NO_EFFECTS;
  const plan = planMandate(context, room, sight, view, mandate.aim);
  if ('rule' in plan) return plan;
  const same =
    before?.update !== undefined &&
    plan.content.update !== undefined &&
    sameBytes(before.update, plan.content.update);
  return same && plan.removals.length === 0 ? NO_EFFECTS : enact(context, room, sight, turn, plan);
}

// The state of a room, read from the components of its group: spec "Room state"; draft-ietf-mimi-protocol-06, "Room state".

import type { CapabilityName } from './capabilities.ts';
import { type Closing, closing } from './components/closing.ts';
import {
  type Component,
  type ComponentChange,
  readUpdates,
  readValue,
  type ValueReader,
} from './components/component.ts';
import { type EscrowParty, escrow } from './components/escrow.ts';
import {
  type FrankingAgent,
  type FrankingForm,
  frankingAgent,
  frankingForm,
  safeAad,
} from './components/franking.ts';
import { type HubKey, hubKeys } from './components/hub_keys.ts';
import { FRANK_AAD } from './components/ids.ts';
import { type JoinLink, joinLinks } from './components/join_links.ts';
import { mandates } from './components/mandates.ts';
import { roomMode } from './components/mode.ts';
import { type ParticipantList, participantList } from './components/participant_list.ts';
import { checkRoles, type Role, rolesList } from './components/roles_list.ts';
import { type SealedBan, sealedBans } from './components/sealed_bans.ts';
import { RoomError } from './errors.ts';
import { BANNED_ROLE, defaultRoles, NO_ROLE, OWNER_ROLE, roleCan } from './roles.ts';

/** Everything that the group says of its room. */
export interface RoomState {
  /** Name of the privacy mode; it never changes. */
  readonly mode: string;
  readonly creator: string | undefined;
  /** In the order of the list, by whose places updates name users. */
  readonly participants: ParticipantList;
  readonly roles: readonly Role[];
  readonly links: readonly JoinLink[];
  /** Set once the room goes on elsewhere. */
  readonly closing: Closing | undefined;
  /** Number of the last mandate; 0 before the first. */
  readonly lastMandate: bigint;
  readonly hubKeys: readonly HubKey[];
  /** How the room's messages are franked, where they are. */
  readonly franking: Franking | undefined;
  /** Who is banned, for members to read; entries of users who are not banned any more mean nothing. */
  readonly bans: readonly SealedBan[];
  /** To whom the keys of identity links are sealed; absent in rooms without escrow. */
  readonly escrow: readonly EscrowParty[] | undefined;
}

/** In which form messages are franked, and by whom. */
export interface Franking {
  readonly form: FrankingForm;
  readonly agent: FrankingAgent;
}

/** A component as the group holds it. */
export interface ComponentData {
  readonly id: number;
  readonly data: Uint8Array;
}

/** What a new room starts with. */
export interface RoomStart {
  readonly mode: string;
  /** The user that creates the room, as its leaf names it; owner unless `participants` says otherwise. */
  readonly creator: string;
  /** Of a successor: who takes part, the creator included. */
  readonly participants?: ParticipantList | undefined;
  readonly roles?: readonly Role[] | undefined;
  readonly hubKeys?: readonly HubKey[] | undefined;
  readonly franking?: Franking | undefined;
  /** Two parties, of a room with escrow. */
  readonly escrow?: readonly EscrowParty[] | undefined;
}

/**
 * The components of a new room, by rising id.
 * @throws RoomError `badRoles`, `badRoomState` (the participants contradict the roles or lack the creator).
 */
export function initialComponents(start: RoomStart): ComponentData[] {
  const { mode, creator, roles = defaultRoles() } = start;
  const participants = start.participants ?? [{ user: creator, role: OWNER_ROLE }];
  const items = [
    item(participantList, participants),
    item(rolesList, roles),
    item(joinLinks, []),
    item(roomMode, { mode, creator }),
    item(mandates, 0n),
    item(hubKeys, start.hubKeys ?? []),
    ...frankingItems(start.franking),
    ...(start.escrow === undefined ? [] : [item(escrow, start.escrow)]),
  ].sort((one, other) => one.id - other.id);
  const state = stateOf(items);
  if (roleOf(state, creator) <= BANNED_ROLE) throw contradiction('The creator does not take part.');
  return items;
}

function frankingItems(franking: Franking | undefined): ComponentData[] {
  if (franking === undefined) return [];
  const { form, agent } = franking;
  return [item(safeAad, [FRANK_AAD]), item(frankingAgent, agent), item(frankingForm, form)];
}

function item<Value>(
  component: Pick<Component<Value, unknown>, 'id' | 'encode'>,
  value: Value,
): ComponentData {
  return { id: component.id, data: component.encode(value) };
}

/**
 * Reads the state of a room; components of others are passed over.
 * @throws RoomError `noRoomState` without mode, participants or roles; `badRoomState`, `badRoles`.
 */
export function stateOf(components: readonly ComponentData[]): RoomState {
  const byId = new Map(components.map(({ id, data }) => [id, data]));
  const read = <Value>(component: ValueReader<Value>): Value | undefined => {
    const data = byId.get(component.id);
    return data === undefined ? undefined : readValue(component, data);
  };
  const mode = read(roomMode);
  const participants = read(participantList);
  const roles = read(rolesList);
  if (mode === undefined || participants === undefined || roles === undefined) {
    throw new RoomError('noRoomState');
  }
  checkRoles(roles);
  checkParticipants(participants, roles);
  return {
    mode: mode.mode,
    creator: mode.creator,
    participants,
    roles,
    links: read(joinLinks) ?? [],
    closing: read(closing),
    lastMandate: read(mandates) ?? 0n,
    hubKeys: read(hubKeys) ?? [],
    franking: frankingOf((id) => byId.get(id)),
    bans: read(sealedBans) ?? [],
    escrow: read(escrow),
  };
}

/** How the messages of a room are franked, from its components alone. @throws RoomError `badRoomState`. */
export function frankingOf(
  component: (id: number) => Uint8Array | undefined,
): Franking | undefined {
  const agent = component(frankingAgent.id);
  if (agent === undefined) return undefined;
  const form = component(frankingForm.id);
  return {
    // A room of others does not say: it is in the only form that the drafts know.
    form: form === undefined ? 'draft06' : readValue(frankingForm, form),
    agent: readValue(frankingAgent, agent),
  };
}

function checkParticipants(participants: ParticipantList, roles: readonly Role[]): void {
  const users = new Set(participants.map(({ user }) => user));
  if (users.size !== participants.length) throw contradiction('A user takes part twice.');
  const defined = new Set(roles.map(({ index }) => index));
  if (participants.some(({ role }) => role === NO_ROLE || !defined.has(role))) {
    throw contradiction('A participant has a role that the room does not define.');
  }
}

function contradiction(message: string): RoomError {
  return new RoomError('badRoomState', message);
}

/**
 * The state after the changes of one commit: what `resolveComponent` does to the bytes, done to what they say.
 * @throws RoomError with the codes of `resolveComponent`.
 */
export function applyChanges(state: RoomState, changes: readonly ComponentChange[]): RoomState {
  const updates = new Map<number, (Uint8Array | undefined)[]>();
  for (const { id, update } of changes) {
    const earlier = updates.get(id);
    if (earlier === undefined) updates.set(id, [update]);
    else earlier.push(update);
  }
  const next = <Value, Update>(component: Component<Value, Update>, current: Value | undefined) => {
    const found = updates.get(component.id);
    updates.delete(component.id);
    if (found === undefined) return undefined;
    return component.apply(current, readUpdates(component, found));
  };
  next(roomMode, state);
  next(frankingForm, state.franking?.form);
  next(safeAad, undefined);
  const agent = next(frankingAgent, state.franking?.agent);
  next(escrow, state.escrow);
  const changed: RoomState = {
    ...state,
    participants: next(participantList, state.participants) ?? state.participants,
    roles: next(rolesList, state.roles) ?? state.roles,
    links: next(joinLinks, state.links) ?? state.links,
    closing: next(closing, state.closing) ?? state.closing,
    lastMandate: next(mandates, state.lastMandate) ?? state.lastMandate,
    hubKeys: next(hubKeys, state.hubKeys) ?? state.hubKeys,
    franking: state.franking && { ...state.franking, agent: agent ?? state.franking.agent },
    bans: next(sealedBans, state.bans) ?? state.bans,
  };
  const [unknown] = updates.keys();
  if (unknown !== undefined) {
    throw new RoomError('unknownComponent', undefined, { details: { id: unknown } });
  }
  return changed;
}

/** The index of a user's role; 0 where the user is not in the list. */
export function roleOf({ participants }: RoomState, user: string): number {
  return participants.find((entry) => entry.user === user)?.role ?? NO_ROLE;
}

/** The definition of a role. */
export function roleAt({ roles }: RoomState, index: number): Role | undefined {
  return roles.find((one) => one.index === index);
}

/** Whether a user's role, that of users outside the list included, has a capability. */
export function userCan(state: RoomState, user: string, name: CapabilityName): boolean {
  return roleCan(roleAt(state, roleOf(state, user)), name);
}

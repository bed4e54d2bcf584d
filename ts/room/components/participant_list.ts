// participant_list: ParticipantListData and ParticipantListUpdate of draft-ietf-mimi-protocol-06, "Participant List".

import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import { RoomError } from '../errors.ts';
import { type Component, readU32s, writeU32s } from './component.ts';
import { PARTICIPANT_LIST } from './ids.ts';

/** A user and the one role that it has. */
export interface UserRole {
  /** The user's URI; a pseudonym where the mode says so. */
  readonly user: string;
  /** Index of a role, never 0. */
  readonly role: number;
}

/** The participants of a room, clients or none; an update names them by their place. */
export type ParticipantList = readonly UserRole[];

/** Changes by place in the list before the update, applied in this order. */
export interface ParticipantListUpdate {
  readonly changedRole: readonly { readonly index: number; readonly role: number }[];
  readonly removedIndices: readonly number[];
  readonly added: readonly UserRole[];
}

function readUserRole(reader: Reader): UserRole {
  return { user: reader.text('user'), role: reader.u32('role_index') };
}

function writeUserRole(writer: Writer, { user, role }: UserRole): void {
  writer.text(user, 'user');
  writer.u32(role, 'role_index');
}

export const encodeParticipantList = encoder((writer, value: ParticipantList) =>
  writer.list(value, 'participants', writeUserRole),
);
export const decodeParticipantList = decoder<ParticipantList>((reader) =>
  reader.list('participants', readUserRole),
);

export const encodeParticipantListUpdate = encoder((writer, value: ParticipantListUpdate) => {
  writer.list(value.changedRole, 'changedRoleParticipants', (inner, { index, role }) => {
    inner.u32(index, 'user_index');
    inner.u32(role, 'role_index');
  });
  writeU32s(writer, value.removedIndices, 'removedIndices');
  writer.list(value.added, 'addedParticipants', writeUserRole);
});
export const decodeParticipantListUpdate = decoder<ParticipantListUpdate>((reader) => ({
  changedRole: reader.list('changedRoleParticipants', (inner) => ({
    index: inner.u32('user_index'),
    role: inner.u32('role_index'),
  })),
  removedIndices: readU32s(reader, 'removedIndices'),
  added: reader.list('addedParticipants', readUserRole),
}));

/**
 * The update that gives users the roles named: 0 takes a user out, a user outside the list is added, one that has the
 * role already is passed over.
 */
export function participantListUpdate(
  list: ParticipantList,
  roles: Iterable<UserRole>,
): ParticipantListUpdate {
  const places = new Map(list.map((entry, index) => [entry.user, { index, role: entry.role }]));
  const changedRole: { index: number; role: number }[] = [];
  const removedIndices: number[] = [];
  const added: UserRole[] = [];
  for (const { user, role } of roles) {
    const place = places.get(user);
    if ((place?.role ?? 0) === role) continue;
    if (place === undefined) added.push({ user, role });
    else if (role === 0) removedIndices.push(place.index);
    else changedRole.push({ index: place.index, role });
  }
  return { changedRole, removedIndices, added };
}

/**
 * The list after the updates of one commit; the indices of each are those of the list that it finds.
 * @throws RoomError `noRoomState`, `userTwice`, `indexOutOfRange`, `sameRole`, `roleZero`.
 */
function applyUpdates(
  current: ParticipantList | undefined,
  updates: readonly ParticipantListUpdate[],
): ParticipantList {
  if (current === undefined) throw new RoomError('noRoomState');
  const touched = new Set<string>();
  const touch = (user: string) => {
    if (touched.has(user)) throw new RoomError('userTwice');
    touched.add(user);
  };
  let list = current;
  for (const update of updates) list = applyUpdate(list, update, touch);
  return list;
}

function applyUpdate(
  list: ParticipantList,
  { changedRole, removedIndices, added }: ParticipantListUpdate,
  touch: (user: string) => void,
): ParticipantList {
  const at = (index: number): UserRole => {
    const entry = list[index];
    if (entry === undefined)
      throw new RoomError('indexOutOfRange', undefined, { details: { index } });
    touch(entry.user);
    return entry;
  };
  const next: (UserRole | undefined)[] = [...list];
  for (const { index, role } of changedRole) {
    const { user, role: before } = at(index);
    if (role === before) throw new RoomError('sameRole', undefined, { details: { index } });
    next[index] = { user, role: inList(role) };
  }
  for (const index of removedIndices) {
    at(index);
    next[index] = undefined;
  }
  const kept = next.filter((entry) => entry !== undefined);
  if (added.length === 0) return kept;
  const users = new Set(list.map(({ user }) => user));
  for (const { user, role } of added) {
    touch(user);
    if (users.has(user)) throw new RoomError('userTwice');
    kept.push({ user, role: inList(role) });
  }
  return kept;
}

function inList(role: number): number {
  if (role === 0) throw new RoomError('roleZero');
  return role;
}

export const participantList: Component<ParticipantList, ParticipantListUpdate> = {
  id: PARTICIPANT_LIST,
  name: 'participant_list',
  encode: encodeParticipantList,
  decode: decodeParticipantList,
  decodeUpdate: decodeParticipantListUpdate,
  apply: applyUpdates,
};

// roles_list: RoleData of draft-ietf-mimi-room-policy-03, "Role-Based Access Control". An update has the same form
// and takes the place of all roles.

import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import { RoomError } from '../errors.ts';
import { type Component, readU32s, writeU32s } from './component.ts';
import { ROLES_LIST } from './ids.ts';

/** How many there may be; no `maximum` where there is no bound. */
export interface Bounds {
  readonly minimum: number;
  readonly maximum?: number | undefined;
}

/** A role: what who has it may do. */
export interface Role {
  /** Role 0 stands for users outside the list, role 1 for banned ones. */
  readonly index: number;
  readonly name: string;
  readonly description: string;
  /** Numbers of the registry in capabilities.ts; unknown ones are kept. */
  readonly capabilities: readonly number[];
  /** Bounds on the participants of this role. */
  readonly participants: Bounds;
  /** Bounds on the participants of this role that have clients in the group. */
  readonly active: Bounds;
  /** From which role to which ones the holder may move a user. */
  readonly authorizedRoleChanges: readonly {
    readonly from: number;
    readonly targets: readonly number[];
  }[];
}

function readBounds(reader: Reader, of: string): Bounds {
  const minimum = reader.u32(`minimum_${of}_constraint`);
  const maximum = reader.optional(`maximum_${of}_constraint`, (inner) => inner.u32('value'));
  return maximum === undefined ? { minimum } : { minimum, maximum };
}

function writeBounds(writer: Writer, { minimum, maximum }: Bounds, of: string): void {
  writer.u32(minimum, `minimum_${of}_constraint`);
  writer.optional(maximum, (inner, value) => inner.u32(value, `maximum_${of}_constraint`));
}

function readRole(reader: Reader): Role {
  return {
    index: reader.u32('role_index'),
    name: reader.text('role_name'),
    description: reader.text('role_description'),
    capabilities: reader.u16List('role_capabilities'),
    participants: readBounds(reader, 'participants'),
    active: readBounds(reader, 'active_participants'),
    authorizedRoleChanges: reader.list('authorized_role_changes', (inner) => ({
      from: inner.u32('from_role_index'),
      targets: readU32s(inner, 'target_role_indexes'),
    })),
  };
}

function writeRole(writer: Writer, role: Role): void {
  writer.u32(role.index, 'role_index');
  writer.text(role.name, 'role_name');
  writer.text(role.description, 'role_description');
  writer.u16List(role.capabilities, 'role_capabilities');
  writeBounds(writer, role.participants, 'participants');
  writeBounds(writer, role.active, 'active_participants');
  writer.list(role.authorizedRoleChanges, 'authorized_role_changes', (inner, { from, targets }) => {
    inner.u32(from, 'from_role_index');
    writeU32s(inner, targets, 'target_role_indexes');
  });
}

export const encodeRoles = encoder((writer, roles: readonly Role[]) =>
  writer.list(roles, 'roles', writeRole),
);
export const decodeRoles = decoder<readonly Role[]>((reader) => reader.list('roles', readRole));

/** The name that role 1 has, where there is one (section "Role Changes", `canBan`). */
const BANNED_NAME = 'banned';

/** Checks what the draft asks of a list of roles. @throws RoomError `badRoles`. */
export function checkRoles(roles: readonly Role[]): readonly Role[] {
  const indices = new Set<number>();
  for (const { index, name, participants, active } of roles) {
    if (indices.has(index)) throw badRoles(index, 'is defined twice');
    indices.add(index);
    if (index === 1 && name !== BANNED_NAME) throw badRoles(index, 'must be named "banned"');
    for (const { minimum, maximum } of [participants, active]) {
      if (maximum !== undefined && maximum < minimum)
        throw badRoles(index, 'has a maximum below its minimum');
    }
  }
  return roles;
}

function badRoles(index: number, fault: string): RoomError {
  return new RoomError('badRoles', `Role ${index} ${fault}.`, { details: { index } });
}

export const rolesList: Component<readonly Role[], readonly Role[]> = {
  id: ROLES_LIST,
  name: 'roles_list',
  encode: encodeRoles,
  decode: decodeRoles,
  decodeUpdate: decodeRoles,
  apply: (current, updates) => {
    const next = updates.at(-1) ?? current;
    if (next === undefined) throw new RoomError('noRoomState');
    return checkRoles(next);
  },
};

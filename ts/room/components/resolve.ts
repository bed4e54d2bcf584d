// The one resolver of room-state changes, the same at hub and members: a hub accepts any resolution of an AppDataUpdate,
// members that resolve otherwise fall out of step (draft-ietf-mls-extensions, "Application Data").

import { RoomError } from '../errors.ts';
import { closing } from './closing.ts';
import { type Component, readUpdates, readValue } from './component.ts';
import { escrow } from './escrow.ts';
import { frankingAgent, frankingForm, safeAad } from './franking.ts';
import { hubKeys } from './hub_keys.ts';
import { joinLinks } from './join_links.ts';
import { mandates } from './mandates.ts';
import { roomMode } from './mode.ts';
import { participantList } from './participant_list.ts';
import { rolesList } from './roles_list.ts';
import { sealedBans } from './sealed_bans.ts';

type Resolve = (
  current: Uint8Array | undefined,
  updates: readonly (Uint8Array | undefined)[],
) => Uint8Array;

function resolver<Value, Update>(component: Component<Value, Update>): [number, Resolve] {
  const resolve: Resolve = (current, updates) => {
    const value = current === undefined ? undefined : readValue(component, current);
    return component.encode(component.apply(value, readUpdates(component, updates)));
  };
  return [component.id, resolve];
}

const resolvers: ReadonlyMap<number, Resolve> = new Map([
  resolver(closing),
  resolver(frankingAgent),
  resolver(frankingForm),
  resolver(escrow),
  resolver(hubKeys),
  resolver(joinLinks),
  resolver(mandates),
  resolver(participantList),
  resolver(rolesList),
  resolver(roomMode),
  resolver(safeAad),
  resolver(sealedBans),
]);

/**
 * The content of a component after all updates of one commit, in their order.
 * @param current its content before, `undefined` where the group has no such component
 * @param updates an AppDataUpdate each; `undefined` stands for one that removes the component
 * @throws RoomError `unknownComponent`, `malformedUpdate`, `notRemovable`, `badRoomState`, and the codes of the
 * component: `noRoomState`, `userTwice`, `indexOutOfRange`, `sameRole`, `roleZero`, `badRoles`, `modePinned`,
 * `frankingPinned`, `closedAlready`, `mandateNotNewer`, `linkTwice`, `unknownLink`, `banTwice`,
 * `unknownBan`, `escrowPinned`.
 */
export function resolveComponent(
  id: number,
  current: Uint8Array | undefined,
  updates: readonly (Uint8Array | undefined)[],
): Uint8Array {
  const resolve = resolvers.get(id);
  if (resolve === undefined)
    throw new RoomError('unknownComponent', undefined, { details: { id } });
  return resolve(current, updates);
}

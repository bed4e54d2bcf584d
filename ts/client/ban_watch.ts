// Members enforce bans where servers do not know who is who: whoever sees a banned person in the room under another pseudonym
// takes it out, where it may and is due; others say so to their app. docs/modes/deployments.md, "Sealed ban entries".

import { BANNED_ROLE, roleAt, roleMayMove, roleOf, userCan } from '../room/index.ts';
import type { ClientUri, RoomUri, UserUri } from '../wire/index.ts';
import { ownUser, policyOf } from './member_room.ts';
import { bannedPresent } from './sealed_bans.ts';
import type { RoomState } from './state/device_state.ts';
import { Turns } from './turns.ts';

/** What a device does about banned persons in a room. */
export interface BanDuty {
  /** Real users to be banned again now, under the pseudonyms that they have. */
  readonly ban: readonly UserUri[];
  /** Whether the app is to be told of somebody whom this device cannot take out. */
  readonly report: boolean;
}

const NOTHING: BanDuty = { ban: [], report: false };

export class BanWatch {
  readonly #turns = new Turns();
  /** What was looked at last: nobody new, and no new ban, need no second look. */
  readonly #looked = new Map<RoomUri, string>();
  /** Clients that the app was told of. */
  readonly #reported = new Set<ClientUri>();

  /** Looks who is in the room. */
  look(room: RoomState): BanDuty {
    if (room.group === undefined || room.row.bans.length === 0) return NOTHING;
    const state = stateOf(room);
    if (this.#looked.get(room.uri) === state) return NOTHING;
    const present = bannedPresent(room);
    if (present.length === 0) {
      this.#looked.set(room.uri, state);
      this.#turns.isDue(room, false);
      return NOTHING;
    }
    const able = present.filter(({ entry }) => mayBan(room, entry.user));
    const due = this.#turns.isDue(room, able.length > 0);
    const unable = present.filter(
      (found) => !able.includes(found) && !this.#reported.has(found.entry.client),
    );
    for (const { entry } of unable) this.#reported.add(entry.client);
    const ban = due ? [...new Set(able.map(({ real }) => real))] : [];
    return { ban, report: unable.length > 0 };
  }
}

/** All that the look depends on: the epoch, the bans, and whose links are open. */
function stateOf({ group, membership, row }: RoomState): string {
  return [group?.epoch, row.bans.length, membership?.current.linkKeys.size].join();
}

/**
 * Whether this device may ban a user. Nobody is taken out by this who may ban itself: an entry that names such a one
 * falsely would have others do what its maker may not.
 */
function mayBan(room: RoomState, user: string): boolean {
  const own = ownUser(room);
  if (own === undefined) return false;
  const policy = policyOf(room);
  if (!userCan(policy, own, 'canBan') || userCan(policy, user, 'canBan')) return false;
  return roleMayMove(roleAt(policy, roleOf(policy, own)), roleOf(policy, user), BANNED_ROLE);
}

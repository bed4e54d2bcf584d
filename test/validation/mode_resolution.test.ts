// A member that resolves a change of room state to something else than everybody else does: where the hub follows the group
// it refuses the commit, in members-only rooms the members do, and heal the room. docs/modes, "Context hash".

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Group } from '../../ts/mls/index.ts';
import { modeNamed, modeNames } from '../../ts/privacy/index.ts';
import { encodeParticipantList, OWNER_ROLE, PARTICIPANT_LIST } from '../../ts/room/index.ts';
import { World } from '../support/in_process_connection.ts';
import { heal, reaches, three } from '../support/mode_tampering.ts';

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world[Symbol.asyncDispose]();
});

/** The next commit resolves its change of the participant list to a list with one owner only. */
function resolveToOwn(user: string): void {
  const commit = Group.prototype.commit;
  vi.spyOn(Group.prototype, 'commit').mockImplementationOnce(function (this: Group, options = {}) {
    const value = encodeParticipantList([{ user, role: OWNER_ROLE }]);
    const components = options.components?.map((change) =>
      change.id === PARTICIPANT_LIST ? { ...change, value } : change,
    );
    return commit.call(this, { ...options, components });
  });
}

describe.each(modeNames())('in mode %s', (mode) => {
  const orders = modeNamed(mode).hub === 'orders';

  test('a commit that resolves room state otherwise is followed by nobody, and the room goes on', async () => {
    const people = await three(world, mode);
    const { room, bobs, carols, carol, problems, settle } = people;
    const { epoch } = room;
    const own = room.members().find(({ user }) => user.startsWith('mimi://b.example'))?.user ?? '';
    await room.setRole(people.bob.account.user, OWNER_ROLE);
    await settle();
    resolveToOwn(own);
    const attack = bobs.setRole(carol.account.user, OWNER_ROLE);
    if (!orders) {
      await expect(attack).rejects.toMatchObject({
        code: 'refused',
        details: { rule: 'contextHash' },
      });
      expect(room.status).toBe('active');
      expect(room.epoch).toBe(epoch + 1n);
      expect(await reaches(bobs, room, settle)).toBe(true);
      expect(problems).toEqual({ alice: [], bob: [], carol: [] });
      return;
    }
    await attack.catch(() => undefined);
    await settle();
    for (const seat of [room, carols]) {
      expect(seat.status).toBe('stale');
      expect(seat.epoch).toBe(epoch + 1n);
    }
    const { room: uri, seats } = await heal(room, [carol], settle);
    const [healed] = seats;
    if (healed === undefined) throw new Error('nobody came');
    const here = people.alice.room(uri);
    if (here === undefined) throw new Error('no room');
    expect(await reaches(healed, here, settle)).toBe(true);
  });
});

// Kick and leave: users who go out without being banned.

import type { Room } from '../../../client/index.ts';
import type { UserUri } from '../../../wire/index.ts';
import { accept } from '../../loopback/world.ts';
import type { Account } from '../account.ts';
import { mustBe, mustStand } from '../error.ts';
import { refusal, type Stage } from '../stage.ts';

/** Takes a user's devices out and lets them come back; then the operator takes out another user. */
export async function kick(stage: Stage, account: Account): Promise<void> {
  const { world, mode, bob, carol } = stage;
  const { room, seats, names } = await stage.gather(bob, carol);
  const [bobs, carols] = seats as [Room, Room];
  const participants = room.participants();
  await room.kick(bob.user);
  await world.settle();
  mustBe(bobs.status === 'removed' && room.members().length === 2, 'the kicked is out');
  mustBe(same(room.participants(), participants), 'the kicked keeps its place');
  account.fact('A member who may takes a user out; the user keeps its place.');

  const alone = await refusal(() => bob.device.joinExternally(room.uri, { mode: mode.name }));
  if (alone === undefined) account.fact('It comes back by itself.');
  else {
    await bob.device.connections.publish(1);
    await room.invite(bob.user);
    await world.settle();
    await accept(bob, room);
    account.cost(
      `It does not come back by itself (${alone}): a member must let it in, or make a link.`,
    );
  }
  await world.settle();
  mustBe(same(room.participants(), participants) && room.members().length === 3, 'it is back');

  const ordered = await stage.order(room, { remove: names[1] as UserUri });
  if (ordered.done) {
    mustBe(carols.status === 'removed', 'whom the operator takes out is out');
    mustBe(room.participants().length === 2, 'its place is gone');
    account.fact('The hub’s operator orders it too; the user’s place goes with it then.');
  } else account.cost(`The hub’s operator cannot order it (${ordered.why}): it sees no names.`);
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Leaves, while somebody else comes in. */
export async function leave(stage: Stage, account: Account): Promise<void> {
  const { world, mode, hub, bob, carol } = stage;
  const { room, seats, names } = await stage.gather(bob);
  const [bobs] = seats as [Room];
  const before = await hub.inspect(room.uri);
  const link = await room.createJoinLink();
  await world.settle();
  await bobs.leave();
  await world.settle();
  mustStand(bobs, 'leaving');
  const refused = await refusal(() => bobs.send(bobs.composer().text('still here')));
  mustBe(refused !== undefined, 'who leaves says nothing any more');
  // What waits is void with a newcomer's commit, and must be sent again.
  await carol.device.joinByLink(link);
  await world.settle();
  await room.commitPending();
  await world.settle();
  mustStand(bobs, 'left');
  mustBe(room.participants().length === 2, 'who leaves has no place any more');
  account.fact(
    'A user leaves once another member commits it, also where somebody comes in meanwhile.',
  );
  const { members } = await hub.inspect(room.uri);
  if (mode.hub === 'orders') {
    mustBe(members.length === 0, 'the hub knows no members');
    account.cost(
      'The wish is a private proposal of one’s own removal: the hub does not know who has left, and goes on to deliver.',
    );
  } else {
    const has = ({ user }: { readonly user: string }) => user === names[0];
    mustBe(before.members.some(has) && !members.some(has), 'the hub knows who has left');
    account.fact('The hub sees who has left, by the name in the room.');
  }
}

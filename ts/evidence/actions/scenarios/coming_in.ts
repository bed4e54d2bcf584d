// Add and new device: users and devices that come in.

import type { Room } from '../../../client/index.ts';
import { kinds } from '../../../client/unlinked/rows.ts';
import type { UserUri } from '../../../wire/index.ts';
import { accept, type Party } from '../../loopback/world.ts';
import type { Account } from '../account.ts';
import { mustBe } from '../error.ts';
import { refusal, type Stage } from '../stage.ts';

/** Adds a user of another provider, and one whom nobody in the room is connected with. */
export async function add(stage: Stage, account: Account): Promise<void> {
  const { world, bob, carol } = stage;
  const { room, seats } = await stage.gather(bob);
  const [bobs] = seats as [Room];
  const carols = await stage.add(room, carol);
  await world.settle();
  mustBe(bobs.members().length === 3 && carols.status === 'active', 'who is added is in');
  account.fact('A member who may adds a user who has agreed to it, at any provider.');

  const eve = await stage.stranger(carol.domain);
  const unasked = await refusal(() => room.invite(eve.user));
  mustBe(unasked !== undefined, 'nobody is added without having agreed');
  await eve.device.allow(stage.alice.user);
  const unknown = await refusal(() => room.invite(eve.user));
  if (unknown === undefined) {
    await world.settle();
    await accept(eve, room);
    mustBe(room.members().length === 4, 'who agreed is in');
    account.fact('Nothing else is asked for.');
  } else {
    account.cost(
      `Both must be connected before: consent alone does not do (${unknown}). A claim of key packages is sealed to the target’s provider; others come by a link.`,
    );
  }
  if (stage.mode.credentials.hidesIdentities) {
    const other = await stage.gather(carol);
    mustBe(!room.users().includes(other.names[0] as UserUri), 'the user has another name there');
    account.cost('The user takes another name into each room, with a set of key packages for it.');
    const queues = await queuesOf(carol);
    mustBe(queues > 0 === (stage.deployment === 'consumer'), 'consumers are served by queues');
    if (queues > 0)
      account.cost('Each set, and so each room, spends a token on a queue of its own.');
  }
  await world.settle();
  await world.close(eve);
}

/** Brings a further device of a member in. */
export async function newDevice(stage: Stage, account: Account): Promise<void> {
  const { world, mode } = stage;
  // Somebody whom no other scenario needs: sets that the new device has a part in may be claimed afterwards.
  const bob = await stage.friend(stage.bob.domain);
  const { room, seats } = await stage.gather(bob);
  const [bobs] = seats as [Room];
  const phone = await stage.furtherDevice(bob);
  const before = await queuesOf(phone);
  const alone = await refusal(() => phone.device.joinExternally(room.uri, { mode: mode.name }));
  if (alone === undefined) {
    account.fact('A further device of a participant comes in by itself.');
  } else {
    await bobs.invite(bob.user);
    await world.settle();
    await accept(phone, room);
    account.cost(
      `It does not come in by itself (${alone}): the hub has nothing to give. A device that is in lets it in, or a link does.`,
    );
  }
  await world.settle();
  mustBe(room.members().length === 3 && room.participants().length === 2, 'it is the same user’s');
  account.fact('It takes part as the user that is there already.');
  if ((await queuesOf(phone)) > before) {
    account.cost('It spends a token on a queue of its own.');
  }
  await world.close(phone);
  await world.close(bob);
}

/** How many queues a device has: none, where its provider serves it by its account. */
const queuesOf = async ({ queues }: Party): Promise<number> =>
  (await queues.load(Uint8Array.of(kinds.queue))).length;

// Mute, block and report: what is done about what somebody says.

import type { ReceivedMessage, Room } from '../../../client/index.ts';
import type { ReportedMessage } from '../../../provider/index.ts';
import { MODERATOR_ROLE, MUTED_ROLE } from '../../../room/index.ts';
import type { UserUri } from '../../../wire/index.ts';
import type { Account } from '../account.ts';
import { mustBe } from '../error.ts';
import { refusal, type Stage } from '../stage.ts';

const say = (seat: Room, text: string) => seat.send(seat.composer().text(text));
const isMuted = (room: Room) => room.participants().some(({ role }) => role === MUTED_ROLE);

/** Mutes a user as a member does, then as the operator does. */
export async function mute(stage: Stage, account: Account): Promise<void> {
  const { world, mode, bob, carol } = stage;
  const { room, seats, names } = await stage.gather(bob, carol);
  const [bobs, carols] = seats as [Room, Room];
  await room.mute(bob.user);
  await world.settle();
  mustBe(isMuted(carols), 'all members know who is muted');
  const refused = await refusal(() => say(bobs, 'psst'));
  mustBe(refused !== undefined, 'who is muted sends nothing');
  await say(carols, 'quiet here');
  await world.settle();
  const heard = await Promise.all([room, bobs].map(async (seat) => (await seat.messages()).length));
  mustBe(
    heard.every((count) => count === 1),
    'who is muted reads, and is not heard',
  );
  account.fact(`A member who may mutes a user: it reads, and sends nothing (${refused}).`);
  // What a device sends that does not ask itself: test/scenario/mute_and_block.test.ts.
  account.fact(
    mode.hub === 'orders'
      ? 'The user’s own device refuses; of one that does not, receivers show nothing.'
      : 'It is the hub that refuses.',
  );
  await room.unmute(bob.user);
  await world.settle();
  mustBe(!isMuted(carols), 'the mute has ended');

  const ordered = await stage.order(room, {
    role: { user: names[1] as UserUri, role: MUTED_ROLE },
  });
  if (ordered.done) {
    mustBe((await refusal(() => say(carols, 'psst'))) !== undefined, 'the order is kept');
    account.fact('The hub’s operator mutes by an order.');
  } else account.cost(`The hub’s operator cannot order it (${ordered.why}).`);
}

/** Blocks a user: it is not heard in any room, and cannot add who has blocked it. */
export async function block(stage: Stage, account: Account): Promise<void> {
  const { world, mode, bob, alice, carol } = stage;
  await world.connect(bob, carol);
  const { room, seats } = await stage.gather(bob, carol);
  const { seats: further } = await stage.gather(bob, carol);
  const [bobs, carols] = seats as [Room, Room];
  const [bobsFurther, carolsFurther] = further as [Room, Room];
  await carol.device.allow(bob.user);
  const { epoch } = carols;
  const keyBefore = await alice.device.connections.keyOf(carol.user);
  await carol.device.block(bob.user);
  await say(bobs, 'from bob');
  await say(bobsFurther, 'from bob again');
  await say(room, 'from alice');
  await world.settle();
  const shown = [...(await carols.messages()), ...(await carolsFurther.messages())];
  mustBe(shown.length === 1, 'who is blocked is heard in no room');
  account.fact('What the blocked user says is shown in no room, under whatever name it is there.');
  const own = await bob.device.createRoom(undefined, { mode: mode.name });
  const refused = await refusal(() => own.invite(carol.user));
  mustBe(refused !== undefined, 'who is blocked cannot add who has blocked it');
  await bob.device.connections.connect(carol.user);
  await world.settle();
  const requests = await carol.device.connections.requests();
  mustBe(!requests.includes(bob.user), 'a request of the blocked is not shown');
  account.fact(
    `It cannot add who has blocked it (${refused}), and its request for a connection is not shown.`,
  );
  // The connection key has changed for all, and others go on with the new one.
  const { seats: later } = await stage.gather(carol);
  mustBe(later[0]?.status === 'active', 'others are still connected');
  mustBe(alice.problems.length === 0, 'nobody else notices');
  const keyAfter = await alice.device.connections.keyOf(carol.user);
  mustBe(!Buffer.from(keyAfter).equals(keyBefore), 'the connection key has changed');
  if (mode.credentials.hidesIdentities || mode.hub === 'orders') {
    account.cost(
      'The key of the connection, by which others add the user, changes for all other contacts.',
    );
  }
  mustBe(carols.epoch === epoch, 'nothing was committed');
  account.fact('The device does it by itself: nothing is said in the rooms.');
  await carol.device.unblock(bob.user);
  mustBe((await carols.messages()).length === 2, 'what was not shown is shown again');
}

/** Reports a message to the hub, and acts on the report. */
export async function report(stage: Stage, account: Account): Promise<void> {
  const { world, mode, hub, bob, carol } = stage;
  const { room, seats, names } = await stage.gather(bob, carol);
  const [bobs, carols] = seats as [Room, Room];
  await say(bobs, 'a threat');
  await world.settle();
  const [heard] = (await carols.messages()) as [ReceivedMessage];
  await carols.report([heard.id], { note: 'please look' });
  const [kept] = await hub.reports(room.uri);
  mustBe(kept !== undefined && kept.note === 'please look', 'the hub has the report');
  const content = kept.messages[0]?.content ?? new Uint8Array();
  mustBe(Buffer.from(content).equals(heard.content), 'the hub has what was said');
  const [{ acceptedAt, position }] = kept.messages as [ReportedMessage];
  mustBe(kept.room === room.uri && acceptedAt === heard.acceptedAt, 'the hub knows where and when');
  mustBe(position > 0, 'the hub knows where in the log');
  account.fact(
    'The hub recognizes its stamp: what was said, in which room, when, where in the log.',
  );

  const { hidesIdentities } = mode.credentials;
  if (kept.senderChecked) {
    mustBe(kept.allegedAbuser === names[0], 'the report names the sender as the room does');
    mustBe(kept.reporter === names[1], 'the report names the reporter as the room does');
    account.fact(
      hidesIdentities
        ? 'It has checked the sender, and knows sender and reporter by their pseudonyms.'
        : 'It has checked the sender, and knows sender and reporter.',
    );
    const ordered = await stage.order(room, { ban: kept.allegedAbuser as UserUri });
    mustBe(ordered.done && bobs.status === 'removed', 'the operator acts on the report');
    account.fact('The operator can ban who is reported.');
    if (hidesIdentities && stage.deployment === 'consumer') {
      account.fact('Who the person is no server knows: see break glass.');
    }
    return;
  }
  mustBe(kept.reporter === '', 'the hub does not learn who reports');
  const ordered = await stage.order(room, { ban: kept.allegedAbuser as UserUri });
  mustBe(!ordered.done, 'the operator can act on nobody');
  account.cost(
    `The hub has not checked the sender: it has the word of the sender’s device. It does not learn which member reports, and its operator can order nothing (${ordered.why}).`,
  );
}

/** Gives a user another role, which it uses; then the operator does. */
export async function roleChange(stage: Stage, account: Account): Promise<void> {
  const { world, bob, carol } = stage;
  const { room, seats, names } = await stage.gather(bob, carol);
  const [bobs, carols] = seats as [Room, Room];
  const before = await refusal(() => bobs.createJoinLink());
  mustBe(before !== undefined, 'a member may not do everything');
  await room.setRole(bob.user, MODERATOR_ROLE);
  await world.settle();
  await bobs.createJoinLink();
  await world.settle();
  mustBe(
    carols.participants().some(({ role }) => role === MODERATOR_ROLE),
    'all know the role',
  );
  account.fact(`A member who may gives another role; before, the user was refused (${before}).`);
  const ordered = await stage.order(room, {
    role: { user: names[1] as UserUri, role: MODERATOR_ROLE },
  });
  if (ordered.done) {
    await carols.createJoinLink();
    account.fact('The hub’s operator orders it too.');
  } else {
    account.cost(
      `The hub’s operator cannot order it (${ordered.why}); roles are checked by members alone.`,
    );
  }
}

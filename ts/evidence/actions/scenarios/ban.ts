// Ban and unban: the banned is out at once; what keeps the same person out under another name is another question, which
// modes and deployments answer differently.

import type { Room } from '../../../client/index.ts';
import { BANNED_ROLE } from '../../../room/index.ts';
import type { UserUri } from '../../../wire/index.ts';
import type { Party } from '../../loopback/world.ts';
import type { Account } from '../account.ts';
import { mustBe, mustStand } from '../error.ts';
import { refusal, type Stage } from '../stage.ts';

const bannedIn = (room: Room) => room.participants().filter(({ role }) => role === BANNED_ROLE);

/** Bans a user as a member does, then tries to come back in each way that there is, then bans as the operator does. */
export async function ban(stage: Stage, account: Account): Promise<void> {
  const { world, alice, carol } = stage;
  // Somebody whom no other scenario needs: a ban on the person stays with its provider.
  const bob = await stage.friend(stage.bob.domain);
  const { room, seats, names } = await stage.gather(bob, carol);
  const [bobs, carols] = seats as [Room, Room];
  const [alias, carolsAlias] = names as [UserUri, UserUri];
  const former = await room.createJoinLink();
  await world.settle();
  await room.ban(bob.user);
  await world.settle();
  mustBe(bobs.status === 'removed' && bannedIn(carols).length === 1, 'the banned is out');
  const gone = await refusal(() => bob.device.joinByLink(former));
  mustBe(gone !== undefined, 'links that the banned may know are void');
  account.fact(
    `A member who may bans: the user is out at once, and former links are void (${gone}).`,
  );

  const link = await room.createJoinLink();
  await world.settle();
  const back = await refusal(() => bob.device.joinByLink(link));
  mustBe(back !== undefined, 'the banned does not come back by a link');
  account.fact(`A later link does not let the user back in (${back}).`);
  if (stage.mode.credentials.hidesIdentities) {
    await underAnotherName(stage, account, { room, banned: bob, alias, link });
  } else {
    const anew = await stage.anew(bob);
    const still = await refusal(() => anew.device.joinByLink(link));
    mustBe(still !== undefined, 'the same user has the same name');
    account.fact(`Nor does it let in a device that shares nothing with the former (${still}).`);
    await world.close(anew);
  }

  const ordered = await stage.order(room, { ban: carolsAlias });
  if (ordered.done) {
    mustBe(carols.status === 'removed', 'whom the operator bans is out');
    account.fact('The hub’s operator orders a ban too: the next commit carries it out.');
  } else {
    account.cost(
      `The hub’s operator cannot order a ban (${ordered.why}): it sees no names. Members alone ban, and keep out whom they have banned.`,
    );
  }
  mustBe(room.status === 'active' && alice.problems.length === 0, 'the room goes on');
  await world.close(bob);
}

interface Banned {
  readonly room: Room;
  readonly banned: Party;
  readonly alias: UserUri;
  readonly link: string;
}

/** The same person comes with a device that servers take for somebody else's. */
async function underAnotherName(
  stage: Stage,
  account: Account,
  { room, banned, alias, link }: Banned,
): Promise<void> {
  const { world } = stage;
  if (stage.deployment === 'enterprise') {
    await notify(stage, banned, room, alias);
    const anew = await stage.anew(banned);
    const refused = await refusal(() => anew.device.joinByLink(link));
    mustBe(refused?.includes('bannedHere') === true, 'the provider enforces the ban on the person');
    account.cost(
      `Against a fresh pseudonym the user’s own provider must help: it gets the hub’s notice, and refuses the person (${refused}) with a receipt for the hub’s ledger.`,
    );
    await world.close(anew);
    return;
  }
  const anew = await stage.anew(banned);
  const again = await anew.device.joinByLink(link);
  mustStand(again, 'active');
  await world.settle();
  mustStand(again, 'removed');
  mustBe(bannedIn(room).length === 2, 'the fresh pseudonym is banned too');
  account.cost(
    'No server knows the person again under a fresh pseudonym. Members do, by the sealed ban entry, and the device of one who may bans it again; until then it is in.',
  );
  await world.close(anew);
}

/** The hub's notice to the provider of the banned, or of the end of a ban, and its receipt. */
async function notify(
  { hub, world }: Stage,
  { domain }: Party,
  room: Room,
  alias: UserUri,
): Promise<void> {
  const notice = await hub.bans.notice(room.uri, alias);
  const receipt = await world.provider(domain).enterprise.enforceBan(notice);
  const { state } = await hub.bans.receive(receipt);
  mustBe(state === 'complied', 'the receipt is one of the provider');
}

/** Ends bans: of a member, of the operator, and of the provider of the banned. */
export async function unban(stage: Stage, account: Account): Promise<void> {
  const { world, carol } = stage;
  const bob = await stage.friend(stage.bob.domain);
  const { room, seats, names } = await stage.gather(bob, carol);
  const [bobs, carols] = seats as [Room, Room];
  const [alias, carolsAlias] = names as [UserUri, UserUri];
  const { hidesIdentities } = stage.mode.credentials;
  const ofPerson = hidesIdentities && stage.deployment === 'enterprise';
  await room.ban(bob.user);
  await world.settle();
  if (ofPerson) await notify(stage, bob, room, alias);
  await room.unban(bob.user);
  await world.settle();
  mustBe(bobs.status === 'removed' && bannedIn(room).length === 0, 'the ban has ended');
  const link = await room.createJoinLink();
  await world.settle();
  if (ofPerson) {
    const still = await refusal(() => bob.device.joinByLink(link));
    mustBe(still?.includes('bannedHere') === true, 'the provider keeps to its first notice');
    await notify(stage, bob, room, alias);
    account.cost('The user’s own provider must get a second notice; until then it refuses.');
  }
  const again = await bob.device.joinByLink(link);
  await world.settle();
  mustBe(again.status === 'active' && carols.members().length === 3, 'the user is back');
  account.fact('A member who may ends the ban, by the user’s real name; the user comes in again.');

  const banned = await stage.order(room, { ban: carolsAlias });
  const ended = await stage.order(room, { unban: carolsAlias });
  if (banned.done && ended.done) {
    mustBe(bannedIn(room).length === 0, 'the operator’s ban has ended');
    account.fact('The hub’s operator ends a ban by an order.');
  } else if (!ended.done) account.cost(`The hub’s operator cannot order it (${ended.why}).`);
  await world.close(bob);
}

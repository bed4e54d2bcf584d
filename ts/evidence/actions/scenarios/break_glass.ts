// Break glass: to learn who one person is, recorded, and not without a second party.

import type { Room } from '../../../client/index.ts';
import { joinEscrowShares, openEscrowShare } from '../../../privacy/parts/escrow.ts';
import { decodeEscrowCase, type UserUri } from '../../../wire/index.ts';
import { orderFor } from '../../loopback/officers.ts';
import type { Account } from '../account.ts';
import { mustBe } from '../error.ts';
import { type Gathering, refusal, type Stage } from '../stage.ts';

/** Tries to learn who one member is: by officers of its provider, then by escrow. */
export async function breakGlass(stage: Stage, account: Account): Promise<void> {
  const gathering = await stage.gather(stage.bob, stage.carol);
  const { room } = gathering;
  const { members } = await stage.hub.inspect(room.uri);
  if (!stage.mode.credentials.hidesIdentities) {
    if (members.some(({ user }) => user === stage.bob.user)) {
      account.fact('Nothing to break: the hub reads who each member is.');
      return;
    }
    mustBe(members.length === 0, 'the hub knows no members');
    const asked = await byOfficers(stage, room, stage.bob.user);
    mustBe(typeof asked === 'string', 'there is no pseudonym to ask for');
    const escrow = await refusal(() =>
      stage.hub.escrowCase(room.uri, stage.bob.user, { by: 'court', reason: 'case 7' }),
    );
    mustBe(escrow !== undefined, 'there is no escrow');
    account.impossible(
      `Servers see no name, and no pseudonym, that could be asked for (${asked}; escrow: ${escrow}). Only a member can tell who is there.`,
    );
    return;
  }
  if (stage.deployment === 'enterprise') await enterprise(stage, account, gathering);
  else await consumer(stage, account, gathering);
}

async function enterprise(stage: Stage, account: Account, gathering: Gathering): Promise<void> {
  const { room, names } = gathering;
  const [alias] = names as [UserUri];
  const glass = stage.world.provider(stage.bob.domain).enterprise;
  const order = orderFor(stage.bob.domain, room.uri, alias);
  const alone = await refusal(() => glass.breakGlass(stage.officers.sign(order, ['legal'])));
  mustBe(alone?.includes('orderParties') === true, 'one officer is told nothing');
  const answer = await byOfficers(stage, room, alias);
  mustBe(answer === stage.bob, 'the officers are told who it is');
  const { entries } = await glass.auditLog();
  mustBe(entries.at(-1)?.outcome === 'done', 'the audit log says so');
  account.fact(
    `Two officers of the user’s own provider are told who is behind one pseudonym, and nobody else; one alone is not (${alone}). It stands in the audit log.`,
  );
  const other = await byOfficers(stage, room, alias, names[1] as UserUri);
  mustBe(typeof other === 'string', 'an order opens nobody but whom it names');
  account.fact(`The order opens nobody else (${other}).`);
}

/** What officers get: the party behind the pseudonym, or why nobody. `altered`: whom the order is changed to be about. */
async function byOfficers(
  { world, bob, officers }: Stage,
  room: Room,
  pseudonym: UserUri,
  altered?: UserUri,
) {
  const order = orderFor(bob.domain, room.uri, pseudonym);
  const change = altered === undefined ? {} : { pseudonym: altered };
  let user: UserUri | undefined;
  const refused = await refusal(async () => {
    const signed = officers.sign(order, ['legal', 'safety'], change);
    ({ user } = await world.provider(bob.domain).enterprise.breakGlass(signed));
  });
  return refused ?? (user === bob.user ? bob : `another user, ${user}`);
}

async function consumer(stage: Stage, account: Account, gathering: Gathering): Promise<void> {
  const { room, names } = gathering;
  const [alias] = names as [UserUri];
  const refused = await byOfficers(stage, room, alias);
  mustBe(typeof refused === 'string', 'the provider can open nobody');
  const given = await stage.hub.escrowCase(room.uri, alias, { by: 'court', reason: 'case 7' });
  const asked = decodeEscrowCase(given);
  const shares = stage.escrow.map((party) => openEscrowShare(asked, party));
  const { user } = joinEscrowShares(asked, shares);
  mustBe(user === stage.bob.user, 'both parties learn who it is');
  const alone = await refusal(async () => joinEscrowShares(asked, shares.slice(0, 1)));
  const other = decodeEscrowCase(
    await stage.hub.escrowCase(room.uri, names[1] as UserUri, { by: 'court', reason: 'case 8' }),
  );
  const foreign = await refusal(async () => joinEscrowShares(other, shares));
  mustBe(alone !== undefined && foreign !== undefined, 'shares open what they are for, together');
  const { entries } = await stage.hub.enterprise.auditLog();
  mustBe(entries.at(-1)?.kind === 'escrow', 'the audit log says so');
  account.fact(
    `Two escrow parties together open one member’s identity link; one alone opens nothing (${alone}), nor do their shares open anybody else (${foreign}). The hub’s audit log has each case.`,
  );
  const plain = await stage.alice.device.createRoom(undefined, { mode: stage.mode.name });
  const without = await refusal(() =>
    stage.hub.escrowCase(plain.uri, plain.users()[0] as UserUri, { by: 'court', reason: 'case 9' }),
  );
  mustBe(without !== undefined, 'a room without escrow opens nobody');
  await room.remove(stage.carol.user);
  await stage.world.settle();
  const gone = await refusal(() =>
    stage.hub.escrowCase(room.uri, names[1] as UserUri, { by: 'court', reason: 'case 8' }),
  );
  mustBe(gone !== undefined, 'who has left is not opened');
  account.cost(
    `The provider opens nobody (${refused}). Escrow must be chosen when the room is made: one without it opens nobody (${without}). Who has left is not opened any more (${gone}).`,
  );
}

// What ts-mls 2.0.0-rc.10 gets wrong, each pinned: a test here fails once ts-mls is right, and says what to remove.

import { expect, test } from 'vitest';
import { MlsError } from '../../ts/mls/index.ts';
import { deliver, OurPerson, TsMlsPerson, utf8 } from './mixed_group.ts';

/** The failure of `attempt`; that it succeeds means that ts-mls was mended. */
async function faultOf(attempt: () => Promise<unknown>, whenMended: string): Promise<Error> {
  try {
    await attempt();
  } catch (error) {
    return error as Error;
  }
  throw new Error(`ts-mls does this right now: remove this test, and ${whenMended}.`);
}

/** A group of ours with a member of ts-mls's. */
async function pair(): Promise<[OurPerson, TsMlsPerson]> {
  const alice = new OurPerson(1, 'alice');
  const bob = await TsMlsPerson.create(1, 'bob');
  alice.create(utf8('room'));
  await invite(alice, [], bob);
  return [alice, bob];
}

async function invite(
  by: OurPerson | TsMlsPerson,
  others: readonly (OurPerson | TsMlsPerson)[],
  newcomer: OurPerson | TsMlsPerson,
): Promise<void> {
  const { commit, welcome } = await by.commit({ add: [newcomer.keyPackage()] });
  await deliver(commit, others);
  await newcomer.join(welcome as Uint8Array, by.tree());
}

test('ts-mls takes the bytes of external_pub for the key, and cannot join our group externally', async () => {
  const [alice] = await pair();
  const { group } = alice;
  const carol = await TsMlsPerson.create(1, 'carol');
  const fault = await faultOf(
    () => carol.member.joinExternally(group.groupInfo(), group.ratchetTree()),
    'let ts-mls join externally in walk.ts',
  );
  // RFC 9420, section 12.4.3.2: struct ExternalPub has one HPKEPublicKey, a vector with its length before it.
  expect(fault).not.toBeInstanceOf(MlsError);
});

test('ts-mls writes external_pub without the length of the key, so that we cannot join its group externally', async () => {
  const [, bob] = await pair();
  const carol = new OurPerson(1, 'carol');
  const groupInfo = await bob.member.groupInfo();
  const fault = await faultOf(
    async () => carol.joinExternally(groupInfo, bob.tree()),
    'let ours join from GroupInfos of ts-mls in walk.ts',
  );
  expect(fault).toMatchObject({ code: 'malformed' });
});

test('ts-mls commits a single removal without a path, which we refuse', async () => {
  const [alice, bob] = await pair();
  const carol = new OurPerson(1, 'carol');
  await invite(alice, [bob], carol);
  const fault = await faultOf(async () => {
    const { commit } = await bob.commit({ remove: [carol.leafIndex] });
    await alice.process(commit);
  }, 'let ts-mls remove one member in walk.ts');
  expect(fault).toMatchObject({
    code: 'invalidCommit',
    details: { rule: 'RequiredPathNotFound' },
  });
});

test('ts-mls commits a single Update of another member without a path, which we refuse', async () => {
  const [alice, bob] = await pair();
  const proposal = await alice.propose({ update: true });
  const fault = await faultOf(async () => {
    await bob.process(proposal);
    const { commit } = await bob.commit();
    await alice.process(commit);
  }, 'let ts-mls commit proposals in walk.ts');
  expect(fault).toMatchObject({
    code: 'invalidCommit',
    details: { rule: 'RequiredPathNotFound' },
  });
});

test('ts-mls fails on the path of a commit that removes it, in place of knowing that it is out', async () => {
  const [alice, bob] = await pair();
  const { commit } = await alice.commit({ remove: [bob.leafIndex] });
  const fault = await faultOf(() => bob.process(commit), 'tell all who are removed in walk.ts');
  expect(fault.message).toMatch(/No overlap|common ancestor/);
});

test('ts-mls refuses a tree in which unmerged leaves differ along a path', async () => {
  // RFC 9420, section 12.4.3.1: a leaf that is unmerged at a node must be so at the nodes *between* the two.
  const [alice, bob] = await pair();
  const others: (OurPerson | TsMlsPerson)[] = [bob];
  for (const name of ['carol', 'dave', 'erin']) {
    const newcomer = new OurPerson(1, name);
    await invite(alice, others, newcomer);
    others.push(newcomer);
  }
  const [dave] = others.splice(2, 1);
  const { commit } = await alice.commit({ remove: [(dave as OurPerson).leafIndex] });
  await deliver(commit, others);
  // The leaves 3 and 5 are free: the node above 0 to 3 will list the one newcomer, the root both.
  const [frank, grace] = [new OurPerson(1, 'frank'), await TsMlsPerson.create(1, 'grace')];
  const made = await alice.commit({ add: [frank.keyPackage(), grace.keyPackage()] });
  await deliver(made.commit, others);
  await frank.join(made.welcome as Uint8Array, alice.tree());
  const fault = await faultOf(
    () => grace.join(made.welcome as Uint8Array, alice.tree()),
    'add without the update that follows in walk.ts',
  );
  expect(fault.message).toContain('unmerged_leaves');
});

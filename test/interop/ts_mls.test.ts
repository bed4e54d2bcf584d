// Groups of ours and of ts-mls together (RFC 9420), for the cipher suites that both have.

import { describe, expect, test } from 'vitest';
import { seedOfRun } from '../support/random.ts';
import { deliver, expectAgreement, OurPerson, TsMlsPerson, utf8 } from './mixed_group.ts';
import { Walk } from './walk.ts';

const suites = [1, 3] as const;
const steps = 200;
const seed = seedOfRun(20261123);

describe.each(suites)('cipher suite %i', (suite) => {
  test('ts-mls joins by our Welcome, and reads and writes with us', async () => {
    const alice = new OurPerson(suite, 'alice');
    const bob = await TsMlsPerson.create(suite, 'bob');
    alice.create(utf8('room'));
    const { welcome } = await alice.commit({ add: [bob.keyPackage()] });
    await bob.join(welcome as Uint8Array, alice.tree());
    await expectAgreement([alice, bob], utf8('context'));
    const hello = { plaintext: utf8('hello'), aad: utf8('frank') };
    expect(await bob.process(await alice.encrypt(hello.plaintext, hello.aad))).toEqual(hello);
    expect(await alice.process(await bob.encrypt(hello.plaintext, hello.aad))).toEqual(hello);
  });

  test('we join by a Welcome of ts-mls, and read and write with it', async () => {
    const alice = await TsMlsPerson.create(suite, 'alice');
    const bob = new OurPerson(suite, 'bob');
    await alice.member.create(utf8('room'));
    const { welcome } = await alice.commit({ add: [bob.keyPackage()] });
    await bob.join(welcome as Uint8Array, alice.tree());
    await expectAgreement([alice, bob], utf8('context'));
    await deliver((await bob.commit()).commit, [alice]);
    await deliver((await alice.commit()).commit, [bob]);
    await expectAgreement([alice, bob], utf8('context'));
  });

  test.each(['ours', 'ts-mls'] as const)(
    `all stay in one epoch with one exporter over ${steps} random steps from seed ${seed}, group created by %s`,
    async (founder) => {
      const walk = new Walk(suite, seed + suite);
      await walk.begin(founder);
      for (let at = 0; at < steps; at++) {
        await walk.step().catch((error) => {
          throw new Error(`Step ${at} of seed ${seed} failed; set EXEDRA_SEED to repeat it.`, {
            cause: error,
          });
        });
      }
      expect(walk.taken.size).toBe(7);
    },
  );
});

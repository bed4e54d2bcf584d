// What the fuzzing found first: OpenMLS takes any bytes for an encryption key, and whoever seals to it fails.

import { expect, test } from 'vitest';
import { HubGroup, inspectKeyPackage, keyPackageRef } from '../../ts/mls/index.ts';
import { codeOf, errorOf } from '../unit/mls/devices.ts';
import { loadCore, seedsOf } from './support/boundary.ts';
import { authenticated, signedKeyPackage } from './support/insider.ts';
import { splitParts } from './support/parts.ts';
import { prepared, restoredGroup } from './support/prepared.ts';

loadCore();

/** Key packages of the corpus whose signatures hold, and whose keys nobody can seal to. */
const unsound = seedsOf('signed-key-package')
  .filter(({ name }) => name.startsWith('regression-key'))
  .map(({ name, input }) => {
    const state = prepared(input[0] ?? 0);
    const [head, leaf, extensions] = splitParts(input.subarray(1));
    if (!head || !leaf || !extensions) throw new Error(`${name} lacks a part`);
    return { name, state, keyPackage: signedKeyPackage(state, head, leaf, extensions) };
  });

test.each(unsound)(
  '$name: a key package with an unsound key is refused',
  ({ state, keyPackage }) => {
    const rule = expect.stringMatching(/^Invalid(Init|Encryption)Key$/);
    expect(keyPackageRef(keyPackage)).toHaveLength(32);
    expect(errorOf(() => inspectKeyPackage(keyPackage))).toMatchObject({
      code: 'invalidKeyPackage',
      details: { rule },
    });
    const { group } = restoredGroup(state.alice, state.groupId);
    expect(codeOf(() => group.propose({ add: keyPackage }))).toBe('invalidKeyPackage');
    expect(codeOf(() => group.commit({ add: [keyPackage] }))).toBe('invalidKeyPackage');
  },
);

test.each(unsound)('$name: neither hub nor member queues its Add', ({ state, keyPackage }) => {
  // ContentType proposal, ProposalType add.
  const proposal = authenticated(state, 0, Uint8Array.of(2, 0, 1, ...keyPackage));
  const hub = HubGroup.restore(state.hub);
  const { group } = restoredGroup(state.bob, state.groupId);
  for (const call of [() => hub.process(proposal), () => group.process(proposal)]) {
    expect(errorOf(call)?.code).toBe('invalidProposal');
  }
  expect(hub.pendingProposals()).toHaveLength(1);
  expect(group.pendingProposals()).toHaveLength(1);
  group.commit();
});

test('an external commit that opens for nobody is refused as such, and not as a fault of the core', () => {
  const seeds = seedsOf('insider').filter(({ name }) => name.includes('regression-external-init'));
  expect(seeds).toHaveLength(3);
  for (const { input } of seeds) {
    const state = prepared(input[0] ?? 0);
    const message = authenticated(state, input[1] ?? 0, input.subarray(2));
    const { group } = restoredGroup(state.bob, state.groupId);
    expect(codeOf(() => group.process(message))).toBe('invalidCommit');
  }
});

// A group that follows another: its members prove by a pre-shared key, exported from the old one, to have been there
// (RFC 9420, section 8.4; OpenMLS has neither ReInit nor branches).

import { expect, test } from 'vitest';
import { Group, storePsk } from '../../../ts/mls/index.ts';
import { agree, bytes, codeOf, commitOf, device, keyPackageOf, stateOf } from './devices.ts';
import { pair, required } from './rooms.ts';

const id = bytes('successor');

test('members of the old group found a new one with a key that it exported', () => {
  const [alice, bob] = pair({ required });
  for (const { store, group } of [alice, bob]) {
    storePsk(store, id, group.exportSecret('successor', bytes('new room'), 32));
  }
  const group = Group.create(alice.store, alice.identity, bytes('new room'), {
    required,
    handshakes: 'private',
  });
  const { welcome } = group.commit({ add: [keyPackageOf(bob)], psks: [id] });
  group.acceptPending();
  if (welcome === undefined) throw new Error();
  const joined = Group.join(bob.store, welcome, group.ratchetTree(), { handshakes: 'private' });
  expect(
    agree([
      { ...alice, group },
      { ...bob, group: joined },
    ]),
  ).toBe(true);
  expect(bob.group.epoch).toBe(1n);
});

test('who lacks the key, or has another, does not join and does not follow', () => {
  const [alice, bob] = pair({ required });
  storePsk(alice.store, id, bytes('the secret of the old group'));
  const outsiders = [device(1, 'carol'), device(1, 'dave')];
  storePsk(outsiders[1]?.store ?? alice.store, id, bytes('a guess'));
  const group = Group.create(alice.store, alice.identity, bytes('new room'), { required });
  for (const outsider of outsiders) {
    const { welcome } = group.commit({ add: [keyPackageOf(outsider)], psks: [id] });
    group.discardPending();
    if (welcome === undefined) throw new Error();
    const join = () => Group.join(outsider.store, welcome, group.ratchetTree());
    expect(codeOf(join)).not.toBe('nothing thrown');
  }
  const { commit } = alice.group.commit({ psks: [id] });
  const before = stateOf(bob);
  expect(codeOf(() => bob.group.process(commit))).toBe('invalidCommit');
  expect(stateOf(bob)).toBe(before);
  storePsk(bob.store, id, bytes('the secret of the old group'));
  bob.group.accept(commitOf(bob.group.process(commit)).staged);
  alice.group.acceptPending();
  expect(agree([alice, bob])).toBe(true);
});

test('a commit with a key that the store lacks is not made', () => {
  const [alice] = pair({});
  const before = stateOf(alice);
  expect(codeOf(() => alice.group.commit({ psks: [id] }))).toBe('invalidProposal');
  expect(stateOf(alice)).toBe(before);
});

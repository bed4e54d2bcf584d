// Writes test/vectors/state: a member's rows and a hub's snapshot as this release writes them, with what must be told
// of them and what they must still accept. Run it when the version byte of either has been raised, and keep the old
// files as long as they are to be read: node --import ./scripts/support/typescript-loader.mjs \
//   test/vectors/support/make_state.ts

import { writeFileSync } from 'node:fs';
import { HubGroup } from '../../../ts/mls/index.ts';
import {
  bytes,
  commitTo,
  creator,
  device,
  hex,
  join,
  keyPackageOf,
} from '../../unit/mls/devices.ts';
import { type GoldenState, goldenFile, hubOf, memberOf, suites } from './golden_state.ts';

for (const suite of suites) {
  const alice = creator(suite, 'alice', `golden room ${suite}`);
  const guests = ['bob', 'carol', 'dave'].map((name) => device(suite, name));
  const { commit, welcome } = alice.group.commit({ add: guests.map(keyPackageOf) });
  const hub = HubGroup.track(alice.group.groupInfo(), alice.group.ratchetTree());
  alice.group.acceptPending();
  hub.apply(hub.process(commit));
  const tree = alice.group.ratchetTree();
  const [bob, carol, dave] = guests.map((guest) => join(guest, welcome, tree));
  if (!bob || !carol || !dave) throw new Error('three guests');
  // Renewed and blank leaves, and a proposal that waits.
  hub.apply(hub.process(commitTo(bob, [alice, carol, dave], { update: true }).commit));
  hub.apply(hub.process(commitTo(alice, [bob, carol, dave], { remove: [3] }).commit));
  const message = carol.group.encrypt(bytes('from before'));
  const waiting = carol.group.propose({ selfRemove: true });
  for (const { group } of [alice, bob]) group.process(waiting);
  hub.apply(hub.process(waiting));
  const rows = bob.store.rows();
  const next = alice.group.commit({ update: true }).commit;
  alice.group.acceptPending();
  const golden: GoldenState = {
    suite,
    groupId: hex(bob.group.groupId),
    rows: rows.map(({ key, value }) => [hex(key), hex(value ?? new Uint8Array())]),
    snapshot: hex(hub.snapshot()),
    member: memberOf(bob.group),
    hub: hubOf(hub),
    message: hex(message),
    plaintext: 'from before',
    commit: hex(next),
    authenticatorAfter: hex(alice.group.epochAuthenticator()),
  };
  writeFileSync(goldenFile(suite), `${JSON.stringify(golden, null, 1)}\n`);
}

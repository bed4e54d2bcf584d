// What a commit says to newcomers only: in the Welcome, and in no byte that the hub gets.

import { expect, test } from 'vitest';
import { Group, MemberStore } from '../../../ts/mls/index.ts';
import { bytes, device, hex, keyPackageOf } from './devices.ts';
import {
  change,
  commitAll,
  follow,
  holds,
  hubCommit,
  hubOf,
  joinRoom,
  NAME,
  pair,
  required,
} from './rooms.ts';

const secret = bytes('W_g: thirty-two bytes of a secret');
/** The private extension type, as it stands in a GroupInfo. */
const type = Uint8Array.of(0xf0, 0xe1);

test('every newcomer takes the extension once, and no one finds it in the rows', () => {
  const [alice, bob] = pair({ required });
  const [carol, dave] = [device(1, 'carol'), device(1, 'dave')];
  const bundle = alice.group.commit({
    add: [carol, dave].map(keyPackageOf),
    welcomeExtension: secret,
  });
  alice.group.acceptPending();
  follow(bundle.commit, bob);
  for (const device of [carol, dave]) {
    const { group, store } = joinRoom(device, bundle, alice);
    const again = Group.load(store, bytes('room'));
    expect(again?.takeWelcomeExtension()).toEqual(secret);
    expect(group.takeWelcomeExtension()).toBeUndefined();
    for (const { value } of store.rows()) expect(holds(value ?? bytes(''), secret)).toBe(false);
    const restored = Group.load(MemberStore.restore(store.rows()), bytes('room'));
    expect(restored?.takeWelcomeExtension()).toBeUndefined();
  }
  for (const { store } of [alice, bob]) {
    for (const { value } of store.rows()) expect(holds(value ?? bytes(''), secret)).toBe(false);
  }
});

test('the extension occurs nowhere in commit, GroupInfo and Welcome, and the hub takes that GroupInfo', () => {
  for (const handshakes of ['public', 'private'] as const) {
    const [alice, bob] = pair({ required, handshakes });
    const hub = hubOf(alice);
    const made = alice.group.commit({
      add: [keyPackageOf(device(1, 'carol'))],
      components: [change(NAME, 'after')],
      welcomeExtension: secret,
    });
    for (const part of [made.commit, made.groupInfo, made.groupContext, made.welcome]) {
      expect(holds(part ?? bytes(''), secret)).toBe(false);
    }
    expect(holds(made.groupInfo, type)).toBe(false);
    if (handshakes === 'public') hub.apply(hubCommit(hub, made.commit));
    alice.group.acceptPending();
    if (handshakes === 'public') hub.verifyGroupInfo(made.groupInfo);
    expect(holds(alice.group.groupInfo(), secret)).toBe(false);
    follow(made.commit, bob);

    // Who joins by it from outside learns nothing of it either.
    const eve = device(1, 'eve');
    const tree = alice.group.ratchetTree();
    const joined = Group.joinExternally(eve.store, eve.identity, made.groupInfo, tree, {
      handshakes,
    });
    expect(joined.group.takeWelcomeExtension()).toBeUndefined();
    follow(joined.commit, alice, bob);
  }
});

test('without the option a Welcome says nothing, an empty extension is told from none', () => {
  const [alice, bob] = pair({});
  const [carol, dave] = [device(1, 'carol'), device(1, 'dave')];
  expect(bob.group.takeWelcomeExtension()).toBeUndefined();
  const plain = commitAll(alice, [bob], { add: [keyPackageOf(carol)] });
  const joined = joinRoom(carol, plain, alice);
  expect(joined.group.takeWelcomeExtension()).toBeUndefined();
  const empty = commitAll(alice, [bob, joined], {
    add: [keyPackageOf(dave)],
    welcomeExtension: new Uint8Array(),
  });
  expect(hex(joinRoom(dave, empty, alice).group.takeWelcomeExtension() ?? bytes('none'))).toBe('');
});

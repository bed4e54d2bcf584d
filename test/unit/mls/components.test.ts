// Commits that change components of the room: made, asked about, resolved, refused; by members and at the hub.

import { describe, expect, test } from 'vitest';
import {
  Group,
  HubGroup,
  hash,
  type MlsErrorCode,
  type Resolve,
  storePsk,
} from '../../../ts/mls/index.ts';
import {
  agree,
  bytes,
  codeOf,
  commitOf,
  device,
  errorOf,
  hex,
  keyPackageOf,
  stateOf,
} from './devices.ts';
import {
  change,
  commitAll,
  follow,
  hubCommit,
  hubOf,
  joinRoom,
  lastWins,
  NAME,
  pair,
  ROLES,
  required,
  room,
} from './rooms.ts';

const components = [{ id: NAME, data: bytes('before') }];
const forms = ['public', 'private'] as const;

describe.each(forms)('%s handshakes', (handshakes) => {
  const options = { components, required, handshakes };

  test('a commit changes, adds and removes components for everybody', () => {
    const [alice, bob] = pair(options);
    const bundle = commitAll(alice, [bob], {
      components: [change(NAME, 'after'), change(ROLES, 'roles')],
    });
    for (const { group } of [alice, bob]) {
      expect(group.components()).toEqual([
        { id: NAME, data: bytes('after') },
        { id: ROLES, data: bytes('roles') },
      ]);
      expect(group.groupContext()).toEqual(bundle.groupContext);
    }
    commitAll(bob, [alice], { components: [change(ROLES)] });
    expect(alice.group.component(ROLES)).toBeUndefined();
    expect(agree([alice, bob])).toBe(true);
  });

  test('who resolves is asked once for all components, with their content and who wants what', () => {
    const [alice, bob] = pair(options);
    const { commit } = alice.group.commit({
      components: [change(ROLES, 'roles'), change(NAME)],
    });
    const asked: unknown[] = [];
    bob.group.process(commit, (changes) => {
      asked.push(changes);
      return lastWins(changes);
    });
    const sender = { type: 'member', leafIndex: 0, credential: alice.identity.credential };
    expect(asked).toEqual([
      [
        { id: NAME, current: bytes('before'), updates: [{ update: undefined, sender }] },
        { id: ROLES, current: undefined, updates: [{ update: bytes('roles'), sender }] },
      ],
    ]);
  });

  test('the summary tells changes, new context, pre-shared keys and whether there is a path', () => {
    const [alice, bob] = pair(options);
    for (const { store } of [alice, bob]) storePsk(store, bytes('psk'), bytes('secret'));
    const made = alice.group.commit({
      components: [change(NAME, 'after')],
      psks: [bytes('psk')],
    });
    const { summary, staged } = commitOf(bob.group.process(made.commit, lastWins));
    expect(summary).toMatchObject({
      components: [{ id: NAME, update: bytes('after'), sender: { type: 'member', leafIndex: 0 } }],
      groupContext: made.groupContext,
      psks: [bytes('psk')],
      hasPath: false,
    });
    bob.group.accept(staged);
    alice.group.acceptPending();
    expect(agree([alice, bob])).toBe(true);
    const next = alice.group.commit({ update: true });
    expect(commitOf(bob.group.process(next.commit)).summary).toMatchObject({
      components: [],
      psks: [],
      hasPath: true,
    });
  });

  test('when `resolve` throws, its error passes through and nothing has changed', () => {
    const [alice, bob] = pair(options);
    const { commit } = alice.group.commit({ components: [change(NAME, 'after')] });
    const before = stateOf(bob);
    const refusal = new TypeError('not today');
    expect(() =>
      bob.group.process(commit, () => {
        throw refusal;
      }),
    ).toThrow(refusal);
    expect(stateOf(bob)).toBe(before);
    expect(errorOf(() => bob.group.process(commit))).toMatchObject({ code: 'invalidCommit' });
    expect(stateOf(bob)).toBe(before);
    follow(commit, bob);
    alice.group.acceptPending();
    expect(agree([alice, bob])).toBe(true);
  });

  test('another resolution than the committer’s is an invalid commit, and one of other components a caller’s mistake', () => {
    const [alice, bob] = pair(options);
    const { commit } = alice.group.commit({
      components: [change(NAME, 'after'), change(ROLES, 'roles')],
    });
    const [name, roles] = [
      { id: NAME, value: bytes('after') },
      { id: ROLES, value: bytes('roles') },
    ] as const;
    const before = stateOf(bob);
    const answers: [ReturnType<Resolve>, MlsErrorCode][] = [
      [[name, { id: ROLES, value: bytes('other') }], 'invalidCommit'],
      [[name], 'invalidArgument'],
      [[], 'invalidArgument'],
      [[name, roles, roles], 'invalidArgument'],
      [[name, roles, { id: ROLES + 1, value: bytes('x') }], 'invalidArgument'],
      [[name, { id: ROLES, value: undefined }], 'invalidArgument'],
    ];
    for (const [answer, code] of answers) {
      expect(codeOf(() => bob.group.process(commit, () => answer))).toBe(code);
      expect(stateOf(bob)).toBe(before);
    }
    follow(commit, bob);
    expect(bob.group.component(ROLES)).toEqual(bytes('roles'));
  });

  test('a newcomer finds the components of the epoch that it joins', () => {
    const [alice, bob] = pair(options);
    const carol = device(1, 'carol');
    const bundle = commitAll(alice, [bob], {
      add: [keyPackageOf(carol)],
      components: [change(NAME, 'after')],
    });
    const joined = joinRoom(carol, bundle, alice, handshakes);
    expect(joined.group.components()).toEqual([{ id: NAME, data: bytes('after') }]);
    expect(agree([alice, bob, joined])).toBe(true);
  });

  test('an external commit changes components, too', () => {
    const [alice, bob] = pair(options);
    const carol = device(1, 'carol');
    const joined = Group.joinExternally(
      carol.store,
      carol.identity,
      alice.group.groupInfo(),
      alice.group.ratchetTree(),
      { handshakes, components: [change(ROLES, 'carol’s')] },
    );
    let asked: readonly unknown[] = [];
    const processed = commitOf(
      bob.group.process(joined.commit, (changes) => {
        asked = changes;
        return lastWins(changes);
      }),
    );
    const sender = { type: 'newMember', credential: carol.identity.credential };
    expect(asked).toMatchObject([{ id: ROLES, updates: [{ sender }] }]);
    expect(processed.summary).toMatchObject({
      components: [{ id: ROLES, update: bytes('carol’s'), sender }],
      groupContext: joined.groupContext,
    });
    bob.group.accept(processed.staged);
    joined.group.acceptPending();
    expect(joined.group.components()).toEqual(bob.group.components());
    expect(joined.group.epochAuthenticator()).toEqual(bob.group.epochAuthenticator());
    expect(hash(1, joined.groupContext)).toEqual(hash(1, bob.group.groupContext()));
  });
});

test('a commit is not made with a component twice, half a change, or a removal of nothing', () => {
  const [alice] = pair({ components, required });
  const before = stateOf(alice);
  const commit = (...changes: Parameters<typeof change>[]): string =>
    codeOf(() => alice.group.commit({ components: changes.map((one) => change(...one)) }));
  expect(commit([NAME, 'a'], [NAME, 'b'])).toBe('invalidArgument');
  expect(commit([ROLES])).toBe('invalidProposal');
  const half = { id: NAME, update: bytes('x'), value: undefined };
  expect(codeOf(() => alice.group.commit({ components: [half] }))).toBe('invalidArgument');
  expect(codeOf(() => alice.group.commit({ components: [{ ...half, id: -1 }] }))).toBe(
    'invalidArgument',
  );
  expect(stateOf(alice)).toBe(before);
});

test('the hub asks, merges what was resolved, and goes on after a restart', () => {
  const [alice, bob] = pair({ components, required });
  let hub = hubOf(alice);
  for (const name of ['one', 'two', 'three']) {
    hub = HubGroup.restore(hub.snapshot());
    const { commit, groupInfo, groupContext } = commitAll(alice, [bob], {
      components: [change(NAME, name)],
    });
    const before = hex(hub.snapshot());
    let asked: unknown;
    const processed = hubCommit(hub, commit, (changes) => {
      asked = changes;
      return lastWins(changes);
    });
    expect(hex(hub.snapshot())).toBe(before);
    const sender = { type: 'member', leafIndex: 0, credential: alice.identity.credential };
    const current = hub.component(NAME);
    expect(asked).toEqual([{ id: NAME, current, updates: [{ update: bytes(name), sender }] }]);
    expect(processed.summary).toMatchObject({
      components: [{ id: NAME, update: bytes(name), sender: { leafIndex: 0 } }],
      groupContext,
      hasPath: false,
    });
    hub.apply(processed);
    hub.verifyGroupInfo(groupInfo);
    expect(hub.component(NAME)).toEqual(bytes(name));
    expect(hub.groupContext()).toEqual(groupContext);
  }
  expect(HubGroup.restore(hub.snapshot()).components()).toEqual(hub.components());
});

test('a hub that refuses to resolve, or resolves wrongly, has not changed', () => {
  const [alice, bob] = pair({ components, required });
  const hub = hubOf(alice);
  const { commit } = alice.group.commit({ components: [change(NAME, 'after')] });
  const before = hex(hub.snapshot());
  expect(errorOf(() => hub.process(commit))).toMatchObject({ code: 'invalidCommit' });
  expect(() =>
    hub.process(commit, () => {
      throw new RangeError('no');
    }),
  ).toThrow(RangeError);
  expect(codeOf(() => hub.process(commit, () => []))).toBe('invalidArgument');
  expect(hex(hub.snapshot())).toBe(before);
  // What members will refuse: the hub sees it by the context that the committer states.
  const wrong = hubCommit(hub, commit, () => [{ id: NAME, value: bytes('other') }]);
  const made = commitOf(bob.group.process(commit, lastWins));
  expect(hash(1, wrong.summary.groupContext)).not.toEqual(hash(1, made.summary.groupContext));
  hub.discard(wrong);
  hub.apply(hubCommit(hub, commit));
  expect(hub.component(NAME)).toEqual(bytes('after'));
});

test('what waits for a resolution is of use to that question only', () => {
  const [alice, bob] = pair({ components, required });
  const hub = hubOf(alice);
  const [first, second] = [alice, bob].map(
    ({ group }) => group.commit({ components: [change(NAME, 'after')] }).commit,
  );
  if (first === undefined || second === undefined) throw new Error();
  expect(
    codeOf(() =>
      hub.process(first, (changes) => {
        hub.apply(hubCommit(hub, second));
        return lastWins(changes);
      }),
    ),
  ).toBe('staleStage');
  expect(hub.epoch).toBe(2n);
  expect(
    codeOf(() =>
      alice.group.process(second, (changes) => {
        alice.group.accept(commitOf(alice.group.process(second, lastWins)).staged);
        return lastWins(changes);
      }),
    ),
  ).toBe('wrongEpoch');
  expect(room({ required }, 'alice')).toHaveLength(1);
});

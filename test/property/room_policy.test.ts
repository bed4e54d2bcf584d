// The room policy on random rooms and commits: it answers always, everybody alike, and what it allows keeps a room sound.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BANNED_ROLE,
  CLOSING,
  capability,
  decideCommit,
  decideProposal,
  defaultRoles,
  encodeClosing,
  encodeJoinLinksUpdate,
  encodeMandates,
  encodeParticipantListUpdate,
  encodeRoles,
  HUB_KEYS,
  initialComponents,
  JOIN_LINKS,
  MANDATES,
  MEMBER_ROLE,
  OWNER_ROLE,
  PARTICIPANT_LIST,
  type ProposedChange,
  type ProposedCommit,
  ROLES_LIST,
  type Role,
  type RoomLeaf,
  type RoomView,
  resolveComponent,
  roleOf,
  stateOf,
  userCan,
} from '../../ts/room/index.ts';
import { commitOf, identity, moving, policyRoom, roomAfter } from '../support/policy_room.ts';

const names = ['ann', 'ben', 'cat', 'dan', 'eve'] as const;
const devices = ['phone', 'laptop'] as const;

const allChanges = [0, 1, 2, 3, 4].map((from) => ({ from, targets: [0, 1, 2, 3, 4] }));
/** Roles that may do everything, so that little but the invariants refuses. */
const reckless: readonly Role[] = defaultRoles().map((role) =>
  role.index > BANNED_ROLE
    ? { ...role, capabilities: Object.values(capability), authorizedRoleChanges: allChanges }
    : role,
);
/** As those, with bounds that small rooms meet. */
const narrow: readonly Role[] = reckless.map((role) => {
  if (role.index === OWNER_ROLE) return { ...role, participants: { minimum: 1, maximum: 2 } };
  if (role.index === MEMBER_ROLE) return { ...role, active: { minimum: 0, maximum: 2 } };
  return role;
});
/** As those, but nobody leaves the list by itself. */
const staying: readonly Role[] = narrow.map((role) => ({
  ...role,
  capabilities: role.capabilities.filter((one) => one !== capability.canRemoveSelf),
}));
const roleSets = [defaultRoles(), reckless, narrow, staying];

/** A piece of a commit; `choice` decides what is left open. */
interface Piece {
  readonly kind: (typeof kinds)[number];
  readonly name: (typeof names)[number];
  readonly role: number;
  readonly choice: number;
}
const kinds = [
  'move',
  'moveAlone',
  'add',
  'addAlone',
  'remove',
  'removeAlone',
  'leave',
  'leaveOnly',
  'link',
  'roles',
  'mandate',
  'closing',
  'hubRemove',
  'garbage',
  'own',
] as const;
const piece: fc.Arbitrary<Piece> = fc.record({
  kind: fc.constantFrom(...kinds),
  name: fc.constantFrom(...names),
  role: fc.nat(5),
  choice: fc.nat(255),
});
const attempt = fc.record({
  sender: fc.nat(9),
  device: fc.nat(1),
  external: fc.oneof(
    { weight: 4, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  pieces: fc.array(piece, { minLength: 1, maxLength: 3 }),
  omitted: fc.constantFrom(0, 0, 0, 0, 0, 1),
  successor: fc.constantFrom(false, false, false, true),
  now: fc.constantFrom(undefined, 1, 100),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer Value> ? Value : never;
const walk = fc.record({
  roles: fc.constantFrom(...roleSets),
  attempts: fc.array(attempt, { minLength: 1, maxLength: 25 }),
});

const pick = <Item>(items: readonly Item[], choice: number): Item | undefined =>
  items[choice % Math.max(items.length, 1)];

/** The commit that an attempt makes of a room: sensible as often as not. */
function commitFrom(room: RoomView, tried: Attempt): ProposedCommit {
  const { state, roster } = room;
  const leaves = [...roster.values()];
  const asked = tried.pieces[0] as Piece;
  const newcomer = identity(asked.name, devices[tried.device]);
  const sender = tried.external ? newcomer : (pick(leaves, tried.sender) ?? newcomer);
  const added = [];
  const removed = [];
  const left = [];
  const byHub: RoomLeaf[] = [];
  const roles = new Map<string, number>();
  const changes: ProposedChange[] = [];
  let mandated = false;
  for (const { kind, name, role, choice } of tried.pieces) {
    const { user } = identity(name);
    const own = leaves.filter((leaf) => leaf.user === user);
    switch (kind) {
      case 'add':
        roles.set(user, role);
        added.push(identity(name, devices[choice % 2]));
        break;
      case 'addAlone':
        added.push(identity(name, devices[choice % 2]));
        break;
      case 'own':
        added.push({ ...identity(name, devices[choice % 2]), user: sender.user });
        break;
      case 'move':
        roles.set(user, role);
        if (role <= BANNED_ROLE) removed.push(...own);
        break;
      case 'moveAlone':
        roles.set(user, role);
        break;
      case 'remove':
        roles.set(user, 0);
        removed.push(...own);
        break;
      case 'removeAlone':
        removed.push(...own.slice(choice % 2));
        break;
      case 'leave':
        roles.set(user, 0);
        left.push(...own.slice(choice % 2));
        break;
      case 'leaveOnly':
        left.push(...own.slice(choice % 2));
        break;
      case 'hubRemove':
        byHub.push(...own);
        break;
      case 'mandate':
        mandated = true;
        roles.set(user, role);
        break;
      case 'link':
        changes.push({
          id: JOIN_LINKS,
          update: encodeJoinLinksUpdate({
            removed: choice % 3 === 0 ? state.links.map(({ id }) => id) : [],
            added: [
              { id: Uint8Array.of(choice), publicPart: new Uint8Array(), role, expiry: choice },
            ],
          }),
        });
        break;
      case 'roles':
        changes.push({ id: ROLES_LIST, update: encodeRoles(pick(roleSets, choice) ?? []) });
        break;
      case 'closing':
        if (choice % 8 > 0) break;
        changes.push({
          id: CLOSING,
          update: encodeClosing({ newGroupId: new Uint8Array(), mode: 'open', creator: user }),
        });
        break;
      case 'garbage': {
        const id = pick([PARTICIPANT_LIST, ROLES_LIST, JOIN_LINKS, HUB_KEYS, 0x0023], choice) ?? 0;
        const update = choice % 2 === 0 ? Uint8Array.of(choice, role) : undefined;
        changes.push({ id, update });
        break;
      }
    }
  }
  if (roles.size > 0) {
    const change = moving(state, ...[...roles].map(([user, role]) => ({ user, role })));
    changes.push({ ...change, mandated });
  }
  if (mandated) changes.push({ id: MANDATES, update: encodeMandates(state.lastMandate + 1n) });
  const link = pick(state.links, asked.choice);
  const base = commitOf(sender, { added, removed, left, changes });
  return {
    ...base,
    proposals: [
      ...base.proposals,
      ...byHub.map(({ leafIndex }) => ({ type: 'remove', by: 'hub' as const, removed: leafIndex })),
    ],
    omitted: tried.omitted,
    successor: tried.successor,
    now: tried.now,
    link: link === undefined ? undefined : { id: link.id, proven: asked.choice % 5 > 0 },
  };
}

function startOf(roles: readonly Role[]): RoomView {
  const ann = { leafIndex: 0, ...identity('ann') };
  return policyRoom({ ann: OWNER_ROLE }, [ann], roles);
}

/** What is wrong with a room; nothing in a sound one. */
function faultsOf({ state, roster }: RoomView): string[] {
  const faults: string[] = [];
  const active = new Set([...roster.values()].map(({ user }) => user));
  for (const user of active) {
    if (roleOf(state, user) <= BANNED_ROLE) faults.push(`${user} has a leaf and no place`);
  }
  const users = state.participants.map(({ user }) => user);
  if (new Set(users).size !== users.length) faults.push('a user is listed twice');
  for (const { index, participants, active: bounds } of state.roles) {
    const holders = state.participants.filter(({ role }) => role === index);
    const counts = [
      [holders.length, participants],
      [holders.filter(({ user }) => active.has(user)).length, bounds],
    ] as const;
    for (const [count, { minimum, maximum = Number.POSITIVE_INFINITY }] of counts) {
      if (count < minimum || count > maximum) faults.push(`role ${index} is held ${count} times`);
    }
  }
  const defined = new Set(state.roles.map(({ index }) => index));
  if (state.participants.some(({ role }) => role === 0 || !defined.has(role))) {
    faults.push('a role is not defined');
  }
  return faults;
}

/** Walks through the attempts, allowed commits taking effect, and shows each to `visit`. */
function follow(
  { roles, attempts }: { roles: readonly Role[]; attempts: readonly Attempt[] },
  visit: (room: RoomView, commit: ProposedCommit, allowed: boolean) => void,
): void {
  let room = startOf(roles);
  for (const tried of attempts) {
    const commit = commitFrom(room, tried);
    const { allowed } = decideCommit(room, commit);
    visit(room, commit, allowed);
    if (allowed) room = roomAfter(room, commit);
  }
}

describe('the policy', () => {
  test('leads from a sound room to sound rooms only', () => {
    let allowedOnes = 0;
    fc.assert(
      fc.property(walk, (steps) => {
        expect(faultsOf(startOf(steps.roles))).toEqual([]);
        follow(steps, (room, commit, allowed) => {
          if (!allowed) return;
          allowedOnes++;
          expect(faultsOf(roomAfter(room, commit))).toEqual([]);
        });
      }),
      { numRuns: 600 },
    );
    // Else the property says nothing.
    expect(allowedOnes).toBeGreaterThan(600);
  });

  test('judges alike on equal input, changes none of it, and never throws', () => {
    fc.assert(
      fc.property(walk, (steps) => {
        follow(steps, (room, commit) => {
          const copies = structuredClone({ room, commit });
          const verdict = decideCommit(room, commit);
          expect(decideCommit(copies.room, copies.commit)).toEqual(verdict);
          expect({ room, commit }).toEqual(copies);
        });
      }),
      { numRuns: 150 },
    );
  });

  test('at the hub allows nothing that members refuse, clock and proof apart', () => {
    fc.assert(
      fc.property(walk, (steps) => {
        follow(steps, (room, commit, allowed) => {
          const link = commit.link && { ...commit.link, proven: true };
          const atMember = decideCommit(room, { ...commit, now: undefined, link });
          if (allowed) expect(atMember.allowed).toBe(true);
          else if (commit.now === undefined) expect(atMember.allowed).toBe(false);
        });
      }),
      { numRuns: 150 },
    );
  });

  test('reads the same state from resolved bytes as it works out itself', () => {
    fc.assert(
      fc.property(walk, (steps) => {
        const { state } = startOf(steps.roles);
        const start = initialComponents({ ...state, creator: identity('ann').user });
        const components = new Map(start.map(({ id, data }) => [id, data]));
        follow(steps, (room, commit, allowed) => {
          if (!allowed) return;
          for (const id of new Set(commit.changes.map((change) => change.id))) {
            const updates = commit.changes.filter((change) => change.id === id);
            const bytes = updates.map(({ update }) => update);
            components.set(id, resolveComponent(id, components.get(id), bytes));
          }
          const read = stateOf([...components].map(([id, data]) => ({ id, data })));
          expect(read).toEqual(roomAfter(room, commit).state);
        });
      }),
      { numRuns: 150 },
    );
  });

  test('takes no proposal into the queue that keeps every commit from being allowed', () => {
    const proposals = fc.array(fc.record({ from: fc.nat(9), of: fc.nat(9) }), { maxLength: 8 });
    let queuedOnes = 0;
    fc.assert(
      fc.property(walk, proposals, (steps, tried) => {
        let room = startOf(steps.roles);
        follow(steps, (before, commit, allowed) => {
          if (allowed) room = roomAfter(before, commit);
        });
        const queue = new Map<number, RoomLeaf>();
        for (const { from, of } of tried) {
          const leaves = [...room.roster.values()];
          const by = pick(leaves, from);
          const removed = pick(leaves, of)?.leafIndex;
          if (by === undefined || removed === undefined || queue.has(removed)) continue;
          const view = { ...room, queued: [...queue.keys()] };
          if (decideProposal(view, by, { type: 'remove', removed }).allowed) queue.set(removed, by);
        }
        queuedOnes += queue.size;
        const left = [...room.roster.values()].filter(({ leafIndex }) => !queue.has(leafIndex));
        const committer = left[0];
        if (committer === undefined || room.state.closing !== undefined) return;
        expect(decideCommit(room, covering(room, committer, queue, left))).toEqual({
          allowed: true,
        });
      }),
      { numRuns: 400 },
    );
    expect(queuedOnes).toBeGreaterThan(100);
  });
});

/** The commit of any member that covers a queue: it takes out the entries of who leaves. */
function covering(
  { state, roster }: RoomView,
  committer: RoomLeaf,
  queue: ReadonlyMap<number, RoomLeaf>,
  left: readonly RoomLeaf[],
): ProposedCommit {
  const gone = new Set<string>();
  for (const leafIndex of queue.keys()) {
    const user = roster.get(leafIndex)?.user ?? '';
    const leaves = left.every((leaf) => leaf.user !== user);
    if (leaves && userCan(state, user, 'canRemoveSelf')) gone.add(user);
  }
  const removedIndices = state.participants.flatMap(({ user }, index) =>
    gone.has(user) ? [index] : [],
  );
  const update = encodeParticipantListUpdate({ changedRole: [], removedIndices, added: [] });
  const base = commitOf(committer, { changes: [{ id: PARTICIPANT_LIST, update }] });
  const removals = [...queue].map(([removed, by]) => ({ type: 'remove', by, removed }));
  return { ...base, proposals: [...base.proposals, ...removals] };
}

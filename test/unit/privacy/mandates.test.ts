// What members check of a mandate, on groups that really are: spec/privacy-modes.md, "Mandates".

import { beforeEach, describe, expect, test } from 'vitest';
import {
  type CipherSuite,
  createKeyPackage,
  externalRemove,
  Group,
  generateSignatureKeyPair,
  Identity,
  type KeyPair,
  MemberStore,
} from '../../../ts/mls/index.ts';
import {
  carriesMandate,
  lastMandate,
  mandatedChanges,
  mandatedIn,
  mandateSlot,
  mandatesAmong,
  openMandate,
} from '../../../ts/privacy/mandates.ts';
import { signerOf } from '../../../ts/privacy/parts/hpke.ts';
import { decodeMandate, makeMandate } from '../../../ts/privacy/parts/mandate.ts';
import { proposedCommit } from '../../../ts/privacy/proposed_commit.ts';
import { modeNamed } from '../../../ts/privacy/registry.ts';
import { resolveChanges } from '../../../ts/privacy/resolve_changes.ts';
import {
  BANNED_ROLE,
  type ComponentChange,
  decideCommit,
  decodeParticipantList,
  encodeMandates,
  encodeParticipantListUpdate,
  initialComponents,
  MANDATES,
  MEMBER_ROLE,
  OWNER_ROLE,
  PARTICIPANT_LIST,
  resolveComponent,
  rosterOf,
  stateOf,
} from '../../../ts/room/index.ts';
import {
  APP_DATA_DICTIONARY,
  BASIC_CREDENTIAL,
  clientUri,
  encodeClientIdentity,
  proposalTypes,
  userUri,
} from '../../../ts/wire/index.ts';
import { bytes, groupId, otherGroupId, suites } from './support/people.ts';
import { ruleOf } from './support/refusal.ts';

const NAMES = ['alice', 'bob', 'carol'];
const user = (name: string) => userUri('a.example', name);

interface Member {
  readonly group: Group;
}

/** A room of Alice, who owns it, and two plain members; `hub` is its external sender. */
function membersOf(suite: CipherSuite, hub: KeyPair | undefined): [Member, Member, Member] {
  const people = NAMES.map((name) => {
    const store = MemberStore.create();
    const named = { userUri: user(name), clientUri: clientUri('a.example', `${name}-1`) };
    const credential = { type: BASIC_CREDENTIAL, bytes: encodeClientIdentity(named) };
    return { store, identity: Identity.create(store, suite, credential) };
  });
  const [alice, ...others] = people as [(typeof people)[0], ...typeof people];
  const participants = NAMES.map((name) => ({
    user: user(name),
    role: name === 'alice' ? OWNER_ROLE : MEMBER_ROLE,
  }));
  const group = Group.create(alice.store, alice.identity, groupId, {
    components: initialComponents({ mode: 'open', creator: user('alice'), participants }),
    required: {
      extensions: [APP_DATA_DICTIONARY],
      proposals: [proposalTypes.appDataUpdate, proposalTypes.selfRemove],
      credentials: [BASIC_CREDENTIAL],
    },
    externalSenders: hub && [
      {
        signatureKey: hub.publicKey,
        credential: { type: BASIC_CREDENTIAL, bytes: bytes('mimi://a.example') },
      },
    ],
  });
  const add = others.map(({ store, identity }) => createKeyPackage(store, identity).keyPackage);
  const { welcome } = group.commit({ add });
  group.acceptPending();
  const joined = others.map(({ store }) => ({
    group: Group.join(store, welcome as Uint8Array, group.ratchetTree()),
  }));
  return [{ group }, ...joined] as [Member, Member, Member];
}

/** What a member says of a commit, given the mandates that it knows of. */
function verdictOf({ group }: Member, commit: Uint8Array, ...mandates: readonly Uint8Array[]) {
  const processed = group.process(commit, resolveChanges);
  if (processed.kind !== 'commit') throw new Error('a commit');
  const known = mandates.map((mandate) => openMandate(group, mandate));
  const roster = rosterOf(group.members());
  const { credentials } = modeNamed('open');
  const isMandated = mandatedIn(known, processed.summary.components);
  const proposed = proposedCommit(credentials, group.suite, roster, processed.summary, {
    isMandated,
  });
  if (proposed === undefined) throw new Error('a known committer');
  const verdict = decideCommit({ state: stateOf(group.components()), roster }, proposed);
  if (verdict.allowed) group.accept(processed.staged);
  else group.discard(processed.staged);
  return verdict.allowed ? 'allowed' : verdict.rule;
}

function commitOf({ group }: Member, changes: readonly ComponentChange[]): Uint8Array {
  const components = changes.map(({ id, update }) => ({
    id,
    update,
    value: resolveComponent(id, group.component(id), [update]),
  }));
  const { commit } = group.commit({ components });
  return commit;
}

/** Carol stands at place 2 of the list. */
const roleFor = (index: number, role: number): Uint8Array =>
  encodeParticipantListUpdate({ changedRole: [{ index, role }], removedIndices: [], added: [] });

describe.each(suites)('a mandate, to a member of a group of suite %i,', (suite) => {
  let hub: KeyPair;
  let alice: Member;
  let bob: Member;
  let carol: Member;
  beforeEach(() => {
    hub = generateSignatureKeyPair(suite);
    [alice, bob, carol] = membersOf(suite, hub);
  });

  const ban = (change: Partial<Parameters<typeof makeMandate>[0]> = {}, by = hub) =>
    makeMandate(
      {
        groupId,
        sequence: 1n,
        component: PARTICIPANT_LIST,
        current: alice.group.component(PARTICIPANT_LIST),
        update: roleFor(2, BANNED_ROLE),
        ...change,
      },
      signerOf(suite, by.privateKey),
    );
  const removeCarol = () => {
    const { epoch } = alice.group;
    const removal = { groupId, epoch, senderIndex: 0, leafIndex: 2 };
    const proposal = externalRemove(suite, hub.privateKey, removal);
    for (const { group } of [alice, bob, carol]) group.process(proposal);
  };
  const changesOf = (mandate: Uint8Array) => mandatedChanges(decodeMandate(mandate));

  test('lets who has no right for it commit the change, and no other change', () => {
    const mandate = ban();
    removeCarol();
    const commit = commitOf(bob, changesOf(mandate));
    expect(verdictOf(alice, commit, mandate)).toBe('allowed');
    expect(decodeParticipantList(alice.group.component(PARTICIPANT_LIST) as Uint8Array)).toEqual([
      { user: user('alice'), role: OWNER_ROLE },
      { user: user('bob'), role: MEMBER_ROLE },
      { user: user('carol'), role: BANNED_ROLE },
    ]);
    expect(lastMandate(alice.group)).toBe(1n);
  });

  test('that the member does not know makes the commit one without a mandate', () => {
    removeCarol();
    expect(verdictOf(alice, commitOf(bob, changesOf(ban())))).toBe('R22-mandate');
  });

  test('is not carried out by another change, or under another number', () => {
    const mandate = ban();
    const [change, number] = changesOf(mandate);
    const other = { id: PARTICIPANT_LIST, update: roleFor(1, OWNER_ROLE) };
    expect(verdictOf(alice, commitOf(bob, [other, number]), mandate)).toBe('R22-mandate');
    bob.group.discardPending();
    removeCarol();
    const late = { id: MANDATES, update: encodeMandates(7n) };
    expect(verdictOf(alice, commitOf(bob, [change, late]), mandate)).toBe('R22-mandate');
    bob.group.discardPending();
    expect(verdictOf(alice, commitOf(bob, [change]), mandate)).toBe('R17-ban');
  });

  test('holds in its room, for its state and once only, by the key of the room alone', () => {
    const { group } = alice;
    const open = (mandate: Uint8Array) => ruleOf(() => openMandate(group, mandate));
    expect(open(ban({ groupId: otherGroupId }))).toBe('wrongContext groupId');
    expect(open(ban({}, generateSignatureKeyPair(suite)))).toBe('badSignature mandate');
    expect(open(ban({ current: bytes('another list') }))).toBe('wrongContext current');
    expect(open(ban({ sequence: 2n }))).toBe('wrongContext sequence');
    const mandate = ban();
    expect(openMandate(group, mandate).sequence).toBe(1n);
    removeCarol();
    expect(verdictOf(alice, commitOf(bob, changesOf(mandate)), mandate)).toBe('allowed');
    expect(open(mandate)).toBe('replayed sequence');
  });

  test('holds in no room that names no hub', () => {
    const [{ group }] = membersOf(suite, undefined);
    const current = group.component(PARTICIPANT_LIST);
    expect(ruleOf(() => openMandate(group, ban({ current })))).toBe('badSignature no hub key');
  });
});

describe('the changes of a commit', () => {
  const hub = generateSignatureKeyPair(1);
  const update = roleFor(2, BANNED_ROLE);
  const content = { groupId, sequence: 4n, component: PARTICIPANT_LIST, current: bytes('list') };
  const mandate = decodeMandate(makeMandate({ ...content, update }, signerOf(1, hub.privateKey)));
  const [change, number] = mandatedChanges(mandate);
  const before = { id: PARTICIPANT_LIST, update: roleFor(0, MEMBER_ROLE) };

  test('carry a mandate when they have its change and its number, in any order', () => {
    expect(carriesMandate(mandate, [change, number])).toBe(true);
    expect(carriesMandate(mandate, [number, change])).toBe(true);
    expect(carriesMandate(mandate, [change, before, number])).toBe(true);
  });

  test('carry none when another change of the component comes first: the places are others then', () => {
    expect(carriesMandate(mandate, [before, change, number])).toBe(false);
    expect(mandatedIn([mandate], [before, change, number])).toBeUndefined();
  });

  test('carry none under two numbers, or one that is not its own', () => {
    const next = { id: MANDATES, update: encodeMandates(5n) };
    expect(carriesMandate(mandate, [change, number, next])).toBe(false);
    expect(carriesMandate(mandate, [change, next])).toBe(false);
    expect(carriesMandate(mandate, [change])).toBe(false);
  });

  test('that are not the mandated ones stay what they are', () => {
    const isMandated = mandatedIn([mandate], [change, before, number]);
    expect([change, number, before].map((one) => isMandated?.(one))).toEqual([true, true, false]);
  });
});

test('a mandate travels in a slot of its own name', () => {
  const mandate = bytes('a mandate');
  const other = { lifetime: 'epoch', name: bytes('wrapper'), value: bytes('x') } as const;
  expect(mandatesAmong([other, mandateSlot(mandate)])).toEqual([mandate]);
  expect(mandatesAmong([{ ...mandateSlot(mandate), lifetime: 'room' }])).toEqual([]);
});

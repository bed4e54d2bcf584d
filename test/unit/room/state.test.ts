// The state of a room: what a new one starts with, and what is read from components.

import { describe, expect, test } from 'vitest';
import {
  applyChanges,
  type ComponentData,
  defaultRoles,
  encodeClosing,
  encodeHubKeys,
  encodeMandates,
  encodeParticipantList,
  encodeParticipantListUpdate,
  encodeRoles,
  FRANK_AAD,
  FRANKING_AGENT,
  initialComponents,
  MANDATES,
  MEMBER_ROLE,
  MODE,
  OWNER_ROLE,
  PARTICIPANT_LIST,
  ROLES_LIST,
  resolveComponent,
  roleOf,
  SAFE_AAD,
  stateOf,
  userCan,
} from '../../../ts/room/index.ts';
import { encodeExternalSender } from '../../../ts/wire/index.ts';

const ann = 'mimi://a.example/u/ann';
const ben = 'mimi://b.example/u/ben';
const start = initialComponents({ mode: 'open', creator: ann });
const withData = (id: number, data: Uint8Array): ComponentData[] => [
  ...start.filter((component) => component.id !== id),
  { id, data },
];
const coded = (code: string) => expect.objectContaining({ name: 'RoomError', code });

describe('a new room', () => {
  test('has its creator as owner, the default roles, no links and no mandate', () => {
    expect(stateOf(start)).toEqual({
      mode: 'open',
      creator: ann,
      participants: [{ user: ann, role: OWNER_ROLE }],
      roles: defaultRoles(),
      links: [],
      closing: undefined,
      lastMandate: 0n,
      hubKeys: [],
      bans: [],
    });
  });

  test('lists its components by rising id', () => {
    const ids = start.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((one, other) => one - other));
  });

  test('may take participants over, if its creator is one of them', () => {
    const participants = [
      { user: ben, role: OWNER_ROLE },
      { user: ann, role: MEMBER_ROLE },
    ];
    const state = stateOf(initialComponents({ mode: 'open', creator: ann, participants }));
    expect(state.participants).toEqual(participants);
    const foreign = { mode: 'open', creator: ann, participants: [{ user: ben, role: 4 }] };
    expect(() => initialComponents(foreign)).toThrow(coded('badRoomState'));
  });

  test('starts with the hub keys that it is given', () => {
    const keys = [{ id: Uint8Array.of(1), publicKey: Uint8Array.of(2) }];
    const state = stateOf(initialComponents({ mode: 'open', creator: ann, hubKeys: keys }));
    expect(state.hubKeys).toEqual(keys);
  });
});

describe('the franking of a room', () => {
  const agent = {
    signatureKey: Uint8Array.of(1),
    credential: { type: 1, bytes: new TextEncoder().encode('mimi://a.example') },
  };

  test.each(['exedra', 'draft06'] as const)('in form %s is what it was created with', (form) => {
    const items = initialComponents({ mode: 'open', creator: ann, franking: { form, agent } });
    expect(items.map(({ id }) => id)).toEqual([...items.map(({ id }) => id)].sort((a, b) => a - b));
    expect(stateOf(items).franking).toEqual({ form, agent });
    expect(items).toContainEqual({ id: SAFE_AAD, data: Uint8Array.of(2, 0, FRANK_AAD) });
  });

  test('of a room of others, which states no form, is the draft’s', () => {
    const data = encodeExternalSender(agent);
    expect(stateOf([...start, { id: FRANKING_AGENT, data }]).franking).toEqual({
      form: 'draft06',
      agent,
    });
    expect(stateOf(start).franking).toBeUndefined();
  });

  test('is pinned but for the key', () => {
    const items = initialComponents({
      mode: 'open',
      creator: ann,
      franking: { form: 'exedra', agent },
    });
    const update = encodeExternalSender({ ...agent, signatureKey: Uint8Array.of(2) });
    const change = { id: FRANKING_AGENT, update };
    const changed = applyChanges(stateOf(items), [change]);
    expect(changed.franking?.agent.signatureKey).toEqual(Uint8Array.of(2));
    expect(() => applyChanges(stateOf(start), [change])).toThrow(coded('frankingPinned'));
    const pinned = items.filter(({ id }) => id === SAFE_AAD || id === 0xf0e9);
    expect(pinned).toHaveLength(2);
    for (const { id, data } of pinned) {
      const again = [{ id, update: data }];
      expect(() => applyChanges(stateOf(items), again)).toThrow(coded('frankingPinned'));
      expect(() => resolveComponent(id, data, [data])).toThrow(coded('frankingPinned'));
    }
  });
});

describe('the state', () => {
  test.each([MODE, PARTICIPANT_LIST, ROLES_LIST])('is none without component %i', (id) => {
    const rest = start.filter((component) => component.id !== id);
    expect(() => stateOf(rest)).toThrow(coded('noRoomState'));
  });

  test('is none in a group without components', () => {
    expect(() => stateOf([])).toThrow(coded('noRoomState'));
  });

  test('needs no other component, and passes over those of others', () => {
    const few = start.filter(({ id }) => [MODE, PARTICIPANT_LIST, ROLES_LIST].includes(id));
    const foreign = { id: 0x0023, data: Uint8Array.of(1) };
    expect(stateOf([...few, foreign])).toEqual(stateOf(start));
  });

  test.each<[string, ComponentData[]]>([
    ['bytes that are no list', withData(PARTICIPANT_LIST, Uint8Array.of(9))],
    [
      'a user listed twice',
      withData(
        PARTICIPANT_LIST,
        encodeParticipantList([
          { user: ann, role: 4 },
          { user: ann, role: 2 },
        ]),
      ),
    ],
    [
      'a role that is not defined',
      withData(PARTICIPANT_LIST, encodeParticipantList([{ user: ann, role: 9 }])),
    ],
    [
      'a participant of role 0',
      withData(PARTICIPANT_LIST, encodeParticipantList([{ user: ann, role: 0 }])),
    ],
  ])('is refused with %s', (_what, components) => {
    expect(() => stateOf(components)).toThrow(coded('badRoomState'));
  });

  test('is refused with contradicting roles', () => {
    const twice = encodeRoles([...defaultRoles(), ...defaultRoles()]);
    expect(() => stateOf(withData(ROLES_LIST, twice))).toThrow(coded('badRoles'));
  });

  test('gives users outside the list role 0 and what that role can', () => {
    const state = stateOf(start);
    expect(roleOf(state, ben)).toBe(0);
    expect(userCan(state, ben, 'canUseJoinCode')).toBe(true);
    expect(userCan(state, ben, 'canSendMessage')).toBe(false);
  });
});

describe('changes', () => {
  const add = encodeParticipantListUpdate({
    changedRole: [],
    removedIndices: [],
    added: [{ user: ben, role: 2 }],
  });
  const changes = [
    { id: PARTICIPANT_LIST, update: add },
    { id: MANDATES, update: encodeMandates(3n) },
    { id: ROLES_LIST, update: encodeRoles(defaultRoles().slice(1)) },
    { id: 0xf0e4, update: encodeHubKeys([{ id: new Uint8Array(), publicKey: new Uint8Array() }]) },
    { id: 0xf0e3, update: encodeClosing({ newGroupId: new Uint8Array(), mode: '', creator: '' }) },
  ];

  test('do to the state what the resolver does to the bytes', () => {
    const resolved = new Map(start.map(({ id, data }) => [id, data]));
    for (const { id, update } of changes) {
      resolved.set(id, resolveComponent(id, resolved.get(id), [update]));
    }
    const components = [...resolved].map(([id, data]) => ({ id, data }));
    expect(applyChanges(stateOf(start), changes)).toEqual(stateOf(components));
  });

  test('of the mode and of unknown components are refused', () => {
    const state = stateOf(start);
    const mode = start.find(({ id }) => id === MODE)?.data;
    expect(() => applyChanges(state, [{ id: MODE, update: mode }])).toThrow(coded('modePinned'));
    expect(() => applyChanges(state, [{ id: 0x0023, update: mode }])).toThrow(
      coded('unknownComponent'),
    );
  });
});

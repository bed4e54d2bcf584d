// What a hub refuses for the sake of a mandate, commits made by hand: spec/privacy-modes.md, "Mandates".

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ComponentChange, Group, Identity, MemberStore } from '../../ts/mls/index.ts';
import {
  BANNED_ROLE,
  type ComponentChange as Change,
  encodeMandates,
  encodeParticipantListUpdate,
  initialComponents,
  MANDATES,
  MEMBER_ROLE,
  OWNER_ROLE,
  PARTICIPANT_LIST,
  resolveComponent,
} from '../../ts/room/index.ts';
import {
  APP_DATA_DICTIONARY,
  BASIC_CREDENTIAL,
  clientUri,
  decodeMlsMessage,
  decodeProviderKeys,
  decodeUpdateRoomResponse,
  encodeClientIdentity,
  encodeCreateRoom,
  encodeUpdateRequest,
  groupIdOf,
  type HandshakeView,
  proposalTypes,
  providerUri,
  type RoomUri,
  roomUri,
  userUri,
} from '../../ts/wire/index.ts';
import { World } from '../support/in_process_connection.ts';

const HUB = 'a.example';
const NONE: Uint8Array = new Uint8Array();
const alice = { user: userUri(HUB, 'alice'), client: clientUri(HUB, 'alice-1') };
const mallory = userUri(HUB, 'mallory');
const utf8 = new TextEncoder();

let world: World;
beforeEach(async () => {
  world = await World.open(HUB);
});
afterEach(() => world[Symbol.asyncDispose]());

const call = async (operation: 'createRoom' | 'update' | 'providerKeys', id: string, body = NONE) =>
  (await world.provider(HUB).fromDevice(alice, operation, id, body)).body;

/** A room of mode open with Alice in it alone, and the commits that she makes by hand. */
class HandMade {
  readonly uri: RoomUri;
  readonly group: Group;

  private constructor(uri: RoomUri, group: Group) {
    this.uri = uri;
    this.group = group;
  }

  /** `hubKey`: of the external sender that the room names. */
  static async open(name: string, hubKey?: Uint8Array): Promise<HandMade> {
    const uri = roomUri(HUB, name);
    const store = MemberStore.create();
    const bytes = encodeClientIdentity({ userUri: alice.user, clientUri: alice.client });
    const identity = Identity.create(store, 1, { type: BASIC_CREDENTIAL, bytes });
    const keys = decodeProviderKeys(await call('providerKeys', providerUri(HUB)));
    const group = Group.create(store, identity, groupIdOf(uri), {
      components: initialComponents({ mode: 'open', creator: alice.user }),
      required: {
        extensions: [APP_DATA_DICTIONARY],
        proposals: [proposalTypes.appDataUpdate, proposalTypes.selfRemove],
        credentials: [BASIC_CREDENTIAL],
      },
      externalSenders: [
        {
          signatureKey: hubKey ?? keys.ed25519,
          credential: { type: BASIC_CREDENTIAL, bytes: utf8.encode(providerUri(HUB)) },
        },
      ],
    });
    const room = new HandMade(uri, group);
    const info = { groupInfo: group.groupInfo(), ratchetTree: group.ratchetTree() };
    await call('createRoom', uri, encodeCreateRoom({ roomUri: uri, ...info }));
    return room;
  }

  /** Commits these changes and gives what the hub said: `success`, or the rule that refused. */
  async commit(...changes: readonly Change[]): Promise<string> {
    const { group } = this;
    const components = changes.map(
      ({ id, update }): ComponentChange => ({
        id,
        update,
        // A committer of bad will resolves as it likes.
        value: id === MANDATES ? update : resolveComponent(id, group.component(id), [update]),
      }),
    );
    const { commit, groupInfo } = group.commit({ components });
    const body = encodeUpdateRequest({
      kind: 'commit',
      message: decodeMlsMessage(commit) as HandshakeView,
      welcome: undefined,
      groupInfo: { representation: 'full', groupInfo },
      ratchetTree: { representation: 'distributionService' },
    });
    const answer = decodeUpdateRoomResponse(await call('update', this.uri, body));
    if (answer.code === 'success') group.acceptPending();
    else group.discardPending();
    return answer.code === 'notAllowed'
      ? (answer.errorDescription.split(':')[0] ?? '')
      : answer.code;
  }
}

const entered = (user: string, role = BANNED_ROLE): Change => ({
  id: PARTICIPANT_LIST,
  update: encodeParticipantListUpdate({
    changedRole: [],
    removedIndices: [],
    added: [{ user, role }],
  }),
});

const numbered = (sequence: bigint): Change => ({
  id: MANDATES,
  update: encodeMandates(sequence),
});

describe('while a mandate waits, a commit', () => {
  test('with the exact change and its number is accepted, and the mandate is carried out', async () => {
    const room = await HandMade.open('club');
    await world.provider(HUB).mandate(room.uri, { ban: mallory });
    expect(await room.commit(entered(mallory), numbered(1n))).toBe('success');
    expect(await room.commit()).toBe('success');
  });

  test('without it, or with one half of it, is refused', async () => {
    const room = await HandMade.open('club');
    await world.provider(HUB).mandate(room.uri, { ban: mallory });
    expect(await room.commit()).toBe('mandate');
    expect(await room.commit(entered(mallory))).toBe('mandate');
    expect(await room.commit(numbered(1n))).toBe('mandate');
  });

  test('with an altered change, or another number, is refused', async () => {
    const room = await HandMade.open('club');
    await world.provider(HUB).mandate(room.uri, { ban: mallory });
    const other = userUri(HUB, 'malory');
    expect(await room.commit(entered(other), numbered(1n))).toBe('mandate');
    expect(await room.commit(entered(mallory, MEMBER_ROLE), numbered(1n))).toBe('mandate');
    expect(await room.commit(entered(mallory), numbered(2n))).toBe('mandate');
    expect(await room.commit(entered(mallory), numbered(1n))).toBe('success');
  });

  test('of another room is no concern of it', async () => {
    const [room, other] = [await HandMade.open('club'), await HandMade.open('other')];
    await world.provider(HUB).mandate(room.uri, { ban: mallory });
    expect(await other.commit()).toBe('success');
  });
});

describe('without a mandate, a commit', () => {
  test('that claims one of another room is refused', async () => {
    const [room, other] = [await HandMade.open('club'), await HandMade.open('other')];
    await world.provider(HUB).mandate(room.uri, { ban: mallory });
    expect(await other.commit(entered(mallory), numbered(1n))).toBe('R22-mandate');
  });

  test('that claims the last one again, or the next, is refused', async () => {
    const room = await HandMade.open('club');
    await world.provider(HUB).mandate(room.uri, { ban: mallory });
    const number = numbered(1n);
    const body = entered(mallory);
    expect(await room.commit(body, number)).toBe('success');
    await world.provider(HUB).mandate(room.uri, { unban: mallory });
    const lifted: Change = {
      id: PARTICIPANT_LIST,
      update: encodeParticipantListUpdate({ changedRole: [], removedIndices: [1], added: [] }),
    };
    expect(await room.commit(lifted, numbered(2n))).toBe('success');
    // The list is as it was when the ban was ordered.
    expect(await room.commit(body, number)).toBe('invalidCommit');
    expect(await room.commit(body, numbered(3n))).toBe('R22-mandate');
  });
});

describe('the operator', () => {
  const codeOf = async (ordering: Promise<unknown>): Promise<string> => {
    const error = await ordering.then(
      () => undefined,
      (thrown: { code: string; details: { rule?: string } }) => thrown,
    );
    return [error?.code, error?.details.rule].filter((part) => part !== undefined).join(' ');
  };

  test('orders one mandate at a time', async () => {
    const room = await HandMade.open('club');
    const hub = world.provider(HUB);
    await hub.mandate(room.uri, { ban: mallory });
    expect(await codeOf(hub.mandate(room.uri, { ban: userUri(HUB, 'eve') }))).toBe('mandateOpen');
    await room.commit(entered(mallory), numbered(1n));
    expect(await hub.mandate(room.uri, { unban: mallory })).toEqual({ sequence: 2 });
  });

  test('orders nothing that changes nothing, or that the room has no place for', async () => {
    const room = await HandMade.open('club');
    const order = (change: Parameters<typeof hub.mandate>[1]) =>
      codeOf(hub.mandate(room.uri, change));
    const hub = world.provider(HUB);
    expect(await order({ unban: mallory })).toBe('wrongMandate');
    expect(await order({ remove: mallory })).toBe('wrongMandate');
    expect(await order({ role: { user: mallory, role: MEMBER_ROLE } })).toBe('wrongMandate');
    expect(await order({ role: { user: alice.user, role: OWNER_ROLE } })).toBe('wrongMandate');
    expect(await order({ role: { user: alice.user, role: BANNED_ROLE } })).toBe('wrongMandate');
    expect(await order({ role: { user: alice.user, role: 77 } })).toBe('wrongMandate');
    await order({ ban: mallory });
    await room.commit(entered(mallory), numbered(1n));
    expect(await order({ ban: mallory })).toBe('wrongMandate');
    // Who is banned is not there, and the ban ends by its own order.
    expect(await order({ remove: mallory })).toBe('wrongMandate');
  });

  test('orders nothing that nobody could commit', async () => {
    const room = await HandMade.open('club');
    const ban = world.provider(HUB).mandate(room.uri, { ban: alice.user });
    expect(await codeOf(ban)).toBe('mandateImpossible mandate');
    expect(await room.commit()).toBe('success');
  });

  test('orders nothing where the room names another hub, where it sees no state, where it is no hub', async () => {
    const hub = world.provider(HUB);
    const room = await HandMade.open('club', new Uint8Array(32).fill(7));
    expect(await codeOf(hub.mandate(room.uri, { ban: mallory }))).toBe('mandateImpossible hubKey');
    const device = await world.device(HUB, 'alice-2');
    const hidden = await device.createRoom(roomUri(HUB, 'hidden'), { mode: 'members-only' });
    expect(await codeOf(hub.mandate(hidden.uri, { ban: mallory }))).toBe('mandateImpossible sight');
    expect(await codeOf(hub.mandate(roomUri(HUB, 'none'), { ban: mallory }))).toBe('unknownRoom');
    expect(await codeOf(hub.mandate(roomUri('b.example', 'x'), { ban: mallory }))).toBe('notHub');
  });
});

// Faults that a review found in the modes, each with the rule that it broke: forbidden proposals, key packages after a
// block, credentials, link keys and lost answers. spec/privacy-modes.md.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ClientError, type Connection, type Device } from '../../ts/client/index.ts';
import { type CommitSummary, Group, generateSignatureKeyPair, init } from '../../ts/mls/index.ts';
import {
  decodeMemberSecrets,
  modeNamed,
  proposedCommit,
  signerOf,
} from '../../ts/privacy/index.ts';
import { encodeMemberSecrets } from '../../ts/privacy/member/member_secrets.ts';
import {
  decodePseudonymCredential,
  encodePseudonymCredential,
  writeBinding,
} from '../../ts/privacy/parts/credential_struct.ts';
import { fullLabel } from '../../ts/privacy/parts/hpke.ts';
import { pseudonymKey } from '../../ts/privacy/parts/pseudonym.ts';
import { makeCredential } from '../../ts/privacy/parts/pseudonym_credential.ts';
import { labelled } from '../../ts/privacy/parts/structs.ts';
import { decideCommit, initialComponents, stateOf } from '../../ts/room/index.ts';
import { BASIC_CREDENTIAL, clientUri, encodeClientIdentity, userUri } from '../../ts/wire/index.ts';
import { settle, World } from '../support/in_process_connection.ts';
import { lying, withoutSlots } from '../support/lying_sender.ts';
import { accept, connect } from '../support/meeting.ts';
import { add, heard, reaches, three } from '../support/mode_tampering.ts';

let world: World;
beforeEach(async () => {
  world = await World.open('a.example', 'b.example', 'c.example');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world[Symbol.asyncDispose]();
});

async function published(
  domain: string,
  name: string,
  wrap?: (inner: Connection) => Connection,
): Promise<Device> {
  const device = await world.device(domain, name, { wrap });
  await device.connections.publish(2);
  return device;
}

describe('a proposal that the policy forbids', () => {
  test('is not queued where the hub cannot refuse it, and commits go on without it', async () => {
    const { bob, room, bobs, carols, problems, settle: rest } = await three(world, 'members-only');
    const target = room.members().find(({ user }) => user === bob.account.user)?.leafIndex ?? -1;
    const propose = Group.prototype.propose;
    vi.spyOn(Group.prototype, 'propose').mockImplementation(function (this: Group, _, ...more) {
      return propose.call(this, { remove: target }, ...more);
    });
    await carols.leave();
    vi.restoreAllMocks();
    await rest();
    expect(problems.alice).toEqual(['R7-own-leave-only']);
    expect(problems.bob).toEqual(['R7-own-leave-only']);
    expect(room.pendingProposals).toBe(0);
    await room.selfUpdate();
    await rest();
    expect([room.status, bobs.status]).toEqual(['active', 'active']);
    expect(bobs.epoch).toBe(room.epoch);
    expect(await reaches(room, bobs, rest)).toBe(true);
  });

  test('takes those that came with it out again, too', async () => {
    const { alice, bob, carol, room, bobs, carols, problems } = await three(world, 'members-only');
    const second = await published('c.example', 'carol-2');
    await carols.invite(carol.account.user);
    await settle(alice, bob, carol, second);
    const carols2 = await second.invitations()[0]?.accept();
    if (carols2 === undefined) throw new Error('no invitation came');
    const rest = () => settle(alice, bob, carol, second);
    await rest();
    const target = room.members().find(({ user }) => user === bob.account.user)?.leafIndex ?? -1;
    const propose = Group.prototype.propose;
    let made = 0;
    vi.spyOn(Group.prototype, 'propose').mockImplementation(function (this: Group, what, ...more) {
      made += 1;
      return propose.call(this, made === 2 ? { remove: target } : what, ...more);
    });
    await carols2.leave();
    vi.restoreAllMocks();
    await rest();
    expect(made).toBe(2);
    expect(problems.alice).toEqual(['R7-own-leave-only']);
    expect(room.pendingProposals).toBe(0);
    const { epoch } = room;
    await room.selfUpdate();
    await rest();
    expect([room.epoch, bobs.epoch]).toEqual([epoch + 1n, epoch + 1n]);
  });
});

test('the leave of a member waits for a commit and takes effect by it', async () => {
  const { room, bobs, carols, problems, settle: rest } = await three(world, 'members-only');
  await carols.leave();
  await rest();
  expect([room.pendingProposals, bobs.pendingProposals, carols.status]).toEqual([1, 1, 'leaving']);
  await bobs.commitPending();
  await rest();
  expect(carols.status).toBe('left');
  expect(room.participants()).toHaveLength(2);
  expect(problems).toEqual({ alice: [], bob: [], carol: [] });
});

test.each([0, 1, 2, 8])(
  'with %i new sets in the place of a stock of two, who was cut off gets none',
  async (count) => {
    const alice = await published('a.example', 'alice-1');
    const bob = await published('b.example', 'bob-1');
    const mallory = await published('c.example', 'mallory-1');
    await connect(alice, bob);
    await connect(alice, mallory);
    const { stock } = await alice.connections.disconnect(mallory.account.user, count);
    expect(stock).toBe(2 * count);
    const room = await mallory.createRoom(undefined, { mode: 'pseudonymous' });
    const invited = room.invite(alice.account.user);
    await expect(invited).rejects.toMatchObject({ code: 'noKeyMaterial' });
    // Who stays connected gets one: of last resort, where there is no other.
    await bob.connections.check();
    const other = await bob.createRoom(undefined, { mode: 'pseudonymous' });
    expect((await other.invite(alice.account.user)).added).toHaveLength(1);
  },
);

describe('in a mode that hides identities', () => {
  test('R8: an update that brings another credential of the same pseudonym is refused', async () => {
    await init();
    const suite = 1;
    const domain = 'a.example';
    const names = { userUri: userUri(domain, 'alice'), clientUri: clientUri(domain, 'alice-1') };
    const keys = generateSignatureKeyPair(suite);
    const leafKeys = generateSignatureKeyPair(suite);
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const pseudonym = pseudonymKey(suite, secret, new Uint8Array(16));
    const { credential, participant } = makeCredential({
      suite,
      domain,
      pseudonymKey: pseudonym,
      leafSignatureKey: leafKeys.publicKey,
      real: {
        credential: { type: BASIC_CREDENTIAL, bytes: encodeClientIdentity(names) },
        signatureKey: keys.publicKey,
        sign: signerOf(suite, keys.privateKey),
      },
    });
    const old = decodePseudonymCredential(credential.bytes);
    const binding = {
      ...participant,
      linkKeyHash: new Uint8Array(32).fill(7),
      leafSignatureKey: leafKeys.publicKey,
    };
    const content = labelled('pseudonym', (writer) => writeBinding(writer, binding));
    const pseudonymSignature = signerOf(suite, pseudonym.privateKey)(
      fullLabel('pseudonym'),
      content,
    );
    const { linkKeyHash } = binding;
    const bytes = encodePseudonymCredential({ ...old, linkKeyHash, pseudonymSignature });
    const { user, client } = participant;
    const member = { leafIndex: 0, credential, signatureKey: leafKeys.publicKey };
    const group = { members: () => [member] as unknown as ReturnType<Group['members']> };
    const judge = (after: Uint8Array) => {
      const to = { ...member, credential: { ...credential, bytes: after } };
      const summary = {
        sender: { type: 'member', leafIndex: 0 },
        external: false,
        proposals: [],
        added: [],
        removed: [],
        updated: [to],
        components: [],
      } as unknown as CommitSummary;
      const roster = new Map([[0, { leafIndex: 0, user, client }]]);
      const { credentials } = modeNamed('pseudonymous');
      const proposed = proposedCommit(credentials, suite, roster, summary, { group });
      if (proposed === undefined) throw new Error('no sender');
      const state = stateOf(initialComponents({ mode: 'pseudonymous', creator: user }));
      return decideCommit({ state, roster }, proposed);
    };
    expect(judge(credential.bytes)).toEqual({ allowed: true });
    expect(judge(bytes)).toMatchObject({ allowed: false, rule: 'R8-identity-kept' });
  });

  test('who may be one of those not verified is not taken to be absent', async () => {
    const { alice, bob, carol, room, bobs } = await three(world, 'pseudonymous');
    const { epoch } = bobs;
    // Everybody is known: somebody else is not there, and nothing happens.
    await bobs.remove(userUri('c.example', 'nobody'));
    expect(bobs.epoch).toBe(epoch);
    const dora = await published('c.example', 'dora-1');
    await connect(alice, dora);
    const payload = withoutSlots('client');
    await lying('pseudonymous', { payload }, () => room.invite(dora.account.user));
    await settle(alice, bob, carol, dora);
    await accept(dora, room.uri);
    const { user } = dora.account;
    const unknown = { code: 'refused', details: { rule: 'notFound' } };
    await expect(bobs.ban(user)).rejects.toMatchObject(unknown);
    await expect(bobs.kick(user)).rejects.toMatchObject(unknown);
    await expect(bobs.remove(user)).rejects.toMatchObject(unknown);
    await expect(bobs.setRole(user, 3)).rejects.toMatchObject(unknown);
    // Whoever knows it takes it out.
    await room.ban(user);
    await settle(alice, bob, carol, dora);
    expect(bobs.members()).toHaveLength(3);
  });

  test('a wrong link key in a Welcome is passed over for what members have left', async () => {
    const { alice, bob, carol, room } = await three(world, 'pseudonymous');
    const dora = await published('b.example', 'dora-1');
    await connect(alice, dora);
    const take = Group.prototype.takeWelcomeExtension;
    vi.spyOn(Group.prototype, 'takeWelcomeExtension').mockImplementation(function (this: Group) {
      const secrets = decodeMemberSecrets(take.call(this));
      const wrong = [...secrets.linkKeys.keys()].map(
        (client) => [client, new Uint8Array(32).fill(1)] as const,
      );
      return encodeMemberSecrets({ ...secrets, linkKeys: new Map(wrong) });
    });
    const doras = await add(alice, room, dora, bob, carol);
    vi.restoreAllMocks();
    const rest = () => settle(alice, bob, carol, dora);
    await room.selfUpdate();
    await rest();
    await room.send(new TextEncoder().encode('hello'));
    await rest();
    expect(await heard(doras)).toEqual(['alice: hello']);
  });
});

describe('an answer to a request for a connection', () => {
  let fails = false;
  const wrap = (inner: Connection): Connection => ({
    call: async (operation, id, body, options) => {
      if (fails && operation === 'letter') throw new ClientError('unavailable');
      return inner.call(operation, id, body, options);
    },
  });

  test('that could not be sent is sent later', async () => {
    const alice = await published('a.example', 'alice-1', wrap);
    const bob = await published('b.example', 'bob-1');
    await bob.connections.connect(alice.account.user);
    await alice.connections.check();
    fails = true;
    const accepted = alice.connections.accept(bob.account.user);
    await expect(accepted).rejects.toMatchObject({ code: 'unavailable' });
    await alice.connections.check();
    fails = false;
    await bob.connections.check();
    expect(await bob.connections.connected()).toEqual([]);
    await alice.connections.check();
    await bob.connections.check();
    expect(await bob.connections.connected()).toEqual([alice.account.user]);
    // It went once.
    expect(await alice.connections.check()).toBe(0);
    expect(await bob.connections.check()).toBe(0);
  });

  test('is given again to who is connected and asks again', async () => {
    const alice = await published('a.example', 'alice-1');
    const bob = await published('b.example', 'bob-1');
    await connect(alice, bob);
    await bob.connections.decline(alice.account.user);
    await bob.connections.connect(alice.account.user);
    await alice.connections.check();
    await bob.connections.check();
    expect(await bob.connections.connected()).toEqual([alice.account.user]);
    expect(await alice.connections.requests()).toEqual([]);
    const room = await bob.createRoom(undefined, { mode: 'pseudonymous' });
    expect((await room.invite(alice.account.user)).added).toHaveLength(1);
  });
});

// What the hub refuses, by which rule, and that a refusal changes nothing: real members against a real provider.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeyPackage } from '../../ts/mls/index.ts';
import { Provider } from '../../ts/provider/index.ts';
import type { Store } from '../../ts/provider/store.ts';
import { openMemoryStore } from '../../ts/store/index.ts';
import {
  asRoomUri,
  asUserUri,
  decodeKeyMaterialResponse,
  decodeMlsMessage,
  decodeSubmitMessageResponse,
  decodeUpdateRoomResponse,
  encodeCreateRoom,
  encodeKeyMaterialRequest,
  encodeKeyMaterialRequestTBS,
  encodeSubmitMessageRequest,
  encodeUpdateRequest,
  encodeUploadKeyPackages,
  groupIdOf,
  type HandshakeView,
  type PrivateMessageView,
  roomUri,
  type UserUri,
  userUri,
} from '../../ts/wire/index.ts';
import {
  add,
  type Call,
  commitRequest,
  convene,
  damaged,
  MlsMember,
} from '../support/mls_member.ts';

const room = asRoomUri(roomUri('a.example', 'validation'));
const hello = new TextEncoder().encode('hello');

let store: Store;
let provider: Provider;
let alice: MlsMember;
let bob: MlsMember;
let now: number;

const call: Call = async (device, operation, id, body) =>
  (await provider.fromDevice(device, operation, id, body)).body;

beforeEach(async () => {
  now = Date.now();
  store = openMemoryStore();
  provider = await Provider.open({
    domain: 'a.example',
    store,
    clock: () => now,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    peers: { domains: ['b.example'], post: async () => ({ status: 201, body: new Uint8Array() }) },
    report: () => {},
  });
  alice = new MlsMember(call, 'a.example', 'alice-1');
  bob = new MlsMember(call, 'a.example', 'bob-1');
  await alice.register();
  await bob.register();
  await convene(room, [alice, bob]);
});

afterEach(async () => {
  await provider.close();
  await store.close();
});

/** Runs what must be refused, and checks that the room took nothing and goes on. */
async function unchanged<Outcome>(act: () => Promise<Outcome>): Promise<Outcome> {
  const before = await provider.inspect(room);
  const outcome = await act();
  const after = await provider.inspect(room);
  expect(after).toEqual(before);
  const alive = await bob.submit(room, bob.group.encrypt(hello));
  expect(alive.code).toBe('accepted');
  return outcome;
}

const rule = (name: string) =>
  expect.objectContaining({
    code: 'notAllowed',
    errorDescription: expect.stringMatching(new RegExp(`^${name}: `)),
  });

const messageRequest = (message: Uint8Array, sendingUri: string) =>
  encodeSubmitMessageRequest({
    protocol: 'mls10',
    appMessage: decodeMlsMessage(message) as PrivateMessageView,
    sendingUri,
  });

describe('a commit', () => {
  test('H1: of a past epoch is answered wrongEpoch with the current one', async () => {
    const stale = bob.commit({ update: true });
    const winner = alice.commit({ update: true });
    expect((await alice.update(room, winner)).code).toBe('success');
    alice.group.acceptPending();
    const answer = await bob.update(room, stale);
    expect(answer).toMatchObject({ code: 'wrongEpoch', currentEpoch: 2n });
    bob.follow(winner.commit);
    expect(bob.authenticator).toBe(alice.authenticator);
  });

  test('H1: of a future epoch is answered wrongEpoch with the current one', async () => {
    alice.commit({ update: true });
    alice.group.acceptPending();
    const future = alice.commit({ update: true });
    const answer = await unchanged(() => alice.update(room, future));
    expect(answer).toMatchObject({ code: 'wrongEpoch', currentEpoch: 1n });
  });

  test('H11: whose signature does not verify is refused', async () => {
    const bundle = alice.commit({ update: true });
    const forged = bundle.commit.slice();
    // The signature stands before the confirmation and membership tags at the end.
    const at = forged.length - 80;
    forged[at] = (forged[at] as number) ^ 1;
    const answer = await unchanged(() => alice.update(room, { ...bundle, commit: forged }));
    expect(answer).toEqual(rule('invalidCommit'));
  });

  test('H12: is taken from the device that made it only', async () => {
    const bundle = alice.commit({ update: true });
    const answer = await unchanged(() => bob.update(room, bundle));
    expect(answer).toEqual(rule('senderNotYours'));
  });

  test('H12: of a client here is not taken from another provider', async () => {
    const bundle = alice.commit({ update: true });
    const answer = await unchanged(async () => {
      const reply = await provider.fromPeer('b.example', 'update', room, commitRequest(bundle));
      return decodeUpdateRoomResponse(reply.body);
    });
    expect(answer).toEqual(rule('senderNotYours'));
  });

  test('H13: with a GroupInfo of another state is refused', async () => {
    const other = bob.group.groupInfo();
    const bundle = alice.commit({ update: true });
    const answer = await unchanged(() => alice.update(room, bundle, other));
    expect(answer).toEqual(rule('contextHash'));
  });

  test('H13: with a GroupInfo that its signer did not sign is refused', async () => {
    const bundle = alice.commit({ update: true });
    const answer = await unchanged(() => alice.update(room, bundle, damaged(bundle.groupInfo)));
    expect(answer).toEqual(rule('groupInfo'));
  });

  test('H14: that adds a client without its Welcome is refused', async () => {
    const carol = new MlsMember(call, 'a.example', 'carol-1');
    await carol.register();
    await carol.allow(alice.device.user);
    const bundle = alice.commit({ add: await alice.claim(room, carol.device.user) });
    const answer = await unchanged(() => alice.update(room, { ...bundle, welcome: undefined }));
    expect(answer).toEqual(rule('welcomeMatchesAdds'));
  });

  test('H14: that adds a client whose key package did not come through this hub is refused', async () => {
    const carol = new MlsMember(call, 'a.example', 'carol-1');
    const { keyPackage } = createKeyPackage(carol.store, carol.identity);
    const bundle = alice.commit({ add: [keyPackage] });
    const answer = await unchanged(() => alice.update(room, bundle));
    expect(answer).toEqual(rule('claimedHere'));
  });

  test('R3: that removes another user is refused unless an owner made it', async () => {
    const carol = new MlsMember(call, 'a.example', 'carol-1');
    await carol.register();
    await add(room, alice, [bob], [carol]);
    const bundle = bob.commit({ remove: [carol.group.ownLeafIndex] });
    const answer = await unchanged(() => bob.update(room, bundle));
    bob.group.discardPending();
    expect(answer).toEqual(rule('R3-remover'));
    const rightful = alice.commit({ remove: [carol.group.ownLeafIndex] });
    expect((await alice.update(room, rightful)).code).toBe('success');
  });

  test('H5: that leaves out a queued proposal is refused, and one that covers it is accepted', async () => {
    const leave = bob.group.propose({ selfRemove: true });
    const commitWithout = alice.commit({ update: true });
    expect((await bob.propose(room, leave)).code).toBe('success');
    expect(await alice.update(room, commitWithout)).toEqual(rule('R6-queued-proposals'));
    alice.group.discardPending();
    alice.process(leave);
    const commitWith = alice.commit({});
    expect((await alice.update(room, commitWith)).code).toBe('success');
    const { members } = await provider.inspect(room);
    expect(members.map(({ client }) => client)).toEqual([alice.device.client]);
  });

  test('as a PrivateMessage is refused in a room of mode open', async () => {
    const message = bob.group.encrypt(hello);
    const view = decodeMlsMessage(message) as PrivateMessageView;
    const body = encodeSubmitMessageRequest({
      protocol: 'mls10',
      appMessage: view,
      sendingUri: bob.device.user,
    });
    await expect(bob.call('update', room, body)).rejects.toMatchObject({ code: 'badRequest' });
    bob.group.setHandshakes('private');
    const hidden = bob.commit({ update: true });
    bob.group.discardPending();
    expect(decodeMlsMessage(hidden.commit).wireFormat).toBe('privateMessage');
    const answer = await unchanged(() => bob.update(room, hidden));
    expect(answer).toMatchObject({
      code: 'notAllowed',
      errorDescription: 'invalidCommit: wrongWireFormat',
    });
  });
});

describe('a proposal', () => {
  test('R7: to remove another user is refused', async () => {
    const proposal = bob.group.propose({ remove: alice.group.ownLeafIndex });
    const answer = await bob.propose(room, proposal);
    expect(answer).toEqual(rule('R7-own-leave-only'));
    const update = alice.commit({ update: true });
    expect((await alice.update(room, update)).code).toBe('success');
  });

  test('is queued with all that come in its request, or none is', async () => {
    const leave = bob.group.propose({ selfRemove: true });
    const evict = bob.group.propose({ remove: alice.group.ownLeafIndex });
    const views = [leave, evict].map((bytes) => decodeMlsMessage(bytes) as HandshakeView);
    const [message, ...moreProposals] = views as [HandshakeView, HandshakeView];
    const body = encodeUpdateRequest({ kind: 'proposal', message, moreProposals });
    await bob.call('update', room, body);
    const update = alice.commit({ update: true });
    expect((await alice.update(room, update)).code).toBe('success');
  });
});

describe('an application message', () => {
  test('of a past epoch is answered epochTooOld with the current one', async () => {
    const early = bob.group.encrypt(hello);
    const update = alice.commit({ update: true });
    await alice.update(room, update);
    expect(await bob.submit(room, early)).toEqual({ code: 'epochTooOld', currentEpoch: 2n });
  });

  test('of a user who is not in the room is refused', async () => {
    const carol = new MlsMember(call, 'a.example', 'carol-1');
    const body = messageRequest(bob.group.encrypt(hello), carol.device.user);
    const answer = decodeSubmitMessageResponse(await carol.call('submitMessage', room, body));
    expect(answer).toEqual({ code: 'notAllowed' });
  });

  test('H12: that names another user as its sender is refused', async () => {
    const body = messageRequest(bob.group.encrypt(hello), alice.device.user);
    await expect(bob.call('submitMessage', room, body)).rejects.toMatchObject({
      code: 'wrongDevice',
    });
    await expect(provider.fromPeer('b.example', 'submitMessage', room, body)).rejects.toMatchObject(
      { code: 'wrongPeer' },
    );
  });

  test('of another group is refused', async () => {
    const elsewhere = asRoomUri(roomUri('a.example', 'elsewhere'));
    await alice.createRoom(elsewhere);
    const body = messageRequest(alice.group.encrypt(hello), alice.device.user);
    await expect(alice.call('submitMessage', room, body)).rejects.toMatchObject({
      code: 'badRequest',
    });
  });

  test('H4: sent again is answered as the first time and stands in the log once', async () => {
    const message = bob.group.encrypt(hello);
    const first = await bob.submit(room, message);
    now += 60_000;
    expect(await bob.submit(room, message)).toEqual(first);
    const { entries } = await provider.inspect(room);
    expect(entries.filter(({ what }) => what === 'application')).toHaveLength(1);
  });

  test('H3: is accepted no earlier than the one before it, also when the clock goes back', async () => {
    const first = await bob.submit(room, bob.group.encrypt(hello));
    now -= 3_600_000;
    const second = await bob.submit(room, bob.group.encrypt(hello));
    if (first.code !== 'accepted' || second.code !== 'accepted') throw new Error('not accepted');
    expect(second.acceptedTimestamp).toBeGreaterThanOrEqual(first.acceptedTimestamp);
  });
});

describe('a room', () => {
  const fresh = asRoomUri(roomUri('a.example', 'fresh'));

  test('is created once', async () => {
    const carol = new MlsMember(call, 'a.example', 'carol-1');
    await expect(carol.createRoom(room)).rejects.toMatchObject({ code: 'roomExists' });
  });

  test('is created by the device that its group names, alone', async () => {
    const { group } = bob;
    const body = encodeCreateRoom({
      roomUri: room,
      groupInfo: group.groupInfo(),
      ratchetTree: group.ratchetTree(),
    });
    await expect(bob.call('createRoom', fresh, body)).rejects.toMatchObject({ code: 'badRequest' });
    const renamed = encodeCreateRoom({
      roomUri: fresh,
      groupInfo: group.groupInfo(),
      ratchetTree: group.ratchetTree(),
    });
    await expect(bob.call('createRoom', fresh, renamed)).rejects.toMatchObject({
      code: 'invalidGroup',
    });
  });

  test('of another domain is not created here', async () => {
    const abroad = asRoomUri(roomUri('b.example', 'abroad'));
    await expect(alice.createRoom(abroad)).rejects.toMatchObject({ code: 'notHub' });
  });

  test('gives its GroupInfo to participants only (H9)', async () => {
    const carol = new MlsMember(call, 'a.example', 'carol-1');
    await expect(carol.joinExternally(room)).rejects.toThrow('notAuthorized');
    const tablet = new MlsMember(call, 'a.example', 'bob-2');
    const bundle = await tablet.joinExternally(room);
    expect((await tablet.update(room, bundle)).code).toBe('success');
  });

  test('has a group id of its own', () => {
    expect(groupIdOf(room)).not.toEqual(groupIdOf(fresh));
  });
});

describe('key packages', () => {
  const carol = () => new MlsMember(call, 'a.example', 'carol-1');

  test('H7: are not given without consent, nor is it told who exists', async () => {
    const shy = carol();
    await shy.register();
    expect(await claimStatus(shy.device.user)).toBe('noConsent');
    expect(await claimStatus(asUserUri(userUri('a.example', 'nobody')))).toBe('noConsent');
  });

  test('H6: are given once each, until there is none', async () => {
    const guest = carol();
    await guest.register(3);
    await guest.allow(alice.device.user);
    const claims = await Promise.allSettled(
      Array.from({ length: 5 }, () => alice.claim(room, guest.device.user)),
    );
    const given = claims.flatMap((claim) =>
      claim.status === 'fulfilled'
        ? claim.value.map((bytes) => Buffer.from(bytes).toString('hex'))
        : [],
    );
    expect(given).toHaveLength(3);
    expect(new Set(given).size).toBe(3);
    expect(await claimStatus(guest.device.user)).toBe('noCompatibleMaterial');
  });

  test('are stored for the device that made them only', async () => {
    const guest = carol();
    await guest.register(0);
    const { keyPackage } = createKeyPackage(bob.store, bob.identity);
    const upload = encodeUploadKeyPackages({ keyPackages: [keyPackage], lastResort: undefined });
    await expect(guest.call('uploadKeyPackages', '', upload)).rejects.toMatchObject({
      code: 'wrongDevice',
    });
    const garbled = encodeUploadKeyPackages({
      keyPackages: [keyPackage.slice(0, 40)],
      lastResort: undefined,
    });
    await expect(guest.call('uploadKeyPackages', '', garbled)).rejects.toMatchObject({
      code: 'badRequest',
    });
  });

  test('are not taken from a device that has not registered', async () => {
    const guest = carol();
    const { keyPackage } = createKeyPackage(guest.store, guest.identity);
    const upload = encodeUploadKeyPackages({ keyPackages: [keyPackage], lastResort: undefined });
    await expect(guest.call('uploadKeyPackages', '', upload)).rejects.toMatchObject({
      code: 'notRegistered',
    });
  });

  test('of a device that registers with another key are dropped', async () => {
    const guest = carol();
    await guest.register();
    await guest.allow(alice.device.user);
    const reset = carol();
    await reset.register(0);
    expect(await claimStatus(reset.device.user)).toBe('noCompatibleMaterial');
  });

  test('are claimed by participants of the room only', async () => {
    const guest = carol();
    await guest.register();
    await expect(guest.claim(room, bob.device.user)).rejects.toMatchObject({ code: 'unknownRoom' });
  });

  async function claimStatus(target: UserUri): Promise<string> {
    const tbs = {
      protocol: 'mls10',
      requestingUser: alice.device.user,
      targetUser: target,
      roomId: room,
      acceptableCipherSuites: [1],
      requiredCapabilities: { extensions: [], proposals: [], credentials: [] },
      requesterSignatureKey: alice.identity.signatureKey,
      requesterCredential: alice.identity.credential,
    } as const;
    const signature = alice.identity.sign(
      'KeyMaterialRequestTBS',
      encodeKeyMaterialRequestTBS(tbs),
    );
    const body = encodeKeyMaterialRequest({ ...tbs, signature });
    return decodeKeyMaterialResponse(await alice.call('keyMaterial', target, body)).userStatus;
  }
});

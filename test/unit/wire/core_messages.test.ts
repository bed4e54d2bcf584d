// What the MLS core really produces, read by the wire layer and carried in the MIMI protocol's requests.

import { beforeAll, describe, expect, it } from 'vitest';
import {
  type CipherSuite,
  createKeyPackage,
  Group,
  Identity,
  init,
  MemberStore,
} from '../../../ts/mls/index.ts';
import * as wire from '../../../ts/wire/index.ts';
import { refusal } from './support/refusal.ts';

const room = wire.roomUri('a.example', 'clubhouse');

function device(suite: CipherSuite, name: string) {
  const store = MemberStore.create();
  const identity = {
    userUri: wire.userUri('a.example', name),
    clientUri: wire.clientUri('a.example', `${name}-1`),
  };
  const credential = { type: wire.BASIC_CREDENTIAL, bytes: wire.encodeClientIdentity(identity) };
  return { store, identity, mls: Identity.create(store, suite, credential) };
}

describe.each<CipherSuite>([1, 2, 3])('with cipher suite %i', (suite) => {
  let alice: ReturnType<typeof device>;
  let bob: ReturnType<typeof device>;
  let group: Group;
  let keyPackage: { readonly keyPackage: Uint8Array; readonly ref: Uint8Array };

  beforeAll(async () => {
    await init();
    alice = device(suite, 'alice');
    bob = device(suite, 'bob');
    group = Group.create(alice.store, alice.mls, wire.groupIdOf(room));
    keyPackage = createKeyPackage(bob.store, bob.mls, { lastResort: true });
  });

  it('a key package shows whose it is', () => {
    const view = wire.decodeKeyPackage(keyPackage.keyPackage);
    expect(view.suite).toBe(suite);
    expect(view.signatureKey).toEqual(bob.mls.signatureKey);
    expect(wire.decodeClientIdentity(view.credential.bytes)).toEqual(bob.identity);
    expect(view.lifetime.notAfter).toBeGreaterThan(view.lifetime.notBefore);
    expect(wire.decodeCapabilities(view.leafNode.capabilities).versions).toContain(1);
  });

  it('a commit, its Welcome, GroupInfo and tree make the round trip of an UpdateRequest', () => {
    const bundle = group.commit({ add: [keyPackage.keyPackage] });
    const welcome = wire.decodeMlsMessage(bundle.welcome as Uint8Array);
    if (welcome.wireFormat !== 'welcome') throw new Error('The core gave no Welcome.');
    expect(welcome.newMembers).toEqual([keyPackage.ref]);
    const message = wire.decodeHandshake(bundle.commit);
    expect(message).toMatchObject({
      wireFormat: 'publicMessage',
      contentType: 'commit',
      groupId: wire.groupIdOf(room),
      epoch: 0n,
      sender: { type: 'member', leafIndex: 0 },
    });
    group.acceptPending();
    const request: wire.UpdateRequest = {
      kind: 'commit',
      message,
      welcome: welcome.welcome.bytes,
      groupInfo: { representation: 'full', groupInfo: bundle.groupInfo },
      ratchetTree: { representation: 'full', ratchetTree: group.ratchetTree() },
    };
    const bytes = wire.encodeUpdateRequest(request);
    expect(wire.decodeUpdateRequest(bytes)).toEqual(request);
    for (let length = 0; length < bytes.length; length++) {
      const error = refusal(() => wire.decodeUpdateRequest(bytes.subarray(0, length)));
      expect(error.code).toBe('truncated');
    }
    const info = wire.decodeGroupInfo(bundle.groupInfo);
    expect([info.epoch, info.suite, info.signer]).toEqual([bundle.newEpoch, suite, 0]);
    expect(wire.roomOfGroupId(info.groupId)).toBe(room);
    expect(wire.decodeExtensions(info.extensions).map((one) => one.type)).toContain(4);
  });

  it('an application message shows its clear fields and makes the round trip of a submission', () => {
    const aad = Uint8Array.of(1, 2, 3);
    const bytes = group.encrypt(new TextEncoder().encode('Hello'), { aad });
    expect(wire.mlsMessageHeader(bytes)).toEqual({
      groupId: wire.groupIdOf(room),
      epoch: 1n,
      contentType: 'application',
      authenticatedData: aad,
    });
    const appMessage = wire.decodeMlsMessage(bytes) as wire.PrivateMessageView;
    const request: wire.SubmitMessageRequest = {
      protocol: 'mls10',
      appMessage,
      sendingUri: alice.identity.userUri,
    };
    const sent = wire.encodeSubmitMessageRequest(request);
    expect(wire.decodeSubmitMessageRequest(sent)).toEqual(request);
  });

  it('proposals of each kind that a member makes are delimited', () => {
    const extra = createKeyPackage(bob.store, bob.mls).keyPackage;
    const made = [
      group.propose({ add: extra }),
      group.propose({ remove: 1 }),
      group.propose({ update: true }),
      group.propose({ selfRemove: true }),
    ];
    const [message, ...moreProposals] = made.map((bytes) => wire.decodeHandshake(bytes));
    if (message === undefined) throw new Error('Four proposals were made.');
    const request: wire.UpdateRequest = { kind: 'proposal', message, moreProposals };
    const read = wire.decodeUpdateRequest(wire.encodeUpdateRequest(request));
    expect(read).toEqual(request);
    const { add, remove, update, selfRemove } = wire.proposalTypes;
    const types = [message, ...moreProposals].map((one) =>
      one.wireFormat === 'publicMessage' ? one.proposalType : undefined,
    );
    expect(types).toEqual([add, remove, update, selfRemove]);
  });

  it('an external commit shows a new member as its sender', () => {
    const carol = device(suite, 'carol');
    const joined = Group.joinExternally(
      carol.store,
      carol.mls,
      group.groupInfo(),
      group.ratchetTree(),
    );
    const message = wire.decodeHandshake(joined.commit);
    expect(message).toMatchObject({ contentType: 'commit', sender: { type: 'newMemberCommit' } });
    expect(wire.decodeGroupInfo(joined.groupInfo).epoch).toBe(2n);
  });
});

// Room state, external senders and external commits as the drafts have them, put to the test on the MLS core:
// docs/findings.md, 12 to 17.

import { describe, expect, test } from 'vitest';
import {
  externalRemove,
  Group,
  generateSignatureKeyPair,
  signWithLabel,
} from '../../ts/mls/index.ts';
import { contextHash } from '../../ts/privacy/index.ts';
import { createLink, encodeLink, linkPublic, linkToken } from '../../ts/privacy/parts/join_link.ts';
import { encodeJoinLinks, JOIN_LINKS } from '../../ts/room/index.ts';
import { proposalTypes, roomUri, Writer } from '../../ts/wire/index.ts';
import { agree, bytes, codeOf, commitOf, device, errorOf } from '../unit/mls/devices.ts';
import {
  change,
  commitAll,
  follow,
  holds,
  hubCommit,
  hubOf,
  lastWins,
  NAME,
  pair,
  required,
  room,
} from '../unit/mls/rooms.ts';

const components = [{ id: NAME, data: bytes('before') }];

describe('a hub without the application logic of a component', () => {
  test('accepts any outcome of an AppDataUpdate, and then no commit of the members', () => {
    const [alice, bob] = pair({ components, required });
    const hub = hubOf(alice);
    const { commit, groupContext } = commitAll(alice, [bob], {
      components: [change(NAME, 'after')],
    });
    const other = hubCommit(hub, commit, () => [{ id: NAME, value: bytes('what nobody wrote') }]);
    // By what the committer states of the new context it is found out before it is applied.
    expect(contextHash(other.summary.groupContext)).not.toEqual(contextHash(groupContext));
    hub.apply(other);
    expect(hub.component(NAME)).toEqual(bytes('what nobody wrote'));
    expect(agree([alice, bob])).toBe(true);
    for (const { group } of [alice, bob]) {
      const next = group.commit({ update: true }).commit;
      expect(codeOf(() => hub.process(next, lastWins))).toBe('invalidSignature');
      group.discardPending();
    }
  });
});

/** A proposal of the first external sender, made by hand: the core makes removals only. RFC 9420, section 6.1. */
function externalProposal(
  privateKey: Uint8Array,
  { groupId, epoch }: { readonly groupId: Uint8Array; readonly epoch: bigint },
  write: (writer: Writer) => void,
): Uint8Array {
  const content = (writer: Writer) => {
    writer.opaque(groupId, 'group_id');
    writer.u64(epoch, 'epoch');
    writer.u8(2, 'external');
    writer.u32(0, 'sender_index');
    writer.opaque(new Uint8Array(), 'authenticated_data');
    writer.u8(2, 'proposal');
    write(writer);
  };
  const tbs = new Writer();
  tbs.u16(1, 'mls10');
  tbs.u16(1, 'mls_public_message');
  content(tbs);
  const message = new Writer();
  message.u16(1, 'mls10');
  message.u16(1, 'mls_public_message');
  content(message);
  const signature = signWithLabel(1, privateKey, 'FramedContentTBS', tbs.finish());
  message.opaque(signature, 'signature');
  return message.finish();
}

describe('a hub as external sender', () => {
  const { publicKey, privateKey } = generateSignatureKeyPair(1);
  const sender = { signatureKey: publicKey, credential: { type: 1, bytes: bytes('hub') } };
  const open = () => {
    const all = room({ components, required, externalSenders: [sender] }, 'alice', 'bob', 'carol');
    const [alice, bob, carol] = all;
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error('nobody');
    return { alice, bob, carol, hub: hubOf(alice) };
  };

  /** A proposal of this type, and what hub and member make of it. */
  const verdicts = (type: number, write: (writer: Writer) => void) => {
    const { alice, hub } = open();
    const message = externalProposal(privateKey, hub, (writer) => {
      writer.u16(type, 'type');
      write(writer);
    });
    const judges = [hub, alice.group];
    return judges.map((judge) => {
      const error = errorOf(() => judge.process(message));
      return error === undefined ? 'accepted' : `${error.code} ${error.details.rule}`;
    });
  };

  test('removes a member', () => {
    const { hub } = open();
    const { groupId, epoch } = hub;
    const removal = (writer: Writer) => writer.u32(2, 'removed');
    const made = externalRemove(1, privateKey, { groupId, epoch, senderIndex: 0, leafIndex: 2 });
    const byHand = externalProposal(privateKey, hub, (writer) => {
      writer.u16(proposalTypes.remove, 'type');
      removal(writer);
    });
    expect(byHand).toEqual(made);
    expect(verdicts(proposalTypes.remove, removal)).toEqual(['accepted', 'accepted']);
  });

  test('is not heard by this core when it proposes a change of room state, or another group', () => {
    const refused = 'invalidProposal UnsupportedProposalType';
    const update = verdicts(proposalTypes.appDataUpdate, (writer) => {
      writer.u16(NAME, 'component_id');
      writer.u8(1, 'op');
      writer.opaque(bytes('by order of the hub'), 'update');
    });
    expect(update).toEqual([refused, refused]);
    const reInit = verdicts(proposalTypes.reinit, (writer) => {
      writer.opaque(bytes('next'), 'group_id');
      writer.u16(1, 'version');
      writer.u16(1, 'cipher_suite');
      writer.opaque(new Uint8Array(), 'extensions');
    });
    expect(reInit).toEqual([refused, refused]);
  });
});

describe('an external commit', () => {
  test('drops the proposals that wait, so that who wanted to leave is still there', () => {
    const [alice, bob] = pair({ components, required });
    const hub = hubOf(alice);
    const leaving = bob.group.propose({ remove: bob.group.ownLeafIndex });
    hub.apply(hub.process(leaving));
    alice.group.process(leaving);
    expect(hub.pendingProposals()).toHaveLength(1);
    const carol = device(1, 'carol');
    const joined = Group.joinExternally(
      carol.store,
      carol.identity,
      alice.group.groupInfo(),
      hub.ratchetTree(),
    );
    const processed = hubCommit(hub, joined.commit);
    expect(processed.summary.omittedProposals).toEqual([]);
    hub.apply(processed);
    follow(joined.commit, alice, bob);
    joined.group.acceptPending();
    expect(hub.pendingProposals()).toEqual([]);
    expect(alice.group.pendingProposals()).toEqual([]);
    const { commit } = alice.group.commit({ update: true });
    const after = commitOf(bob.group.process(commit));
    expect(after.summary.removed).toEqual([]);
    // Of the epoch before: it cannot be sent again as it is.
    expect(codeOf(() => hub.process(leaving))).toBe('wrongEpoch');
  });
});

describe('join links in room state', () => {
  test('of the draft are read by the hub, as they are; of ours keys that open nothing', () => {
    const link = createLink(roomUri('a.example', 'club'), 'pseudonymous', 0n);
    const text = bytes(encodeLink(link));
    // JoinLink JoinLinksData<V>, with a length that the draft's `opaque join_link` lacks.
    const list = new Writer();
    list.list([text], 'links', (to, item) => to.opaque(item, 'join_link'));
    const draft = room(
      { components: [{ id: JOIN_LINKS, data: list.finish() }], required },
      'alice',
    );
    const entry = { id: link.id, publicPart: linkPublic(1, link.secret), role: 2, expiry: 1 };
    const data = encodeJoinLinks([entry]);
    const ours = room({ components: [{ id: JOIN_LINKS, data }], required }, 'alice');
    const [left, right] = [draft, ours].map(([alice]) => {
      if (alice === undefined) throw new Error('nobody');
      return hubOf(alice).component(JOIN_LINKS) ?? bytes('');
    });
    expect(holds(left ?? bytes(''), text)).toBe(true);
    for (const secret of [
      link.secret,
      linkToken(link.secret),
      bytes(encodeLink(link).slice(-64)),
    ]) {
      expect(holds(right ?? bytes(''), secret)).toBe(false);
    }
  });
});

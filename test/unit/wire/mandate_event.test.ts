// The event of a mandate, and the external senders of a group: ours, and RFC 9420, 12.1.8.1.

import { expect, test } from 'vitest';
import {
  Group,
  generateSignatureKeyPair,
  Identity,
  init,
  MemberStore,
} from '../../../ts/mls/index.ts';
import {
  decodeFanoutMessage,
  decodeFanoutMessages,
  decodeGroupContext,
  encodeFanoutMessage,
  encodeFanoutMessages,
  externalSendersOf,
  type FanoutMessage,
  WireError,
} from '../../../ts/wire/index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const event: FanoutMessage = {
  kind: 'mandate',
  timestamp: 1_700_000_000_000n,
  mode: 'open',
  groupId: bytes('room'),
  epoch: 7n,
  payload: bytes('payload'),
};

test('a mandate is read as it was written, also among other events', () => {
  expect(decodeFanoutMessage(encodeFanoutMessage(event))).toEqual(event);
  const welcome = {
    kind: 'modeHandshake',
    handshake: 'proposal',
    timestamp: 1n,
    mode: 'open',
    groupId: bytes('room'),
    epoch: 7n,
    payloads: [bytes('one'), bytes('two')],
  } as const;
  const both = [welcome, event];
  expect(decodeFanoutMessages(encodeFanoutMessages(both))).toEqual(both);
});

test('a mandate with a byte too many or too few is refused', () => {
  const encoded = encodeFanoutMessage(event);
  expect(() => decodeFanoutMessage(encoded.slice(0, -1))).toThrow(WireError);
  expect(() => decodeFanoutMessage(Uint8Array.of(...encoded, 0))).toThrow(WireError);
});

test('the external senders of a group are those that it was created with, in order', async () => {
  await init();
  const store = MemberStore.create();
  const identity = Identity.create(store, 1, { type: 1, bytes: bytes('alice') });
  const senders = ['hub', 'other'].map((name) => ({
    signatureKey: generateSignatureKeyPair(1).publicKey,
    credential: { type: 1, bytes: bytes(name) },
  }));
  const sendersIn = (options: Parameters<typeof Group.create>[3], id: string) => {
    const group = Group.create(store, identity, bytes(id), options);
    const context = group.groupContext();
    expect(decodeGroupContext(context).bytes).toEqual(context);
    return externalSendersOf(decodeGroupContext(context));
  };
  expect(sendersIn({ externalSenders: senders }, 'one')).toMatchObject(senders);
  expect(sendersIn({}, 'two')).toEqual([]);
});

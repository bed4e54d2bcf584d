// The frank of draft-ietf-mimi-protocol-06, "Message Franking", put to the test: docs/findings.md, 6 and 7.

import { expect, test } from 'vitest';
import {
  generateSignatureKeyPair,
  hmac,
  signWithLabel,
  verifyWithLabel,
} from '../../ts/mls/index.ts';
import { type Frank, roomUri, type UserUri, userUri, Writer } from '../../ts/wire/index.ts';
import { bytes } from '../unit/mls/devices.ts';
import { concat } from '../unit/wire/support/bytes.ts';

const LABEL = 'FrankingIntegrityTBS';
const room = roomUri('hub.example', 'club');
const franking = generateSignatureKeyPair(1);
const hubKey = crypto.getRandomValues(new Uint8Array(32));

/** ServerFrankingContext. */
function contextOf(sender: UserUri, acceptedAt: bigint): Uint8Array {
  const writer = new Writer();
  writer.text(sender, 'sender_uri');
  writer.text(room, 'room_uri');
  writer.u64(acceptedAt, 'accepted_timestamp');
  return writer.finish();
}

/** FrankingIntegrityTBS. */
function tbsOf(serverFrank: Uint8Array, context: Uint8Array): Uint8Array {
  const writer = new Writer();
  writer.fixed(serverFrank, 32, 'server_frank');
  writer.u16(1, 'franking_signature_ciphersuite');
  writer.raw(context);
  return writer.finish();
}

const serverFrankOf = (tag: Uint8Array, context: Uint8Array) =>
  hmac(1, hubKey, concat(tag, context));

/** What the hub makes of a message, as the section says. */
function frankOf(tag: Uint8Array, sender: UserUri, acceptedAt: bigint): Frank {
  const context = contextOf(sender, acceptedAt);
  const serverFrank = serverFrankOf(tag, context);
  const signed = tbsOf(serverFrank, context);
  const integritySignature = signWithLabel(1, franking.privateKey, LABEL, signed);
  return { serverFrank, cipherSuite: 1, integritySignature };
}

const verifies = (frank: Frank, sender: UserUri, acceptedAt: bigint) =>
  verifyWithLabel(
    1,
    franking.publicKey,
    LABEL,
    tbsOf(frank.serverFrank, contextOf(sender, acceptedAt)),
    frank.integritySignature,
  );

interface Message {
  readonly salt: Uint8Array;
  readonly content: Uint8Array;
  /** In the authenticated data. */
  readonly tag: Uint8Array;
}

/** A message, its content committed to by its tag. */
function messageOf(text: string): Message {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const content = bytes(text);
  return { salt, content, tag: hmac(1, salt, content) };
}

/** What the receiver of a message is told to verify, once it has opened it. */
const accepts = (message: Message, frank: Frank, sender: UserUri, acceptedAt: bigint) =>
  Buffer.from(message.tag).equals(hmac(1, message.salt, message.content)) &&
  verifies(frank, sender, acceptedAt);

/** What the hub makes of a report: it computes its frank anew. */
const confirms = (message: Message, frank: Frank, sender: UserUri, acceptedAt: bigint) =>
  Buffer.from(frank.serverFrank).equals(
    serverFrankOf(hmac(1, message.salt, message.content), contextOf(sender, acceptedAt)),
  );

test('a follower finds the sender of a franked message by trying the participants', () => {
  const users = Array.from({ length: 200 }, (_, at) => userUri('b.example', `user-${at}`));
  const acceptedAt = 1_700_000_000_000n;
  const sender = users[137] as UserUri;
  const { tag } = messageOf('nobody shall know who says this');
  const frank = frankOf(tag, sender, acceptedAt);
  // A follower has the frank, the time and the room; the hub's key stands in the room's state.
  expect(users.filter((user) => verifies(frank, user, acceptedAt))).toEqual([sender]);
});

test('a follower exchanges the franks of two messages of one sender: receivers accept them, no report is confirmed', () => {
  const sender = userUri('b.example', 'mallory');
  const [threat, greeting] = [messageOf('a threat'), messageOf('good morning')];
  const [early, late] = [1_700_000_000_000n, 1_700_000_000_001n];
  const own = frankOf(threat.tag, sender, early);
  const other = frankOf(greeting.tag, sender, late);
  // As the hub sent them, and with frank and time of the other message.
  expect(accepts(threat, own, sender, early)).toBe(true);
  expect(confirms(threat, own, sender, early)).toBe(true);
  expect(accepts(threat, other, sender, late)).toBe(true);
  expect(confirms(threat, other, sender, late)).toBe(false);
});

// Franks: the hub's stamp on a message that it cannot read, by which it recognizes the message in a report.
// draft-ietf-mimi-protocol-06, "Message Franking", is the form `draft06`. In ours, `exedra`, the sender is blinded, and the
// tag and the place in the log are signed: docs/franking.md.
//   struct { opaque key_id[8]; uint64 position; opaque signature<V>; } Integrity;  (franking_integrity_signature)
//   struct { opaque label<V>; opaque blinded_sender[32]; IdentifierUri room; uint64 accepted; uint64 position; } Context;
//   struct { opaque server_frank[32]; opaque tag[32]; opaque key_id[8]; CipherSuite suite; Context context; } TBS;

import { type CipherSuite, hash, hmac, verifyWithLabel } from '../../mls/index.ts';
import type { FrankingForm } from '../../room/index.ts';
import {
  decoder,
  encoder,
  FRANKING_KEY_ID_BYTES,
  type Frank,
  type Reader,
  WireError,
  Writer,
} from '../../wire/index.ts';
import { refused } from '../errors.ts';
import { fullLabel, type Signer } from './hpke.ts';
import { child, equalInConstantTime, labelledMac } from './seal.ts';
import { HASH_SUITE, KEY_BYTES, labelled, sameBytes } from './structs.ts';

const FRANK = 'frank';
const SENDER = 'frank sender';
const DRAFT_LABEL = 'FrankingIntegrityTBS';

/** Names a franking key, by its public part. */
export const frankingKeyId = (publicKey: Uint8Array): Uint8Array =>
  hash(HASH_SUITE, publicKey).slice(0, FRANKING_KEY_ID_BYTES);

/** `franking_tag`, 32 bytes: commits to the content, for who knows its salt. */
export const frankingTag = (salt: Uint8Array, content: Uint8Array): Uint8Array =>
  hmac(HASH_SUITE, salt, content);

/** The key that blinds the sender of a message; it tells nothing of the salt (16 bytes). */
export function blindOf(salt: Uint8Array): Uint8Array {
  return child(hash(HASH_SUITE, salt), SENDER);
}

/** A sender that only who knows the blind, 32 bytes, recognizes. */
export function blindedSender(blind: Uint8Array, sender: string): Uint8Array {
  return labelledMac(blind, SENDER, (writer) => writer.text(sender, 'sender'));
}

/** What a frank is made over. */
export interface Franked {
  readonly tag: Uint8Array;
  /** As the hub was told, in form `draft06`. */
  readonly sender: string;
  /** 32 bytes, in form `exedra`. */
  readonly blindedSender: Uint8Array;
  readonly room: string;
  /** In milliseconds since the epoch. */
  readonly acceptedAt: bigint;
  /** The message's place in the room's log, in form `exedra`. */
  readonly position: bigint;
}

/** A key of the hub. */
export interface FrankingKey {
  /** Known to the hub alone, 32 bytes. */
  readonly hubKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly sign: Signer;
}

interface Integrity {
  readonly keyId: Uint8Array;
  readonly position: bigint;
  readonly signature: Uint8Array;
}

const encodeIntegrity = encoder((writer: Writer, value: Integrity) => {
  writer.fixed(value.keyId, FRANKING_KEY_ID_BYTES, 'keyId');
  writer.u64(value.position, 'position');
  writer.opaque(value.signature, 'signature');
});

const decodeIntegrity = decoder(
  (reader: Reader): Integrity => ({
    keyId: reader.fixed(FRANKING_KEY_ID_BYTES, 'keyId'),
    position: reader.u64('position'),
    signature: reader.opaque('signature'),
  }),
);

/** What a frank of form `exedra` says of itself. Throws PrivacyError `badFrank` (rule: form). */
export function integrityOf(frank: Frank): Integrity {
  try {
    return decodeIntegrity(frank.integritySignature);
  } catch (error) {
    if (error instanceof WireError) throw refused('badFrank', 'form', error);
    throw error;
  }
}

function contextOf(form: FrankingForm, franked: Franked): Uint8Array {
  if (form === 'exedra') {
    return labelled(FRANK, (writer) => {
      writer.fixed(franked.blindedSender, KEY_BYTES, 'blindedSender');
      writer.text(franked.room, 'room');
      writer.u64(franked.acceptedAt, 'acceptedAt');
      writer.u64(franked.position, 'position');
    });
  }
  const writer = new Writer();
  writer.text(franked.sender, 'sender_uri');
  writer.text(franked.room, 'room_uri');
  writer.u64(franked.acceptedAt, 'accepted_timestamp');
  return writer.finish();
}

/** What the hub recognizes its frank by, 32 bytes. */
function serverFrankOf(hubKey: Uint8Array, tag: Uint8Array, context: Uint8Array): Uint8Array {
  const input = new Uint8Array(tag.length + context.length);
  input.set(tag);
  input.set(context, tag.length);
  return hmac(HASH_SUITE, hubKey, input);
}

interface Signed {
  readonly serverFrank: Uint8Array;
  readonly tag: Uint8Array;
  readonly keyId: Uint8Array;
  readonly suite: number;
  readonly context: Uint8Array;
}

function signedContent(form: FrankingForm, signed: Signed): Uint8Array {
  const writer = new Writer();
  writer.fixed(signed.serverFrank, KEY_BYTES, 'server_frank');
  if (form === 'exedra') {
    writer.fixed(signed.tag, KEY_BYTES, 'tag');
    writer.fixed(signed.keyId, FRANKING_KEY_ID_BYTES, 'key_id');
  }
  writer.u16(signed.suite, 'franking_signature_ciphersuite');
  writer.raw(signed.context);
  return writer.finish();
}

const labelOf = (form: FrankingForm): string =>
  form === 'exedra' ? fullLabel(FRANK) : DRAFT_LABEL;

/** Franks a message, as its hub. */
export function makeFrank(
  form: FrankingForm,
  suite: CipherSuite,
  { hubKey, publicKey, sign }: FrankingKey,
  franked: Franked,
): Frank {
  const context = contextOf(form, franked);
  const serverFrank = serverFrankOf(hubKey, franked.tag, context);
  const keyId = frankingKeyId(publicKey);
  const content = signedContent(form, { serverFrank, tag: franked.tag, keyId, suite, context });
  const signature = sign(labelOf(form), content);
  const { position } = franked;
  const integritySignature =
    form === 'exedra' ? encodeIntegrity({ keyId, position, signature }) : signature;
  return { serverFrank, cipherSuite: suite, integritySignature };
}

/** Checks the signature of a frank. Throws PrivacyError `badFrank` (rule: form, suite, key, position, signature). */
export function verifyFrank(
  form: FrankingForm,
  suite: CipherSuite,
  publicKey: Uint8Array,
  frank: Frank,
  franked: Omit<Franked, 'position'>,
): void {
  if (frank.cipherSuite !== suite) throw refused('badFrank', 'suite');
  const keyId = frankingKeyId(publicKey);
  const stated =
    form === 'exedra'
      ? integrityOf(frank)
      : { keyId, position: 0n, signature: frank.integritySignature };
  if (!sameBytes(stated.keyId, keyId)) throw refused('badFrank', 'key');
  const context = contextOf(form, { ...franked, position: stated.position });
  const content = signedContent(form, {
    serverFrank: frank.serverFrank,
    tag: franked.tag,
    keyId,
    suite,
    context,
  });
  if (!verifyWithLabel(suite, publicKey, labelOf(form), content, stated.signature)) {
    throw refused('badFrank', 'signature');
  }
}

/** Whether the hub made a frank for exactly this. Throws PrivacyError `badFrank` (rule: form). */
export function isOwnFrank(
  form: FrankingForm,
  hubKey: Uint8Array,
  frank: Frank,
  franked: Omit<Franked, 'position'>,
): boolean {
  const position = form === 'exedra' ? integrityOf(frank).position : 0n;
  const context = contextOf(form, { ...franked, position });
  return equalInConstantTime(serverFrankOf(hubKey, franked.tag, context), frank.serverFrank);
}

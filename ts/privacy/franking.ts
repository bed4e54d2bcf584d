// Franking as members and hubs use it: what a sender gives with a message, what a receiver checks of it, what a hub
// checks of a report. The constructions are in parts/frank.ts. docs/franking.md.

import { type FrankingFields, frankingFieldsOf } from '../content/index.ts';
import type { CipherSuite } from '../mls/index.ts';
import type { Franking } from '../room/index.ts';
import {
  BASIC_CREDENTIAL,
  domainOf,
  type Frank,
  type FrankRequest,
  providerUri,
  type RoomUri,
} from '../wire/index.ts';
import { PrivacyError, refused } from './errors.ts';
import type { Mode } from './mode.ts';
import { blindedSender, blindOf, frankingKeyId, frankingTag, verifyFrank } from './parts/frank.ts';
import { sameBytes } from './parts/structs.ts';
import { frankingTagIn } from './safe_aad.ts';

/** Whom a message must name, and where. */
export interface FrankedPlace {
  readonly room: RoomUri;
  /** The sender as the room's leaves name it. */
  readonly sender: string;
}

/**
 * What a content says for its franking, when it is true. Throws PrivacyError `badFrank` (rule: content, sender, room).
 */
export function frankingFieldsIn(content: Uint8Array, place: FrankedPlace): FrankingFields {
  const fields = frankingFieldsOf(content);
  if (fields === undefined) throw refused('badFrank', 'content');
  if (fields.sender !== place.sender) throw refused('badFrank', 'sender');
  if (fields.room !== place.room) throw refused('badFrank', 'room');
  return fields;
}

/** What is sent with a message, so that the hub can frank it in form `exedra`. */
export function frankRequest(
  { agent: { signatureKey } }: Franking,
  { salt, sender }: FrankingFields,
  hubKnowsSender: boolean,
): FrankRequest {
  const blind = blindOf(salt);
  return {
    keyId: frankingKeyId(signatureKey),
    blind: hubKnowsSender ? blind : blindedSender(blind, sender),
  };
}

/**
 * Whether a room can be franked so: the draft's form shows followers who sends, so that it is for rooms of the draft; the
 * agent is the room's hub. Throws PrivacyError `badFrank` (rule: form, agent).
 */
export function checkRoomFranking(
  { framing }: Mode,
  room: RoomUri,
  { form, agent: { credential } }: Franking,
): void {
  if (form === 'draft06' && framing !== 'draft') throw refused('badFrank', 'form');
  const hub = new TextEncoder().encode(providerUri(domainOf(room)));
  if (credential.type !== BASIC_CREDENTIAL || !sameBytes(credential.bytes, hub)) {
    throw refused('badFrank', 'agent');
  }
}

/** A message as it was received and decrypted. */
export interface FrankedMessage {
  readonly content: Uint8Array;
  readonly authenticatedData: Uint8Array;
  readonly frank: Frank | undefined;
  /** In milliseconds since the epoch. */
  readonly acceptedAt: bigint;
}

/**
 * Checks the frank of a received message. Throws PrivacyError `badFrank` (rule: absent, content, sender, room, tag,
 * form, suite, key, signature).
 */
export function checkFrank(
  { form, agent }: Franking,
  suite: CipherSuite,
  place: FrankedPlace,
  { content, authenticatedData, frank, acceptedAt }: FrankedMessage,
): void {
  if (frank === undefined) throw refused('badFrank', 'absent');
  const { salt, sender, room } = frankingFieldsIn(content, place);
  const tag = tagIn(authenticatedData);
  if (tag === undefined || !sameBytes(tag, frankingTag(salt, content))) {
    throw refused('badFrank', 'tag');
  }
  const blinded = blindedSender(blindOf(salt), sender);
  const franked = { tag, sender, blindedSender: blinded, room, acceptedAt };
  verifyFrank(form, suite, agent.signatureKey, frank, franked);
}

function tagIn(authenticatedData: Uint8Array): Uint8Array | undefined {
  try {
    return frankingTagIn(authenticatedData);
  } catch (error) {
    if (error instanceof PrivacyError) return undefined;
    throw error;
  }
}

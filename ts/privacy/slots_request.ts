// A member reads all slots of a room: it shows that it is a member, and gets the answer under a key of its own, so that
// its provider on the way learns neither names nor values. docs/modes, "Slots at the hub".

import { type CipherSuite, generateHpkeKeyPair, type KeyPair, type Member } from '../mls/index.ts';
import {
  decodeHpkeCiphertext,
  decodeRoomSlots,
  encodeHpkeCiphertext,
  encodeRoomSlots,
  encodeRoomSlotsRequest,
  type RoomSlots,
  type RoomUri,
} from '../wire/index.ts';
import { decodeInner } from './clear_handshakes.ts';
import { HUB_SUITE } from './enveloped_handshakes.ts';
import { PrivacyError } from './errors.ts';
import { provenLeaf } from './leaf_proof.ts';
import type { Sender } from './member/compose.ts';
import { memberProof } from './member_proof.ts';
import { openWith, sealTo } from './parts/hpke.ts';
import { pad, unpad } from './parts/padding.ts';
import { labelled, STRUCT_LIMITS } from './parts/structs.ts';
import { verifyWriteMac } from './parts/write_key.ts';

const REQUEST = 'room slots request';
const ANSWER = 'room slots';
const ENDPOINT = 'roomSlots';
const PROOF = 'slots request proof';

const contentOf = (uri: RoomUri, responseKey: Uint8Array): Uint8Array =>
  labelled(REQUEST, (writer) => {
    writer.text(uri, 'uri');
    writer.opaque(responseKey, 'responseKey');
  });

const answerContext = (uri: RoomUri, responseKey: Uint8Array): Uint8Array =>
  labelled(ANSWER, (writer) => {
    writer.text(uri, 'uri');
    writer.opaque(responseKey, 'responseKey');
  });

/** A request under way, and what its answer is read with. */
export interface SlotsRequest {
  readonly request: Uint8Array;
  readonly keys: KeyPair;
}

/** Asks for all slots, as a member. */
export function askForSlots(sender: Sender, uri: RoomUri): SlotsRequest {
  const keys = generateHpkeKeyPair(HUB_SUITE);
  const content = contentOf(uri, keys.publicKey);
  const proof = memberProof(sender, { purpose: PROOF, endpoint: ENDPOINT }, content);
  const request = encodeRoomSlotsRequest({ all: true, responseKey: keys.publicKey, proof });
  return { request, keys };
}

/** What the hub knows of the members who may read. */
export type Readers =
  | { readonly members: readonly Member[]; readonly suite: CipherSuite }
  | { readonly groupId: Uint8Array; readonly epoch: bigint; readonly writeKey: Uint8Array };

/** Whether a member asks. */
export function mayReadSlots(
  readers: Readers,
  uri: RoomUri,
  responseKey: Uint8Array,
  proof: Uint8Array,
): boolean {
  const content = contentOf(uri, responseKey);
  if ('members' in readers) {
    return provenLeaf(PROOF, readers.members, readers.suite, content, proof) !== undefined;
  }
  const { groupId, epoch, writeKey } = readers;
  try {
    verifyWriteMac(writeKey, { endpoint: ENDPOINT, groupId, epoch, body: content }, proof);
    return true;
  } catch (error) {
    if (error instanceof PrivacyError) return false;
    throw error;
  }
}

/** The hub's answer, padded. Throws PrivacyError `badKey`, `tooLarge`. */
export function sealSlots(uri: RoomUri, responseKey: Uint8Array, slots: RoomSlots): Uint8Array {
  const context = answerContext(uri, responseKey);
  return encodeHpkeCiphertext(
    sealTo(HUB_SUITE, responseKey, ANSWER, context, pad(encodeRoomSlots(slots))),
  );
}

/** Throws PrivacyError `malformed`, `undecryptable`, `badPadding`. */
export function openSlots(uri: RoomUri, keys: KeyPair, answer: Uint8Array): RoomSlots {
  const sealed = decodeInner((input) => decodeHpkeCiphertext(input, STRUCT_LIMITS), answer);
  const context = answerContext(uri, keys.publicKey);
  const padded = openWith(HUB_SUITE, keys.privateKey, ANSWER, context, sealed);
  return decodeInner((input) => decodeRoomSlots(input, STRUCT_LIMITS), unpad(padded));
}

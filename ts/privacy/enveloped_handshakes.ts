// Handshakes in the envelope that members and the hub can open, and what the hub alone gets sealed to it.

import type { KeyPair } from '../mls/index.ts';
import {
  decodeHpkeCiphertext,
  decodeHubPart,
  decodeSlotWrites,
  encodeHpkeCiphertext,
  encodeHubPart,
  encodeSlotWrites,
  type HandshakePayload,
} from '../wire/index.ts';
import { decodeInner } from './clear_handshakes.ts';
import { refused } from './errors.ts';
import type { HandshakeAddress, Handshakes, HubKey, HubParts } from './mode.ts';
import { type OpenedEnvelope, openAsHub, openAsMember, sealEnvelope } from './parts/envelope.ts';
import { openWith, sealTo } from './parts/hpke.ts';
import { pad, unpad } from './parts/padding.ts';
import { labelled, STRUCT_LIMITS } from './parts/structs.ts';

/** Providers' sealing keys are of this suite, whatever that of a room. */
export const HUB_SUITE = 1;

const PART = 'hub part';

const NONE = new Uint8Array();

function requireHub(hub: HubKey | undefined): HubKey {
  if (hub === undefined) throw refused('invalidArgument', 'hub key');
  return hub;
}

function payloadOf({ message, attached }: OpenedEnvelope): HandshakePayload {
  return {
    handshake: message?.bytes ?? NONE,
    slots: attached.length === 0 ? [] : decodeInner(decodeSlotWrites, attached),
  };
}

export const envelopedHandshakes: Handshakes = {
  form: 'public',
  wrap: ({ handshake, slots }, { suite, groupId, epoch, kind }, { memberKeys, hub }) => {
    const { id, publicKey } = requireHub(hub);
    return sealEnvelope({
      suite,
      groupId,
      epoch,
      contentType: kind,
      hubSuite: HUB_SUITE,
      hubKeyId: id,
      hubKey: publicKey,
      memberKeys,
      message: handshake,
      attached: encodeSlotWrites(slots),
    });
  },
  openAsMember: (bytes, { suite, groupId, epoch }, keys) => {
    if (keys === undefined) throw refused('undecryptable', 'no epoch key');
    return payloadOf(openAsMember({ suite, groupId, epoch, privateKey: keys.privateKey }, bytes));
  },
  openAsHub: (bytes, { groupId, epoch }, { privateKey }) =>
    payloadOf(openAsHub({ suite: HUB_SUITE, groupId, epoch, privateKey }, bytes)),
};

const contextOf = ({ groupId, epoch, kind }: HandshakeAddress): Uint8Array =>
  labelled(PART, (writer) => {
    writer.opaque(groupId, 'groupId');
    writer.u64(epoch, 'epoch');
    writer.text(kind, 'kind');
  });

export const sealedHubParts: HubParts = {
  seal: (part, address, hub) => {
    const { publicKey } = requireHub(hub);
    const plaintext = pad(encodeHubPart(part));
    return encodeHpkeCiphertext(sealTo(HUB_SUITE, publicKey, PART, contextOf(address), plaintext));
  },
  open: (bytes, address, { privateKey }: KeyPair) => {
    const sealed = decodeInner((input) => decodeHpkeCiphertext(input, STRUCT_LIMITS), bytes);
    const padded = openWith(HUB_SUITE, privateKey, PART, contextOf(address), sealed);
    return decodeInner(decodeHubPart, unpad(padded));
  },
};

// Handshakes that only members can open: PrivateMessages, and external commits sealed to the epoch's key, since who
// joins has no PrivateMessage yet. Both are told apart by an octet that followers and hub may see.
//   struct { uint8 sealed; opaque handshake<V>; SlotWrite slots<V>; } PrivatePayload;

import {
  decodeMlsMessage,
  decoder,
  decodeSlotWrites,
  encoder,
  encodeSlotWrites,
  type HandshakePayload,
  type Reader,
  type SlotWrite,
  type Writer,
} from '../wire/index.ts';
import { decodeInner } from './clear_handshakes.ts';
import { refused } from './errors.ts';
import type { Handshakes } from './mode.ts';
import { openJoin, sealJoin } from './parts/sealed_join.ts';
import { STRUCT_LIMITS } from './parts/structs.ts';

interface PrivatePayload {
  readonly sealed: boolean;
  readonly handshake: Uint8Array;
  readonly slots: readonly SlotWrite[];
}

const encode = encoder((writer: Writer, value: PrivatePayload) => {
  writer.presence(value.sealed);
  writer.opaque(value.handshake, 'handshake');
  writer.opaque(encodeSlotWrites(value.slots), 'slots');
});

const decodePayload = decoder(
  (reader: Reader): PrivatePayload => ({
    sealed: reader.presence('sealed'),
    handshake: reader.opaque('handshake'),
    slots: decodeSlotWrites(reader.opaque('slots')),
  }),
);

const read = (bytes: Uint8Array): PrivatePayload =>
  decodeInner((input) => decodePayload(input, STRUCT_LIMITS), bytes);

/** What is not sealed is a PrivateMessage: an external commit in the clear would show servers who joins. */
function requirePrivate(handshake: Uint8Array): void {
  if (handshake.length === 0) return;
  const { wireFormat } = decodeInner(decodeMlsMessage, handshake);
  if (wireFormat !== 'privateMessage') throw refused('malformed', 'a handshake in the clear');
}

export const privateHandshakes: Handshakes = {
  form: 'private',
  wrap: ({ handshake, slots }, { suite, groupId, epoch }, { memberKeys, joins }) => {
    if (!joins) return encode({ sealed: false, handshake, slots });
    const [epochKey] = memberKeys;
    if (epochKey === undefined) throw refused('invalidArgument', 'epoch key');
    const sealed = sealJoin({ suite, groupId, epoch, epochKey, commit: handshake });
    return encode({ sealed: true, handshake: sealed, slots });
  },
  openAsMember: (bytes, { suite, groupId, epoch }, keys): HandshakePayload => {
    const { sealed, handshake, slots } = read(bytes);
    if (!sealed) {
      requirePrivate(handshake);
      return { handshake, slots };
    }
    if (keys === undefined) throw refused('undecryptable', 'no epoch key');
    const { message } = openJoin({ suite, groupId, epoch, privateKey: keys.privateKey }, handshake);
    return { handshake: message.bytes, slots };
  },
  openAsHub: (bytes) => {
    const { handshake, slots } = read(bytes);
    return { handshake, slots };
  },
};

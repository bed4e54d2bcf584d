// Mandates: changes of room components that the hub decides and a member commits. docs/modes, "Mandates".
// The signature names the content that the change applies to, so that it cannot be used later on another.
//   struct { opaque group_id<V>; uint64 sequence; uint16 component; opaque current_hash[32];
//     optional<opaque<V>> update; } MandateTBS;
//   struct { MandateTBS tbs; opaque signature<V>; } Mandate;

import type { CipherSuite } from '../../mls/index.ts';
import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import { refused } from '../errors.ts';
import { checkSignature, fullLabel, type Signer } from './hpke.ts';
import { decoding, KEY_BYTES, labelled, labelledHash, sameBytes } from './structs.ts';

const LABEL = 'mandate';

export interface MandateContent {
  readonly groupId: Uint8Array;
  /** Rises from mandate to mandate of a room. */
  readonly sequence: bigint;
  /** The component's id. */
  readonly component: number;
  /** The component's content before the change; undefined when it is absent. */
  readonly current: Uint8Array | undefined;
  /** The AppDataUpdate's update; undefined removes the component. */
  readonly update: Uint8Array | undefined;
}

export interface Mandate extends Omit<MandateContent, 'current'> {
  readonly currentHash: Uint8Array;
  readonly signature: Uint8Array;
}

type Unsigned = Omit<Mandate, 'signature'>;

function componentHash(current: Uint8Array | undefined): Uint8Array {
  return labelledHash('mandate component', (writer) =>
    writer.optional(current, (to, bytes) => to.opaque(bytes, 'current')),
  );
}

function writeContent(writer: Writer, value: Unsigned): void {
  writer.opaque(value.groupId, 'groupId');
  writer.u64(value.sequence, 'sequence');
  writer.u16(value.component, 'component');
  writer.fixed(value.currentHash, KEY_BYTES, 'currentHash');
  writer.optional(value.update, (to, update) => to.opaque(update, 'update'));
}

const contentOf = (mandate: Unsigned): Uint8Array =>
  labelled(LABEL, (writer) => writeContent(writer, mandate));

/** Signs with the hub's key in the room's external senders. */
export function makeMandate(content: MandateContent, sign: Signer): Uint8Array {
  const { current, ...rest } = content;
  const mandate = { ...rest, currentHash: componentHash(current) };
  return encode({ ...mandate, signature: sign(fullLabel(LABEL), contentOf(mandate)) });
}

const encode = encoder((writer: Writer, value: Mandate) => {
  writeContent(writer, value);
  writer.opaque(value.signature, 'signature');
});

const decode = decoder(
  (reader: Reader): Mandate => ({
    groupId: reader.opaque('groupId'),
    sequence: reader.u64('sequence'),
    component: reader.u16('component'),
    currentHash: reader.fixed(KEY_BYTES, 'currentHash'),
    update: reader.optional('update', (item) => item.opaque('update')),
    signature: reader.opaque('signature'),
  }),
);

/** Nothing is verified. Throws PrivacyError `malformed`. */
export function decodeMandate(bytes: Uint8Array): Mandate {
  return decoding('Mandate', () => decode(bytes));
}

/** The room in which a mandate would be carried out. */
export interface MandateRoom {
  readonly suite: CipherSuite;
  readonly groupId: Uint8Array;
  readonly hubSignatureKey: Uint8Array;
  /** The component's content now; undefined when it is absent. */
  readonly current: (component: number) => Uint8Array | undefined;
  /** The number of the last mandate carried out in this room. */
  readonly lastSequence: bigint;
}

/**
 * The mandate, when the hub made it for this room and this content and it was not carried out before.
 * Throws PrivacyError `malformed`, `wrongContext` (rule: groupId, current), `badSignature`, `replayed`.
 */
export function verifyMandate(bytes: Uint8Array, room: MandateRoom): Mandate {
  const mandate = decodeMandate(bytes);
  if (!sameBytes(mandate.groupId, room.groupId)) throw refused('wrongContext', 'groupId');
  const content = contentOf(mandate);
  checkSignature(room.suite, room.hubSignatureKey, LABEL, content, mandate.signature);
  checkSequence(room.lastSequence, mandate);
  const current = componentHash(room.current(mandate.component));
  if (!sameBytes(current, mandate.currentHash)) throw refused('wrongContext', 'current');
  return mandate;
}

/** The number to keep after a mandate. Throws PrivacyError `replayed` unless it is above the last one. */
export function checkSequence(last: bigint, { sequence }: Pick<Mandate, 'sequence'>): bigint {
  if (sequence <= last) throw refused('replayed', 'sequence');
  return sequence;
}

/** Whether an update that a commit proposes is the one that the mandate orders. */
export function carriesOut(
  mandate: Mandate,
  proposed: { readonly id: number; readonly update: Uint8Array | undefined },
): boolean {
  if (proposed.id !== mandate.component) return false;
  if (proposed.update === undefined || mandate.update === undefined) {
    return proposed.update === mandate.update;
  }
  return sameBytes(proposed.update, mandate.update);
}

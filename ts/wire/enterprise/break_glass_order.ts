// struct BreakGlassOrder: ours, what officers of a provider sign to be told who is behind one pseudonym.
// spec/privacy-modes.md, "Deployments"; docs/modes/deployments.md, "Break glass".
//   struct {
//     opaque provider<V>; opaque room<V>; opaque pseudonym<V>; opaque reason<V>; uint64 not_after; opaque nonce[16];
//   } BreakGlassOrder;
//   struct { opaque officer<V>; opaque signature<V>; } OfficerSignature;
//   struct { BreakGlassOrder order; OfficerSignature signatures<V>; } SignedOrder;

import { readUri } from '../codec/read_uri.ts';
import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { asRoomUri, asUserUri, type RoomUri, type UserUri } from '../uri.ts';

export const ORDER_NONCE_BYTES = 16;

/** An order for one pseudonym. */
export interface BreakGlassOrder {
  /** The domain of the provider that is asked: the pseudonym's. */
  readonly provider: string;
  readonly room: RoomUri;
  /** A user pseudonym. */
  readonly pseudonym: UserUri;
  /** For the record, in the words of the officers. */
  readonly reason: string;
  /** Milliseconds since the epoch after which the order is void. */
  readonly notAfter: bigint;
  /** Random, so that no order is another one's copy. */
  readonly nonce: Uint8Array;
}

export interface OfficerSignature {
  /** The name under which the provider's configuration has the officer's key. */
  readonly officer: string;
  readonly signature: Uint8Array;
}

export interface SignedOrder {
  readonly order: BreakGlassOrder;
  readonly signatures: readonly OfficerSignature[];
}

function writeOrder(writer: Writer, value: BreakGlassOrder): void {
  writer.text(value.provider, 'provider');
  writer.text(value.room, 'room');
  writer.text(value.pseudonym, 'pseudonym');
  writer.text(value.reason, 'reason');
  writer.u64(value.notAfter, 'not_after');
  writer.fixed(value.nonce, ORDER_NONCE_BYTES, 'nonce');
}

function readOrder(reader: Reader): BreakGlassOrder {
  return {
    provider: reader.text('provider'),
    room: readUri(reader, 'room', asRoomUri),
    pseudonym: readUri(reader, 'pseudonym', asUserUri),
    reason: reader.text('reason'),
    notAfter: reader.u64('not_after'),
    nonce: reader.fixed(ORDER_NONCE_BYTES, 'nonce').slice(),
  };
}

export const encodeBreakGlassOrder = encoder(writeOrder);

export const encodeSignedOrder = encoder((writer: Writer, value: SignedOrder) => {
  writeOrder(writer, value.order);
  writer.list(value.signatures, 'signatures', (to, { officer, signature }) => {
    to.text(officer, 'officer');
    to.opaque(signature, 'signature');
  });
});

export const decodeSignedOrder = decoder(
  (reader: Reader): SignedOrder => ({
    order: reader.struct('order', readOrder),
    signatures: reader.list('signatures', (item) => ({
      officer: item.text('officer'),
      signature: item.opaque('signature').slice(),
    })),
  }),
);

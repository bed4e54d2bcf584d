// The write key of members-only rooms: docs/modes, "Write key". The hub sees no senders there; a MAC under a
// key that only members of the epoch and the hub have keeps strangers from wedging a room by its group id and epoch.
//   struct { opaque label<V>; opaque endpoint<V>; opaque group_id<V>; uint64 epoch; opaque body_hash[32]; } WriteMacInput;

import { hash } from '../../mls/index.ts';
import { encoder, type Writer } from '../../wire/index.ts';
import { refused } from '../errors.ts';
import {
  checkSecret,
  child,
  equalInConstantTime,
  labelledMac,
  openSecret,
  sealUnder,
} from './seal.ts';
import { HASH_SUITE, KEY_BYTES } from './structs.ts';

export const WRITE_KEY_BYTES = KEY_BYTES;

const MAC = 'write mac';
const NEXT = 'next write key';

export interface WriteRequest {
  /** The name of the endpoint, such as `update`. */
  readonly endpoint: string;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** The request's body without the MAC. */
  readonly body: Uint8Array;
}

/** The MAC of a request under the epoch's write key (32 bytes). Throws PrivacyError `invalidArgument`. */
export function writeMac(writeKey: Uint8Array, request: WriteRequest): Uint8Array {
  return labelledMac(child(writeKey, MAC), MAC, (writer) => {
    writer.text(request.endpoint, 'endpoint');
    writer.opaque(request.groupId, 'groupId');
    writer.u64(request.epoch, 'epoch');
    writer.fixed(hash(HASH_SUITE, request.body), KEY_BYTES, 'bodyHash');
  });
}

/** Throws PrivacyError `badMac`, `invalidArgument`. */
export function verifyWriteMac(writeKey: Uint8Array, request: WriteRequest, mac: Uint8Array): void {
  if (!equalInConstantTime(writeMac(writeKey, request), mac)) throw refused('badMac', MAC);
}

/** Where the next epoch's write key belongs. */
export interface NextWriteKey {
  readonly groupId: Uint8Array;
  /** The epoch that the key is for. */
  readonly epoch: bigint;
}

const encodeContext = encoder((writer: Writer, { groupId, epoch }: NextWriteKey) => {
  writer.opaque(groupId, 'groupId');
  writer.u64(epoch, 'epoch');
});

/** Seals the next epoch's write key for the hub, under the current one. Throws PrivacyError `invalidArgument`. */
export function sealNextWriteKey(
  current: Uint8Array,
  where: NextWriteKey,
  next: Uint8Array,
): Uint8Array {
  checkSecret(next, 'writeKey');
  return sealUnder(child(current, NEXT), NEXT, encodeContext(where), next);
}

/** Throws PrivacyError `malformed`, `undecryptable`. */
export function openNextWriteKey(
  current: Uint8Array,
  where: NextWriteKey,
  sealed: Uint8Array,
): Uint8Array {
  return openSecret(child(current, NEXT), NEXT, encodeContext(where), sealed);
}

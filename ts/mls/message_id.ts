// MIMI message ids, computed over the bytes as received:
// draft-ietf-mimi-content-04, section 3.3 and draft-ietf-mimi-content-08, "Message ID".

import { hostSha256 } from './host_hash.ts';
import { core } from './instance.ts';
import type { CipherSuite } from './types.ts';

/** Bytes of an id: all of SHA-256, which every suite of the core hashes with. */
const ID_LENGTH = 32;
const SUITES: readonly number[] = [1, 2, 3];

/**
 * From this length on a host with SHA instructions is quicker than four lanes in WASM, in bytes. Measured for 16
 * messages, host against lanes: 256 bytes 1.7, 512 bytes 1.3, 768 bytes 1.1, 1,024 bytes 1.0, 4,096 bytes 0.6 times.
 */
const HOST_FROM = 768;
/** Fewer short messages than this do not pay for the crossing into WASM: two took 1.07 times as long as on the host. */
const BATCH_FROM = 3;

/** The first 32 bytes of the suite's hash over the MLSMessage. Throws MlsError `wrongSuite`. */
export function messageIdDraft04(suite: CipherSuite, mlsMessage: Uint8Array): Uint8Array {
  // What the host cannot do goes into the core, and what is wrong as well: it says what it is.
  if (hostSha256 === undefined || !SUITES.includes(suite) || !(mlsMessage instanceof Uint8Array)) {
    return core((glue) => glue.messageIdDraft04(suite, mlsMessage));
  }
  return new Uint8Array(hostSha256(mlsMessage));
}

/**
 * The ids of n messages that lie in one buffer: message i is `buffer[offsets[i] .. offsets[i + 1]]`.
 * `offsets` has n + 1 rising entries; the answer is n times 32 bytes. Throws MlsError `wrongSuite`, `invalidArgument`.
 * Short messages are hashed four at a time in WASM, long ones and single ones by the host where that is quicker.
 */
export function messageIdsDraft04(
  suite: CipherSuite,
  buffer: Uint8Array,
  offsets: Uint32Array,
): Uint8Array {
  const inCore = (from: Uint8Array, at: Uint32Array): Uint8Array =>
    core((glue) => glue.messageIdsDraft04(suite, from, at));
  if (hostSha256 === undefined || !SUITES.includes(suite) || !fits(buffer, offsets)) {
    return inCore(buffer, offsets);
  }
  const count = Math.max(0, offsets.length - 1);
  const short = shortMessages(offsets);
  if (short.length === count && count >= BATCH_FROM) return inCore(buffer, offsets);

  const ids = new Uint8Array(count * ID_LENGTH);
  const batched = short.length >= BATCH_FROM;
  if (batched) {
    const packed = pack(buffer, offsets, short);
    const hashes = inCore(packed.buffer, packed.offsets);
    for (const [place, index] of short.entries()) {
      const id = hashes.subarray(place * ID_LENGTH, (place + 1) * ID_LENGTH);
      ids.set(id, index * ID_LENGTH);
    }
  }
  for (let index = 0; index < count; index += 1) {
    const message = messageAt(buffer, offsets, index);
    if (batched && message.length < HOST_FROM) continue;
    ids.set(hostSha256(message), index * ID_LENGTH);
  }
  return ids;
}

/** Whether the offsets rise and stay within the buffer, and both are what they are declared to be. */
function fits(buffer: Uint8Array, offsets: Uint32Array): boolean {
  if (!(buffer instanceof Uint8Array && offsets instanceof Uint32Array)) return false;
  let last = 0;
  for (const offset of offsets) {
    if (offset < last) return false;
    last = offset;
  }
  return last <= buffer.length;
}

const messageAt = (buffer: Uint8Array, offsets: Uint32Array, index: number): Uint8Array =>
  buffer.subarray(offsets[index], offsets[index + 1]);

/** The indices of the messages that lanes hash quicker than the host. */
function shortMessages(offsets: Uint32Array): number[] {
  const short: number[] = [];
  for (let index = 0; index + 1 < offsets.length; index += 1) {
    if ((offsets[index + 1] ?? 0) - (offsets[index] ?? 0) < HOST_FROM) short.push(index);
  }
  return short;
}

/** The chosen messages, one after the other. */
function pack(
  buffer: Uint8Array,
  offsets: Uint32Array,
  indices: readonly number[],
): { buffer: Uint8Array; offsets: Uint32Array } {
  const packed = new Uint8Array(indices.length * HOST_FROM);
  const ends = new Uint32Array(indices.length + 1);
  let length = 0;
  for (const [place, index] of indices.entries()) {
    const message = messageAt(buffer, offsets, index);
    packed.set(message, length);
    length += message.length;
    ends[place + 1] = length;
  }
  return { buffer: packed.subarray(0, length), offsets: ends };
}

export interface MessageIdInput {
  /** From the authenticated context, not from the container. At most 65,535 UTF-8 octets each. */
  readonly senderUri: string;
  readonly roomUri: string;
  /** The content container, as received. */
  readonly container: Uint8Array;
  /** 16 bytes, the container's first item. */
  readonly salt: Uint8Array;
}

/** 0x01 and the first 31 bytes of SHA-256 over URIs, container and salt. Throws MlsError `invalidArgument`. */
export function messageIdDraft08(input: MessageIdInput): Uint8Array {
  return core((glue) =>
    glue.messageIdDraft08(input.senderUri, input.roomUri, input.container, input.salt),
  );
}

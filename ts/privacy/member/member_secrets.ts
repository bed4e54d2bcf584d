// What those who are welcomed, and nobody else, get in the GroupInfo extension of their Welcome.
//   struct { optional<opaque<V>> wrapper; LinkKey link_keys<V>; } MemberSecrets;

import { decoder, encoder, type Reader, type Writer } from '../../wire/index.ts';
import { decoding } from '../parts/structs.ts';
import { EMPTY_EPOCH, type EpochState, readEpochState, writeEpochState } from './epoch_state.ts';

const encode = encoder((writer: Writer, state: EpochState) => writeEpochState(writer, state));

/** The secrets of an epoch that do not follow from its root. */
export function encodeMemberSecrets(state: EpochState): Uint8Array {
  return encode({ ...state, keys: undefined, mustRotate: false });
}

const decode = decoder((reader: Reader) => readEpochState(reader));

/** Throws PrivacyError `malformed`. Keys in it are passed over: they follow from the root alone. */
export function decodeMemberSecrets(bytes: Uint8Array | undefined): EpochState {
  if (bytes === undefined) return EMPTY_EPOCH;
  return { ...decoding('MemberSecrets', () => decode(bytes)), keys: undefined, mustRotate: false };
}

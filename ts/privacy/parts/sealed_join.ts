// External commits of members-only rooms, sealed to the epoch's key: docs/modes, "members-only", "External
// joins". The joiner is no member yet and cannot send a PrivateMessage; sealed, its commit shows what any other does.
//   struct { opaque group_id<V>; uint64 epoch; opaque commitment[32]; HPKECiphertext wrap; opaque ciphertext<V>; }
//     SealedJoin;

import type { CipherSuite, HpkeCiphertext } from '../../mls/index.ts';
import {
  decoder,
  encoder,
  type PublicMessageView,
  type Reader,
  type Writer,
} from '../../wire/index.ts';
import { refused } from '../errors.ts';
import {
  type CommittedSeal,
  headerOf,
  openCommitted,
  type SealedHandshake,
  sealCommitted,
} from './committed_seal.ts';
import type { OpenInput } from './envelope.ts';
import { openWith, sealTo } from './hpke.ts';
import { decoding, KEY_BYTES, readHpke, STRUCT_LIMITS, sameBytes, writeHpke } from './structs.ts';

const LABEL = 'sealed join';

/** What the hub sees of a join. */
export interface SealedJoin extends CommittedSeal {
  readonly groupId: Uint8Array;
  /** The epoch in which the commit is sent. */
  readonly epoch: bigint;
  readonly wrap: HpkeCiphertext;
}

export interface SealJoinInput {
  readonly suite: CipherSuite;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** The epoch's public key, from the join record. */
  readonly epochKey: Uint8Array;
  /** An MLSMessage that carries the external commit. */
  readonly commit: Uint8Array;
  /** What goes with it and is no part of MLS, in the form of the mode. */
  readonly attached?: Uint8Array | undefined;
}

export interface OpenedJoin {
  /** The external commit. */
  readonly message: PublicMessageView;
  readonly attached: Uint8Array;
}

const clearOf = ({ groupId, epoch }: Pick<SealedJoin, 'groupId' | 'epoch'>): SealedHandshake => ({
  groupId,
  epoch,
  contentType: 'commit',
  keyId: new Uint8Array(),
});

/** Throws PrivacyError `malformed`, `wrongContent`, `badKey`, `tooLarge`. */
export function sealJoin(input: SealJoinInput): Uint8Array {
  const { suite, groupId, epoch, epochKey, commit: message, attached = new Uint8Array() } = input;
  const content = { message, attached };
  const { key, header, ...seal } = sealCommitted(LABEL, clearOf(input), content);
  const wrap = sealTo(suite, epochKey, LABEL, header, key);
  key.fill(0);
  return encode({ groupId, epoch, ...seal, wrap });
}

const encode = encoder((writer: Writer, value: SealedJoin) => {
  writer.opaque(value.groupId, 'groupId');
  writer.u64(value.epoch, 'epoch');
  writer.fixed(value.commitment, KEY_BYTES, 'commitment');
  writeHpke(writer, value.wrap);
  writer.opaque(value.ciphertext, 'ciphertext');
});

const decode = decoder(
  (reader: Reader): SealedJoin => ({
    groupId: reader.opaque('groupId'),
    epoch: reader.u64('epoch'),
    commitment: reader.fixed(KEY_BYTES, 'commitment'),
    wrap: reader.struct('wrap', readHpke),
    ciphertext: reader.opaque('ciphertext'),
  }),
);

/** Throws PrivacyError `malformed`. */
export function decodeSealedJoin(bytes: Uint8Array): SealedJoin {
  return decoding('SealedJoin', () => decode(bytes, STRUCT_LIMITS));
}

/**
 * The external commit; `input.privateKey` is the epoch's. Throws PrivacyError `malformed`, `wrongContext` (rule:
 * groupId, epoch), `undecryptable`, `badCommitment`, `badPadding`, `wrongContent` (rule `sender`: by a member).
 */
export function openJoin(input: OpenInput, bytes: Uint8Array): OpenedJoin {
  const join = decodeSealedJoin(bytes);
  if (!sameBytes(join.groupId, input.groupId)) throw refused('wrongContext', 'groupId');
  if (join.epoch !== input.epoch) throw refused('wrongContext', 'epoch');
  const sealed = { ...join, ...clearOf(join) };
  const key = openWith(input.suite, input.privateKey, LABEL, headerOf(LABEL, sealed), join.wrap);
  const { message, attached } = openCommitted(LABEL, sealed, key);
  if (message?.sender.type !== 'newMemberCommit') throw refused('wrongContent', 'sender');
  return { message, attached };
}

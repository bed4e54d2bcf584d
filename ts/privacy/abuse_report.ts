// A report of abuse that only the hub reads, from somebody who shows to be a member: neither the reporter's provider nor
// who is on the way learns what is reported, or of whom. docs/franking.md, "Reports".

import type { KeyPair } from '../mls/index.ts';
import {
  type AbuseReport,
  decodeAbuseReport,
  decodeHpkeCiphertext,
  decodeProvenReport,
  encodeAbuseReport,
  encodeHpkeCiphertext,
  encodeModeReport,
  encodeProvenReport,
  type RoomUri,
} from '../wire/index.ts';
import { decodeInner } from './clear_handshakes.ts';
import { HUB_SUITE } from './enveloped_handshakes.ts';
import { refused } from './errors.ts';
import { provenLeaf } from './leaf_proof.ts';
import type { Sender } from './member/compose.ts';
import { memberProof } from './member_proof.ts';
import { openWith, sealTo } from './parts/hpke.ts';
import { pad, unpad } from './parts/padding.ts';
import { labelled, STRUCT_LIMITS } from './parts/structs.ts';
import { verifyWriteMac } from './parts/write_key.ts';
import type { Readers } from './slots_request.ts';

const REPORT = 'abuse report';
const PROOF = 'report proof';
const ENDPOINT = 'reportAbuse';

const contextOf = (uri: RoomUri): Uint8Array =>
  labelled(REPORT, (writer) => writer.text(uri, 'uri'));

const provenContentOf = (uri: RoomUri, epoch: bigint, report: Uint8Array): Uint8Array =>
  labelled(PROOF, (writer) => {
    writer.text(uri, 'uri');
    writer.u64(epoch, 'epoch');
    writer.opaque(report, 'report');
  });

/** The body of `reportAbuse`, padded and sealed to the hub. Throws PrivacyError `badKey`, `tooLarge`. */
export function sealReport(
  sender: Sender,
  uri: RoomUri,
  hubKey: Uint8Array,
  report: AbuseReport,
): Uint8Array {
  const { epoch } = sender.group;
  const bytes = encodeAbuseReport(report);
  const content = provenContentOf(uri, epoch, bytes);
  const proof = memberProof(sender, { purpose: PROOF, endpoint: ENDPOINT }, content);
  const plaintext = pad(encodeProvenReport({ epoch, report: bytes, proof }));
  const sealed = sealTo(HUB_SUITE, hubKey, REPORT, contextOf(uri), plaintext);
  return encodeModeReport(encodeHpkeCiphertext(sealed));
}

/** A report that a member has made. */
export interface OpenedReport {
  readonly report: AbuseReport;
  /** Whose leaf made it; `undefined` where the hub sees no leaves. */
  readonly leafIndex: number | undefined;
}

/**
 * Opens a report as the hub. Throws PrivacyError `malformed`, `undecryptable`, `badPadding`; `badSignature`, `badMac` when
 * no member of the present epoch made it.
 */
export function openReport(
  readers: Readers,
  uri: RoomUri,
  keys: KeyPair,
  sealed: Uint8Array,
): OpenedReport {
  const ciphertext = decodeInner((input) => decodeHpkeCiphertext(input, STRUCT_LIMITS), sealed);
  const padded = openWith(HUB_SUITE, keys.privateKey, REPORT, contextOf(uri), ciphertext);
  const { epoch, report, proof } = decodeInner(
    (input) => decodeProvenReport(input, STRUCT_LIMITS),
    unpad(padded),
  );
  const content = provenContentOf(uri, epoch, report);
  const opened = decodeInner((input) => decodeAbuseReport(input, STRUCT_LIMITS), report);
  if ('members' in readers) {
    const leaf = provenLeaf(PROOF, readers.members, readers.suite, content, proof);
    if (leaf === undefined) throw refused('badSignature', PROOF);
    return { report: opened, leafIndex: leaf.leafIndex };
  }
  const { groupId, writeKey } = readers;
  if (epoch !== readers.epoch) throw refused('wrongContext', 'epoch');
  verifyWriteMac(writeKey, { endpoint: ENDPOINT, groupId, epoch, body: content }, proof);
  return { report: opened, leafIndex: undefined };
}

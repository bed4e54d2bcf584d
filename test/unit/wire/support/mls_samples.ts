// One small instance of each MLS struct that has no length of its own, written by hand (RFC 9420).

import {
  decodeMlsMessage,
  type HandshakeView,
  type PrivateMessageView,
} from '../../../../ts/wire/index.ts';
import { hex } from './bytes.ts';

/** versions [1], suites [1], no extensions, no proposals, credentials [1]. */
export const capabilities = '020001 020001 00 00 020001';

/** encryption key c1, signature key d1, Basic "id", capabilities, lifetime 1..2, no extensions. */
export const leafNode = `01c1 01d1 0001 026964 ${capabilities}
  01 0000000000000001 0000000000000002 00 025151`;

/** MLS 1.0, suite 1, init key aabb, leaf, no extensions, signature. */
export const keyPackage = `0001 0001 02aabb ${leafNode} 00 025252`;

/** Group "g" at epoch 5, suite 1; extension external_pub (4) with one byte. */
export const groupInfo = `0001 0001 0167 0000000000000005 0171 0172 00
  04 0004 01ee 0173 00000002 0174`;

/** Suite 1, one new member whose KeyPackageRef is 99. */
export const welcome = '0001 06 0199 0198 0197 0196';

/** An MLSMessage: application PrivateMessage of group "g" at epoch 5, authenticated data a1. */
export const application = '0001 0002 0167 0000000000000005 01 01a1 01b1 01b2';

/** An MLSMessage: PublicMessage of member 3 with a commit of one reference and no path. */
export const commit = `0001 0001 0167 0000000000000005 01 00000003 00
  03 03 02 01f1 00 01e1 01e2 01e3`;

/** An MLSMessage: PublicMessage of member 3 with a SelfRemove. */
export const selfRemove = '0001 0001 0167 0000000000000005 01 00000003 00 02 000a 01e1 01e3';

/** An MLSMessage: PublicMessage of external sender 0 with Remove of leaf 7. */
export const externalRemove =
  '0001 0001 0167 0000000000000005 02 00000000 00 02 0003 00000007 01e1';

export const welcomeMessage = `0001 0003 ${welcome}`;
export const groupInfoMessage = `0001 0004 ${groupInfo}`;
export const keyPackageMessage = `0001 0005 ${keyPackage}`;

export function applicationView(text = application): PrivateMessageView {
  return decodeMlsMessage(hex(text)) as PrivateMessageView;
}

export function handshakeView(text: string): HandshakeView {
  return decodeMlsMessage(hex(text)) as HandshakeView;
}

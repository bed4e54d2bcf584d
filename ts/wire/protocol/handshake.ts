// Which MLSMessages may stand as proposal or commit: draft-ietf-mimi-protocol-06, "Update Room State"
// and "Fanout Messages and Room Events". The draft names PublicMessage and SemiPrivateMessage. The
// codec also delimits PrivateMessage, whose content type is in the clear: rooms whose handshakes only
// members may read need it, and what a room accepts is its mode's to decide, not the codec's.

import type { Reader } from '../codec/reader.ts';
import { treeDecoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';
import { WireError } from '../errors.ts';
import {
  type HandshakeView,
  type MlsMessageView,
  readMlsMessage,
  writeMlsMessage,
} from '../mls/mls_message.ts';

/** `proposal`, `commit`, or `undefined` for a message that is neither. */
export function handshakeKind(message: MlsMessageView): 'proposal' | 'commit' | undefined {
  if (message.wireFormat !== 'publicMessage' && message.wireFormat !== 'privateMessage') {
    return undefined;
  }
  return message.contentType === 'application' ? undefined : message.contentType;
}

function readHandshake(reader: Reader): HandshakeView {
  const at = reader.offset;
  const message = readMlsMessage(reader);
  if (handshakeKind(message) === undefined) {
    const rule = 'A proposal or a commit is expected.';
    throw reader.error('wrongContent', rule, undefined, at);
  }
  return message as HandshakeView;
}

/**
 * Reads one MLSMessage that must be a proposal or a commit; another throws `wrongContent`. In a large
 * group with many blank nodes a commit outgrows 1 MiB, so the larger limit holds.
 */
export const decodeHandshake = treeDecoder(readHandshake);

function readProposal(reader: Reader): HandshakeView {
  const at = reader.offset;
  const message = readMlsMessage(reader);
  if (handshakeKind(message) !== 'proposal') {
    throw reader.error('wrongContent', 'Only proposals may be listed here.', undefined, at);
  }
  return message as HandshakeView;
}

/** `MLSMessage name<V>`, all of them proposals; another throws `wrongContent`. */
export function readProposals(reader: Reader, name: string): HandshakeView[] {
  return reader.list(name, readProposal);
}

export function writeProposals(writer: Writer, value: readonly HandshakeView[], name: string) {
  for (const message of value) {
    if (handshakeKind(message) !== 'proposal') {
      throw new WireError('unencodable', `${name} may hold proposals only.`);
    }
  }
  writer.list(value, name, writeMlsMessage);
}

// What the codes of the content layer mean, for docs/errors.md. Each belongs to one of the rules C1 to C10 of
// docs/content.md (rules.ts); of several faults the first in reading order is reported.

import type { ErrorCode } from '../errors.ts';
import type { ContentErrorCode } from './rules.ts';

/** The faults of received bytes carry `details.rule`, `offset`, `path`, `expected` and `found`. */
export const contentErrors = {
  wrongType: {
    kind: 'payload',
    means: 'An item is of another CBOR type than its place in the format demands.',
    remedy: 'Compare the item at `path` with the schema of the room’s profile.',
  },
  wrongSize: {
    kind: 'payload',
    means: 'A number or a string is outside the size that the schema gives it.',
    remedy: 'Keep to the size in the message; salts have 16 bytes, message ids 32.',
  },
  wrongLength: {
    kind: 'payload',
    means: 'An array has another number of items than the format demands.',
    remedy: 'Check the profile: draft04 and draft08 order and count their items differently.',
  },
  trailingBytes: {
    kind: 'payload',
    means: 'Bytes follow the end of the message.',
    remedy: 'Send exactly one container, and nothing after it.',
  },
  notShortest: {
    kind: 'payload',
    means: 'A number, length, tag or float is written in more bytes than it needs.',
    remedy: 'Write deterministic CBOR (RFC 8949, section 4.2.1).',
  },
  indefiniteLength: {
    kind: 'payload',
    means: 'A string, array or map is of indefinite length.',
    remedy: 'Write definite lengths (RFC 8949, section 4.2.1).',
  },
  unsortedKeys: {
    kind: 'payload',
    means: 'The keys of a map are not in the bytewise order of their encodings.',
    remedy: 'Sort the keys by their encoded bytes (RFC 8949, section 4.2.1).',
  },
  duplicateKey: {
    kind: 'payload',
    means: 'A map has the same key twice.',
    remedy: 'Keep one of the two.',
  },
  bigIntFits: {
    kind: 'payload',
    means: 'A big integer would fit an integer, or begins with zeros.',
    remedy: 'Write it as an integer, or without leading zeros (RFC 8949, section 3.4.3).',
  },
  invalidUtf8: {
    kind: 'payload',
    means: 'A text string is not valid UTF-8.',
    remedy: 'Encode texts as UTF-8; half of a surrogate pair has no encoding.',
  },
  nanPayload: {
    kind: 'payload',
    means: 'A NaN carries a payload or a sign.',
    remedy: 'Write NaN as f97e00, its only form here.',
  },
  keyNotAllowed: {
    kind: 'payload',
    means: 'A map key is of a type or size that keys may not have.',
    remedy:
      'Use integers within ±(2^53 − 1) or texts of 1 to 255 octets, and inside extension values also bytes.',
  },
  tagContent: {
    kind: 'payload',
    means: 'A big integer or a typed array does not hold a byte string.',
    remedy: 'Put a byte string behind the tags 2, 3 and 80 to 87.',
  },
  simpleNotAllowed: {
    kind: 'payload',
    means: 'A simple value other than false, true and null is used.',
    remedy: 'Leave out `undefined` and unassigned simple values.',
  },
  tooDeep: {
    kind: 'payload',
    means: 'Parts, or the values inside the extensions, are nested more than four levels deep.',
    remedy: 'Nest less; the root part, and the extensions map itself, are level 1.',
  },
  tooMany: {
    kind: 'payload',
    means: 'There are more parts than 1,024, or more ids in `lastSeen` than 65,535.',
    remedy: 'Split the message.',
  },
  tooLarge: {
    kind: 'payload',
    means: 'The message, its topic id or an extension value is larger than allowed.',
    remedy: 'Send bulky content as an external part; receivers may raise `maxBytes`.',
  },
  suspiciousExpiry: {
    kind: 'payload',
    means: 'The message expires, or has expired, more than 366 days from now.',
    remedy: 'Discard it, or accept it with `expiry: "warn"`.',
  },
  unknownSemantics: {
    kind: 'payload',
    means: 'The part semantics is none of chooseOne, singleUnit and processAll.',
    remedy: 'Discard the message.',
  },
  unknownCardinality: {
    kind: 'payload',
    means: 'The cardinality is none of null, single, external and multi.',
    remedy: 'Discard the message.',
  },
  unknownHash: {
    kind: 'payload',
    means:
      'A message id or reply names no hash algorithm, one that is not known, or another one than SHA-256.',
    remedy: 'Discard the message; new message ids begin with 01.',
  },
  hashLength: {
    kind: 'payload',
    means: 'The hash of a reply is not as long as its algorithm makes it.',
    remedy: 'Discard the message.',
  },
  truncated: {
    kind: 'payload',
    means: 'The input ends before the item does.',
    remedy: 'Send the whole message; compare the length at `offset` with the bytes that follow.',
  },
  malformed: {
    kind: 'payload',
    means: 'The bytes are not well-formed CBOR.',
    remedy: 'Check the encoder (RFC 8949, appendix C).',
  },
  wrongPartIndex: {
    kind: 'payload',
    means: 'The part indices do not run 0, 1, 2 … depth first.',
    remedy: 'Number the parts in the order in which they stand.',
  },
  wrongSender: {
    kind: 'payload',
    means: 'The message names another sender than the one who is authenticated.',
    remedy: 'Discard the message.',
  },
  wrongRoom: {
    kind: 'payload',
    means: 'The message names another room than the one it came in.',
    remedy: 'Discard the message.',
  },
  unencodable: {
    kind: 'caller',
    means: 'The value cannot be written: it breaks the rule in `details.rule`.',
    remedy: 'Correct the field that `details.path` names.',
  },
  invalidArgument: {
    kind: 'caller',
    means: 'An argument is missing or out of range.',
    remedy: 'See the documentation of the function.',
  },
  wrongContent: {
    kind: 'payload',
    means:
      'What lies at the URL of an attachment has another size or hash than its sender wrote, or changed between two readings.',
    remedy:
      'Discard what was read and fetch it again; if it stays so, it is not what was attached.',
  },
  undecryptable: {
    kind: 'payload',
    means: 'An attachment arrived as it was sent, but does not decrypt with its key.',
    remedy: 'Discard what was decrypted, and ask for it again.',
  },
  unsupportedAlgorithm: {
    kind: 'payload',
    means: 'The AEAD or hash algorithm of an attachment is none, or not supported here.',
    remedy: 'Show it as an attachment that cannot be opened.',
  },
  invalidAttachment: {
    kind: 'payload',
    means:
      'The key, nonce or hash of an attachment is not as long as its algorithm has it (details: path, expected, found).',
    remedy: 'Show it as an attachment that cannot be opened, and ask for it again.',
  },
  attachmentTooLarge: {
    kind: 'payload',
    means:
      'An attachment is larger than `maxBytes`, or than its algorithm can encrypt (details: limit, in bytes).',
    remedy: 'Raise `maxBytes` if you expect so much; a sender splits it.',
  },
} as const satisfies Record<ContentErrorCode, ErrorCode>;

export { ContentError, type ContentErrorCode } from './rules.ts';

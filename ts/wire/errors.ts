// The errors of the wire layer: what a decoder refuses and what an encoder cannot write.

import { errorClass } from '../errors.ts';

/** Stable codes of `WireError`; the `payload` ones carry `details.offset` and `details.path`. */
export const wireErrors = {
  truncated: {
    kind: 'payload',
    means: 'The input ends, or its enclosing vector does, before the item is complete.',
    remedy: 'Send the whole struct; compare the length at `offset` with the bytes that follow.',
  },
  trailingBytes: {
    kind: 'payload',
    means: 'Bytes follow the end of the struct.',
    remedy: 'Send exactly one struct, and nothing after it.',
  },
  nonMinimalLength: {
    kind: 'payload',
    means: 'A vector length is written in more bytes than it needs.',
    remedy: 'Write lengths in the shortest of the 1, 2 and 4 byte forms (RFC 9420, 2.1.2).',
  },
  invalidLength: {
    kind: 'payload',
    means: 'A vector length begins with the bits 11, which RFC 9420, 2.1.2 forbids.',
    remedy: 'Write lengths of at most 2^30 - 1; check that the encoder and the struct agree.',
  },
  tooLarge: {
    kind: 'payload',
    means: 'The input is larger, or has more items, than the configured limit.',
    remedy: 'Send less, or raise `maxBytes`, `maxTreeBytes` or `maxItems` of the receiver.',
  },
  unknownValue: {
    kind: 'payload',
    means: 'An enumerated field holds a value that its struct does not define.',
    remedy: 'Use a value that the section named in the struct defines.',
  },
  invalidPresence: {
    kind: 'payload',
    means: 'The octet of an optional or a boolean is neither 0 nor 1.',
    remedy: 'Write 0 for absent or false, 1 for present or true (RFC 9420, 2.1.1).',
  },
  invalidUtf8: {
    kind: 'payload',
    means: 'A text is not valid UTF-8.',
    remedy: 'Encode texts and identifiers as UTF-8.',
  },
  unsupportedVersion: {
    kind: 'payload',
    means: 'The protocol version is not MLS 1.0.',
    remedy: 'Speak MLS 1.0: Protocol 1, ProtocolVersion 1.',
  },
  undelimitable: {
    kind: 'payload',
    means: 'The item is of a type whose end cannot be found, as its grammar is not known here.',
    remedy: 'Use the types of RFC 9420, the MLS extensions draft, GREASE or the private-use range.',
  },
  wrongContent: {
    kind: 'payload',
    means: 'The item is well formed but may not stand in this place.',
    remedy: 'Read the rule in the message, and the section named in the struct.',
  },
  invalidUri: {
    kind: 'payload',
    means: 'The text is not a MIMI URI of the expected kind.',
    remedy: 'Write mimi://domain, or mimi://domain/K/id with K one of u, d, r, g.',
  },
  invalidDirectory: {
    kind: 'payload',
    means: 'The protocol directory is not a JSON object of URL templates.',
    remedy: 'Serve the document of draft-ietf-mimi-protocol-06, "Directory".',
  },
  unencodable: {
    kind: 'caller',
    means: 'The value cannot be written: a number, text or nested struct is out of its range.',
    remedy: 'Correct the field named in the message.',
  },
} as const;

/** Thrown by every encoder and decoder of the wire layer. */
export class WireError extends errorClass('WireError', 'wire', wireErrors) {}

export type WireErrorCode = Extract<keyof typeof wireErrors, string>;

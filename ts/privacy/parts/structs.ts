// What the structs of the modes have in common: a label before everything that is hashed, signed, authenticated or
// derived from, decoders that throw this layer's error, and the pieces of RFC 9420 that are nested in several.

import { type CipherSuite, type HpkeCiphertext, hash } from '../../mls/index.ts';
import { type Credential, type Reader, WireError, Writer } from '../../wire/index.ts';
import { refused } from '../errors.ts';

/** Of every label of ours, so that none is a label of MLS or of another application. */
export const LABEL_PREFIX = 'exedra ';

/** SHA-256, HMAC and HKDF of ours are those of suite 1, whatever the suite of the room. */
export const HASH_SUITE: CipherSuite = 1;

/** Bytes of every symmetric key, hash and MAC of ours. */
export const KEY_BYTES = 32;

/** The largest size class, and room for what surrounds it. */
const MAX_STRUCT_BYTES = 17 << 20;

/** `struct { opaque label<V>; … }`, the fields being what `write` writes. */
export function labelled(label: string, write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  writer.text(LABEL_PREFIX + label, 'label');
  write(writer);
  return writer.finish();
}

/** SHA-256 of a labelled struct. */
export function labelledHash(label: string, write: (writer: Writer) => void): Uint8Array {
  return hash(HASH_SUITE, labelled(label, write));
}

/** Runs a decoder of ts/wire; what it refuses is PrivacyError `malformed` with the name of the struct as rule. */
export function decoding<Value>(name: string, decode: () => Value): Value {
  try {
    return decode();
  } catch (error) {
    if (error instanceof WireError && error.kind === 'payload') {
      throw refused('malformed', name, error);
    }
    throw error;
  }
}

/** Limits for structs that hold a padded content. */
export const STRUCT_LIMITS = { maxBytes: MAX_STRUCT_BYTES } as const;

export function readSuite(reader: Reader): CipherSuite {
  const suite = reader.u16('cipherSuite');
  if (suite !== 1 && suite !== 2 && suite !== 3) {
    const at = reader.offset - 2;
    throw reader.error('unknownValue', `Cipher suite ${suite} is not known.`, 'cipherSuite', at);
  }
  return suite;
}

/** A time in milliseconds since the epoch. Beyond 2^53 it would not be written as it was read; no clock gets there. */
export function readTime(reader: Reader, name: string): number {
  const time = reader.u64(name);
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw reader.error('unknownValue', `${name} is no time.`, name, reader.offset - 8);
  }
  return Number(time);
}

export function readHpke(reader: Reader): HpkeCiphertext {
  return { kemOutput: reader.opaque('kemOutput'), ciphertext: reader.opaque('ciphertext') };
}

export function writeHpke(writer: Writer, value: HpkeCiphertext): void {
  writer.opaque(value.kemOutput, 'kemOutput');
  writer.opaque(value.ciphertext, 'ciphertext');
}

/** A credential whose content is one vector, as those of ours and `basic` are. */
export function readCredential(reader: Reader): Credential {
  return { type: reader.u16('credentialType'), bytes: reader.opaque('credential') };
}

export function writeCredential(writer: Writer, value: Credential): void {
  writer.u16(value.type, 'credentialType');
  writer.opaque(value.bytes, 'credential');
}

/**
 * A MIMI URI as text; `as` brands it and throws `invalidUri`, which gets the place in the input. It gets no cause: the
 * cause quotes the text, and what is sealed belongs into no log.
 */
export function readUri<Uri>(reader: Reader, name: string, as: (text: string) => Uri): Uri {
  const at = reader.offset;
  const text = reader.text(name);
  try {
    return as(text);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw reader.error('invalidUri', `${name} is not a URI of its kind.`, name, at);
  }
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) text += octet.toString(16).padStart(2, '0');
  return text;
}

/** The bytes of an even number of lower-case hexadecimal digits, which the caller has checked. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}

/** Whether both hold the same bytes. Not constant-time: for ids, public keys and hashes that all may see. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}

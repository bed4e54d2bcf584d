// Padding to size classes: docs/modes, "Padding". Powers of two from 256 bytes to 16 MiB: 17 classes tell
// at most log2(17) = 4 bits about a size, and cost less than the content once more. Finer classes, of at most an eighth
// more than the content, are for what is sent often and large: handshakes above 8 KiB, messages above 1 KiB. Below that, the
// size of a commit would show the depth of the tree, and that of a message what it may say.
//   struct { uint32 length; opaque content[length]; opaque zeros[class - 4 - length]; } Padded;

import { PrivacyError, refused } from '../errors.ts';

const SMALLEST_CLASS = 256;
/** As large as a ratchet tree may be. */
const LARGEST_CLASS = 16 << 20;
const LENGTH_BYTES = 4;
/** Up to here the classes of handshakes are powers of two: a path through a tree of any depth is shorter. */
const COARSE_HANDSHAKE = 8 << 10;
/** Up to here the classes of messages are powers of two. */
const COARSE_MESSAGE = 1 << 10;
/** Classes from one power of two to the next, where they are fine. */
const FINE_CLASSES = 8;

/** The padded size of a content of so many bytes. Throws PrivacyError `tooLarge`. */
export type Classes = (length: number) => number;

/**
 * The padded size of a content of `length` bytes: the smallest class that holds it and its length.
 * Throws PrivacyError `tooLarge`.
 */
export function sizeClass(length: number): number {
  const needed = length + LENGTH_BYTES;
  if (needed > LARGEST_CLASS) throw tooLarge(length, LARGEST_CLASS);
  let size = SMALLEST_CLASS;
  while (size < needed) size *= 2;
  return size;
}

/** The classes of handshakes. Throws PrivacyError `tooLarge`. */
export const handshakeClass: Classes = (length) => fineClass(length, COARSE_HANDSHAKE);

/** The classes of messages. Throws PrivacyError `tooLarge`. */
export const messageClass: Classes = (length) => fineClass(length, COARSE_MESSAGE);

function fineClass(length: number, coarse: number): number {
  const power = sizeClass(length);
  if (power <= coarse) return power;
  const step = power / 2 / FINE_CLASSES;
  return Math.ceil((length + LENGTH_BYTES) / step) * step;
}

/**
 * Pads to the size class of the content; with `room`, to so many bytes less than a class, so that what is put around it
 * and padded again is of that class still, and not twice as large. Throws PrivacyError `tooLarge`.
 */
export function pad(content: Uint8Array, room = 0, classes: Classes = sizeClass): Uint8Array {
  return padTo(content, classes(content.length + room) - room);
}

/**
 * The content of what `pad` padded, as a view. One content has one padded form: another class, and zeros that are
 * none, are PrivacyError `badPadding`, so that no bits hide there.
 */
export function unpad(padded: Uint8Array, room = 0, classes: Classes = sizeClass): Uint8Array {
  const content = unpadFrom(padded, padded.length);
  if (classes(content.length + room) - room !== padded.length) {
    throw refused('badPadding', 'class');
  }
  return content;
}

/** Pads to exactly `size` bytes, where all contents must look alike. Throws PrivacyError `tooLarge`. */
export function padTo(content: Uint8Array, size: number): Uint8Array {
  if (content.length + LENGTH_BYTES > size) throw tooLarge(content.length, size);
  const padded = new Uint8Array(size);
  new DataView(padded.buffer).setUint32(0, content.length);
  padded.set(content, LENGTH_BYTES);
  return padded;
}

/** The content of what `padTo` padded to this size, as a view. Throws PrivacyError `badPadding`. */
export function unpadFrom(padded: Uint8Array, size: number): Uint8Array {
  if (padded.length !== size || size < LENGTH_BYTES) throw refused('badPadding', 'size');
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  if (length > size - LENGTH_BYTES) throw refused('badPadding', 'length');
  const end = LENGTH_BYTES + length;
  if (!padded.subarray(end).every((octet) => octet === 0)) throw refused('badPadding', 'zeros');
  return padded.subarray(LENGTH_BYTES, end);
}

function tooLarge(size: number, limit: number): PrivacyError {
  return new PrivacyError('tooLarge', undefined, { details: { size, limit } });
}

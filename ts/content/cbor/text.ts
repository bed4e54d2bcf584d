// UTF-8 to strings: short ASCII by hand, which is most of what messages hold; all else by the host's strict decoder.

// `ignoreBOM` keeps a leading U+FEFF in the text, so that decoding and encoding are inverse.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Up to here reading by hand is quicker than calling the host's decoder, in bytes; measured on Node 20. */
const BY_HAND = 48;

/** The text in `bytes[from..to)`; undefined where it is not valid UTF-8. */
export function readText(bytes: Uint8Array, from: number, to: number): string | undefined {
  if (to - from <= BY_HAND) {
    const text = readAscii(bytes, from, to);
    if (text !== undefined) return text;
  }
  try {
    return utf8.decode(bytes.subarray(from, to));
  } catch {
    return undefined;
  }
}

/** The text where all of it is ASCII. Four at a time: a call with four arguments costs little more than with one. */
function readAscii(bytes: Uint8Array, from: number, to: number): string | undefined {
  let text = '';
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const a = bytes[at] as number;
    const b = bytes[at + 1] as number;
    const c = bytes[at + 2] as number;
    const d = bytes[at + 3] as number;
    if ((a | b | c | d) & 0x80) return undefined;
    text += String.fromCharCode(a, b, c, d);
  }
  for (; at < to; at += 1) {
    const a = bytes[at] as number;
    if (a & 0x80) return undefined;
    text += String.fromCharCode(a);
  }
  return text;
}

const surrogate = /\p{Surrogate}/u;

/** Whether a text holds half of a surrogate pair, which has no encoding. */
export const hasLoneSurrogate = (text: string): boolean => surrogate.test(text);

/** Whether `bytes[from..to)` is valid UTF-8, without making the text. */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let high = 0;
  for (let at = from; at < to; at += 1) high |= bytes[at] as number;
  return (high & 0x80) === 0 || readText(bytes, from, to) !== undefined;
}

/** Bytes as people read them. */
export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

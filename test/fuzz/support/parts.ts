// The format of a fuzz input that has several parts, and of a prepared state: each part behind its length,
// a little-endian uint32. rust-core/fuzz/src/parts.rs reads the same.

/** The parts as one byte string. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + 4 + part.length, 0));
  const view = new DataView(joined.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    joined.set(part, at + 4);
    at += 4 + part.length;
  }
  return joined;
}

/** The parts of any bytes: a length that lies takes what is left, so that damaged inputs still reach their target. */
export function splitParts(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = Math.min(at + 4 + view.getUint32(at, true), bytes.length);
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

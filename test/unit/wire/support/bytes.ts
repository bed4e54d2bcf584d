// Bytes for the wire tests, made without the codec under test.

/** Hexadecimal, spaces ignored. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replace(/\s+/g, ''), 'hex'));
}

/** The UTF-8 of a text, in hexadecimal: for use inside a hand-written struct. */
export function utf8Hex(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex');
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** `opaque<V>` with the shortest length, after RFC 9420, 2.1.2. */
export function vector(content: Uint8Array): Uint8Array {
  const n = content.length;
  if (n < 0x40) return concat(Uint8Array.of(n), content);
  if (n < 0x4000) return concat(Uint8Array.of(0x40 + Math.floor(n / 256), n % 256), content);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(0x80000000 + n);
  return concat(head, content);
}

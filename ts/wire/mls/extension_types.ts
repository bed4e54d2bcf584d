// Which values of the extensible MLS registries are delimited as one opaque<V> though their grammar is
// not known here: GREASE (RFC 9420, 13.5) and the private-use range (RFC 9420, 17).

/** 0x0A0A, 0x1A1A … 0xEAEA: both octets equal, low nibble A (RFC 9420, 13.5). 0xFAFA is private use. */
function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >>> 8 === (value & 0xff);
}

/** First value of the private-use range of proposal, credential and extension types (RFC 9420, 17). */
const PRIVATE_USE = 0xf000;

/**
 * Whether an item of this type is taken as one `opaque<V>`. For GREASE that is what other
 * implementations send and read; for private use it is the shape that our own types have.
 */
export function isOpaqueType(value: number): boolean {
  return value >= PRIVATE_USE || isGrease(value);
}

// ProtocolVersion and CipherSuite: RFC 9420, 6 and 5.1.

import type { Reader } from '../codec/reader.ts';

/** `mls10` of ProtocolVersion (RFC 9420, 6). */
export const MLS10 = 1;

/** Reads a ProtocolVersion; any but MLS 1.0 throws `unsupportedVersion`, as what follows is unknown. */
export function readVersion(reader: Reader): number {
  const version = reader.u16('version');
  if (version !== MLS10) {
    const at = reader.offset - 2;
    throw reader.error('unsupportedVersion', `MLS version ${version} is not 1.`, 'version', at);
  }
  return version;
}

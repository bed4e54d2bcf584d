// enum Protocol: draft-ietf-mimi-protocol-06, "MIMI Endpoints and Framing".

import type { Reader } from '../codec/reader.ts';
import type { Writer } from '../codec/writer.ts';

/** The end-to-end protocol of a request: MLS 1.0 is the only one. */
export type Protocol = 'mls10';

const MLS10 = 1;

/** Any other value throws `unsupportedVersion`: what follows would be of an unknown grammar. */
export function readProtocol(reader: Reader): Protocol {
  const protocol = reader.u8('protocol');
  if (protocol !== MLS10) {
    const at = reader.offset - 1;
    throw reader.error('unsupportedVersion', `Protocol ${protocol} is not 1.`, 'protocol', at);
  }
  return 'mls10';
}

/** There is one value, so nothing is to be chosen. */
export function writeProtocol(writer: Writer): void {
  writer.u8(MLS10, 'protocol');
}

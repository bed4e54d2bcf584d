// struct Frank: draft-ietf-mimi-protocol-06, "Submit a Message" and "Message Franking".
// `uint8 server_frank[32]` here and `opaque server_frank[32]` in FrankingIntegrityTBS are the same 32
// bytes without a length (RFC 8446, 3.4).

import type { Reader } from '../codec/reader.ts';
import { decoder, encoder } from '../codec/struct.ts';
import type { Writer } from '../codec/writer.ts';

/** Output of HMAC-SHA256. */
export const SERVER_FRANK_BYTES = 32;

/** The hub's stamp on a message that it accepted. */
export interface Frank {
  /** 32 bytes. */
  readonly serverFrank: Uint8Array;
  readonly cipherSuite: number;
  /** SignWithLabel(hub's franking key, "FrankingIntegrityTBS", …). */
  readonly integritySignature: Uint8Array;
}

export function readFrank(reader: Reader): Frank {
  return {
    serverFrank: reader.fixed(SERVER_FRANK_BYTES, 'serverFrank'),
    cipherSuite: reader.u16('frankingSignatureCiphersuite'),
    integritySignature: reader.opaque('frankingIntegritySignature'),
  };
}

export function writeFrank(writer: Writer, value: Frank): void {
  writer.fixed(value.serverFrank, SERVER_FRANK_BYTES, 'serverFrank');
  writer.u16(value.cipherSuite, 'cipherSuite');
  writer.opaque(value.integritySignature, 'integritySignature');
}

export const encodeFrank = encoder(writeFrank);
export const decodeFrank = decoder(readFrank);

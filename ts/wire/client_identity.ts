// struct ClientIdentity: ours, the identity in a leaf's Basic credential (RFC 9420, 5.3). A client's
// MIMI URI does not name its user, and other members must know whose device a leaf is.
//   struct { opaque user_uri<V>; opaque client_uri<V>; } ClientIdentity;

import { readUri } from './codec/read_uri.ts';
import type { Reader } from './codec/reader.ts';
import { decoder, encoder } from './codec/struct.ts';
import type { Writer } from './codec/writer.ts';
import { WireError } from './errors.ts';
import { asClientUri, asUserUri, type ClientUri, domainOf, type UserUri } from './uri.ts';

/** A device and whose it is: both of one provider. */
export interface ClientIdentity {
  readonly userUri: UserUri;
  readonly clientUri: ClientUri;
}

/** Besides malformed input, refuses other kinds of URI (`invalidUri`) and two domains (`wrongContent`). */
export function readClientIdentity(reader: Reader): ClientIdentity {
  const userUri = readUri(reader, 'userUri', asUserUri);
  const at = reader.offset;
  const clientUri = readUri(reader, 'clientUri', asClientUri);
  if (domainOf(userUri) !== domainOf(clientUri)) {
    const rule = 'A user and its client are of one provider.';
    throw reader.error('wrongContent', rule, 'clientUri', at);
  }
  return { userUri, clientUri };
}

export function writeClientIdentity(writer: Writer, value: ClientIdentity): void {
  if (domainOf(asUserUri(value.userUri)) !== domainOf(asClientUri(value.clientUri))) {
    throw new WireError('unencodable', 'A user and its client must be of one provider.');
  }
  writer.text(value.userUri, 'userUri');
  writer.text(value.clientUri, 'clientUri');
}

export const encodeClientIdentity = encoder(writeClientIdentity);
export const decodeClientIdentity = decoder(readClientIdentity);

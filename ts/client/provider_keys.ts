// Keys of a provider: what only it shall read is sealed to one, and what it signs is verified by another.

import { decodeProviderKeys, type ProviderKeys, providerUri, WireError } from '../wire/index.ts';
import type { Connection } from './connection.ts';
import { ClientError } from './errors.ts';

/** The keys of a provider, as the own provider gives them. Throws ClientError `badAnswer`. */
export async function providerKeys(connection: Connection, domain: string): Promise<ProviderKeys> {
  const answer = await connection.call('providerKeys', providerUri(domain), new Uint8Array());
  try {
    return decodeProviderKeys(answer);
  } catch (error) {
    if (error instanceof WireError) throw new ClientError('badAnswer', undefined, { cause: error });
    throw error;
  }
}

// Keys of a provider: what only it shall read is sealed to one, and what it signs is verified by another.

import { decodeProviderKeys, type ProviderKeys, providerUri } from '../wire/index.ts';
import { reading } from './answers.ts';
import type { Connection } from './connection.ts';

/** The keys of a provider, as the own provider gives them. Throws ClientError `badAnswer`. */
export async function providerKeys(connection: Connection, domain: string): Promise<ProviderKeys> {
  const answer = await connection.call('providerKeys', providerUri(domain), new Uint8Array());
  return reading(() => decodeProviderKeys(answer));
}

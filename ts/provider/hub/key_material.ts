// Key material on its way through the hub of the room it is for: the hub remembers whose each key package is.
// draft-ietf-mimi-protocol-06, "Fetch Key Material".

import { ExedraError } from '../../errors.ts';
import { inspectKeyPackage, type KeyPackageInfo } from '../../mls/index.ts';
import { type Participant, participantOf } from '../../room/index.ts';
import type { KeyMaterialResponse, RoomUri, UserUri } from '../../wire/index.ts';
import { ProviderError } from '../errors.ts';
import { encodeKeyPackageRoute } from '../records/account_rows.ts';
import { roomRows } from '../rows.ts';
import type { HubContext } from './context.ts';
import type { HubRoom } from './hub_room.ts';

/** Checks that key material is asked for by a participant of the room. @throws ProviderError `unknownRoom`. */
export async function requireParticipant(
  context: HubContext,
  uri: RoomUri,
  user: UserUri,
): Promise<void> {
  const participates = await asked(context, uri, (room) =>
    [...room.roster.values()].some((entry) => entry.user === user),
  );
  if (!participates) throw new ProviderError('unknownRoom');
}

/** Whether a provider takes part in a room here. @throws ProviderError `unknownRoom`. */
export function takesPart(context: HubContext, uri: RoomUri, domain: string): Promise<boolean> {
  return asked(context, uri, ({ domains }) => domains.has(domain));
}

/** What a question finds of a room, asked in the room's turn. */
function asked<Answer>(
  context: HubContext,
  uri: RoomUri,
  question: (room: HubRoom) => Answer,
): Promise<Answer> {
  let room: HubRoom;
  return context.directory.shardOf(uri).run({
    owner: uri,
    prepare: async () => {
      room = await context.directory.hubRoom(uri);
    },
    decide: () => ({ answer: question(room) }),
  });
}

/**
 * Remembers to which provider the Welcome for each key package of an answer goes.
 * @throws ProviderError `peerRefused` when one is not of the client that it is given for: nothing is remembered.
 */
export async function rememberRoutes(
  context: HubContext,
  uri: RoomUri,
  owner: string,
  response: KeyMaterialResponse,
): Promise<void> {
  const rows = response.clients.flatMap((client) => {
    if (client.clientStatus !== 'success') return [];
    const { ref, notAfter } = inspectFor(response.userUri, client.clientUri, client.keyPackage);
    return [{ key: roomRows.claimed(uri, ref), value: encodeKeyPackageRoute({ owner, notAfter }) }];
  });
  if (rows.length === 0) return;
  await context.directory.shardOf(uri).run({ decide: () => ({ answer: undefined, rows }) });
}

/** A provider answers for its own users: with another's key package it could draw that client's Welcome to itself. */
function inspectFor(user: string, client: string, keyPackage: Uint8Array): KeyPackageInfo {
  let info: KeyPackageInfo;
  let named: Participant;
  try {
    info = inspectKeyPackage(keyPackage);
    named = participantOf(info.credential);
  } catch (cause) {
    const malformed = cause instanceof ExedraError && cause.kind === 'payload';
    if (!malformed) throw cause;
    throw new ProviderError('peerRefused', 'A key package of the answer does not verify.', {
      cause,
    });
  }
  if (named.user !== user || named.client !== client) {
    throw new ProviderError('peerRefused', 'A key package of the answer is of another client.');
  }
  return info;
}

// Where a Welcome goes: the hub remembers, for each key package that was claimed through it, whose it was.
// draft-ietf-mimi-protocol-06, "Fetch Key Material", last paragraph.

import { type ClientUri, decodeWelcome, type RoomUri } from '../../wire/index.ts';
import { toHex } from '../bytes.ts';
import { ACCOUNTS_SHARD } from '../directory.ts';
import { decodeKeyPackageRoute } from '../records/account_rows.ts';
import { accountRows, roomRows } from '../rows.ts';
import type { HubContext } from './context.ts';

/** Whom the new members of a Welcome belong to. */
export interface WelcomeRoutes {
  /** The refs of the Welcome's secrets, as hex. */
  readonly refs: ReadonlySet<string>;
  /** Refs that were not claimed through this hub for this room. */
  readonly unknown: readonly string[];
  /** Other providers that the Welcome goes to. */
  readonly domains: readonly string[];
  /** Own clients that the Welcome goes to. */
  readonly clients: readonly ClientUri[];
  readonly refBytes: readonly Uint8Array[];
}

/** Looks up the new members of a Welcome. @throws WireError when it does not decode. */
export async function resolveWelcome(
  context: HubContext,
  room: RoomUri,
  welcome: Uint8Array,
): Promise<WelcomeRoutes> {
  const { newMembers } = decodeWelcome(welcome);
  const shard = context.directory.shardOf(room).name;
  const refs = new Set<string>();
  const unknown: string[] = [];
  const domains = new Set<string>();
  const clients: ClientUri[] = [];
  for (const ref of newMembers) {
    refs.add(toHex(ref));
    const claimed = await context.store.get(shard, roomRows.claimed(room, ref));
    const owner = claimed === undefined ? undefined : decodeKeyPackageRoute(claimed).owner;
    const client = owner === context.domain ? await localClient(context, room, ref) : undefined;
    if (client !== undefined) clients.push(client);
    else if (owner !== undefined && owner !== context.domain) domains.add(owner);
    else unknown.push(toHex(ref));
  }
  return { refs, unknown, domains: [...domains], clients, refBytes: newMembers };
}

/** The own client whose key package was handed out for a room: a hub lets it into no other. */
export async function localClient(
  context: Pick<HubContext, 'store'>,
  room: RoomUri,
  ref: Uint8Array,
): Promise<ClientUri | undefined> {
  const row = await context.store.get(ACCOUNTS_SHARD, accountRows.handedOut(room, ref));
  return row === undefined ? undefined : (decodeKeyPackageRoute(row).owner as ClientUri);
}

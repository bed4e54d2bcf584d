// Where Welcomes go. In rooms of the draft's structs the hub remembers, for each key package that was claimed through
// it, whose it was (draft-ietf-mimi-protocol-06, "Fetch Key Material", last paragraph); in those of other modes the
// sender names the provider, and that provider alone knows the client.

import type { Submission } from '../../privacy/index.ts';
import { type ClientUri, decodeWelcome, type RoomUri } from '../../wire/index.ts';
import { clientOfRef } from '../accounts/set_claims.ts';
import { toHex } from '../bytes.ts';
import { ACCOUNTS_SHARD } from '../directory.ts';
import { decodeKeyPackageRoute } from '../records/account_rows.ts';
import { accountRows, roomRows } from '../rows.ts';
import type { ShardReader } from '../shard.ts';
import { readService, type Service } from '../subscription.ts';
import type { HubContext } from './context.ts';
import type { HubRoom } from './hub_room.ts';

/** An own client that a Welcome is for. */
export interface OwnWelcome {
  readonly client: ClientUri;
  /** Which Welcome it is, where each client has its own; else empty. */
  readonly ref: Uint8Array;
  /** How the client is served the room already, if it is. */
  readonly service: Service | undefined;
}

/** Whom the new members of a commit belong to. */
export interface WelcomeRoutes {
  /** The refs of the key packages, as hex. */
  readonly refs: ReadonlySet<string>;
  /** Refs of which nobody is known to have handed them out. */
  readonly unknown: readonly string[];
  /** Other providers that a Welcome goes to. */
  readonly domains: readonly string[];
  readonly mail: readonly OwnWelcome[];
  /** The clients of `mail`. */
  readonly clients: readonly ClientUri[];
  /** Refs whose routes were remembered and have served. */
  readonly claimed: readonly Uint8Array[];
}

/** Looks up the new members of an update; `undefined` when it has none. @throws WireError. */
export async function resolveWelcomes(
  context: HubContext,
  reader: ShardReader,
  room: HubRoom,
  { draft, welcomes }: Submission,
): Promise<WelcomeRoutes | undefined> {
  if (draft?.kind === 'commit' && draft.welcome !== undefined) {
    return resolveClaimed(context, reader, room.uri, draft.welcome);
  }
  if (welcomes.length === 0) return undefined;
  const refs = new Set<string>();
  const unknown: string[] = [];
  const domains = new Set<string>();
  const mail: OwnWelcome[] = [];
  for (const { ref, domain } of welcomes) {
    refs.add(toHex(ref));
    const own = domain === context.domain;
    const client = own ? await clientOfRef(context.store, ref) : undefined;
    if (client !== undefined) {
      mail.push({ client, ref, service: await readService(reader, client, room.uri) });
    } else if (own || !context.isPeer(domain)) unknown.push(toHex(ref));
    else domains.add(domain);
  }
  const clients = mail.map(({ client }) => client);
  return { refs, unknown, domains: [...domains], mail, clients, claimed: [] };
}

async function resolveClaimed(
  context: HubContext,
  reader: ShardReader,
  room: RoomUri,
  welcome: Uint8Array,
): Promise<WelcomeRoutes> {
  const { newMembers } = decodeWelcome(welcome);
  const shard = context.directory.shardOf(room).name;
  const refs = new Set<string>();
  const unknown: string[] = [];
  const domains = new Set<string>();
  const mail: OwnWelcome[] = [];
  for (const ref of newMembers) {
    refs.add(toHex(ref));
    const claimed = await context.store.get(shard, roomRows.claimed(room, ref));
    const owner = claimed === undefined ? undefined : decodeKeyPackageRoute(claimed).owner;
    const client = owner === context.domain ? await localClient(context, room, ref) : undefined;
    if (client !== undefined) {
      const service = await readService(reader, client, room);
      mail.push({ client, ref: new Uint8Array(), service });
    } else if (owner !== undefined && owner !== context.domain) domains.add(owner);
    else unknown.push(toHex(ref));
  }
  const clients = mail.map(({ client }) => client);
  return { refs, unknown, domains: [...domains], mail, clients, claimed: newMembers };
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

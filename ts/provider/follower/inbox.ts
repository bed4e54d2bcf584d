// A follower takes what the hub of a room fans out: stored in order, each message once, before it is confirmed.
// draft-ietf-mimi-protocol-06, "Fanout Messages and Room Events".

import { hash } from '../../mls/index.ts';
import {
  type ClientUri,
  domainOf,
  encodeFanoutMessage,
  type FanoutMessage,
  type RoomUri,
} from '../../wire/index.ts';
import { clientOfRef } from '../accounts/set_claims.ts';
import { toHex } from '../bytes.ts';
import type { Directory } from '../directory.ts';
import { ProviderError } from '../errors.ts';
import { localClient } from '../hub/welcome.ts';
import type { Limits } from '../limits.ts';
import { encodeLogRecord } from '../records/log_record.ts';
import {
  decodeEventIndex,
  decodeJoining,
  decodeRoomHead,
  encodeEventIndex,
  encodeJoining,
  encodeRoomHead,
} from '../records/room_rows.ts';
import { prefixes, rangeOf, roomRows } from '../rows.ts';
import type { Decision, Input, Turn } from '../shard.ts';
import type { AppendRecord, Store, StoreRow } from '../store.ts';
import { readService, type Service, subscribeRows, welcomeRows } from '../subscription.ts';

/** What a follower's inboxes need of the provider. */
export interface FollowerContext {
  readonly domain: string;
  readonly store: Store;
  readonly directory: Directory;
  readonly limits: Limits;
}

/** A message that was received, with what decides whether it is new and for whom it is. */
interface Received {
  readonly fanout: FanoutMessage;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  /** Own clients that a Welcome is for. */
  readonly invited: readonly Invited[];
  /** The own client whose external commit this is. */
  readonly joined: Join | undefined;
}

interface Invited {
  readonly client: ClientUri;
  /** Which Welcome of the record it is; empty where it is the only one. */
  readonly ref: Uint8Array;
}

interface Join {
  readonly client: ClientUri;
  readonly commitHash: Uint8Array;
}

/** The memory of one followed room. */
interface Inbox {
  seq: number;
  /** Hashes of the last messages, oldest first. */
  readonly known: Map<string, true>;
}

/** The rooms of other hubs in which this provider has users. */
export class Inboxes {
  readonly #context: FollowerContext;
  readonly #held = new Map<RoomUri, Inbox>();

  constructor(context: FollowerContext) {
    this.#context = context;
  }

  /**
   * Stores messages of a hub and gives the own clients that they let in. Repeats are dropped.
   * @throws ProviderError `wrongPeer`, `unknownRoom`, `badRequest`.
   */
  async receive(
    source: string,
    uri: RoomUri,
    messages: readonly FanoutMessage[],
  ): Promise<readonly ClientUri[]> {
    if (domainOf(uri) !== source) throw new ProviderError('wrongPeer');
    const received = await Promise.all(messages.map((fanout) => this.#receive(uri, fanout)));
    return this.#context.directory.shardOf(uri).run(this.#store(uri, received));
  }

  /** A local device is served the room from its external commit on, if the hub accepts it. */
  async expectJoin(uri: RoomUri, commitHash: Uint8Array, client: ClientUri): Promise<void> {
    await this.#writeJoining(uri, commitHash, encodeJoining(client));
  }

  /** The hub has refused an external commit. */
  async forgetJoin(uri: RoomUri, commitHash: Uint8Array): Promise<void> {
    await this.#writeJoining(uri, commitHash, undefined);
  }

  /** Drops what is held of a room in memory. */
  forget(uri: RoomUri): void {
    this.#held.delete(uri);
  }

  async #writeJoining(uri: RoomUri, commitHash: Uint8Array, value: Uint8Array | undefined) {
    const rows: StoreRow[] = [{ key: roomRows.joining(uri, commitHash), value }];
    await this.#context.directory.shardOf(uri).run({ decide: () => ({ answer: undefined, rows }) });
  }

  async #receive(uri: RoomUri, fanout: FanoutMessage): Promise<Received> {
    if (fanout.timestamp > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new ProviderError('badRequest', 'The timestamp is none of this age.', {
        details: { path: '/timestamp' },
      });
    }
    const bytes = encodeFanoutMessage(fanout);
    const invited: Invited[] = [];
    if (fanout.kind === 'welcome') {
      for (const ref of fanout.message.welcome.newMembers) {
        const client = await localClient(this.#context, uri, ref);
        if (client !== undefined) invited.push({ client, ref: NONE });
      }
    }
    if (fanout.kind === 'modeWelcome') {
      const { ref } = fanout.welcome;
      const client = await clientOfRef(this.#context.store, ref);
      if (client !== undefined) invited.push({ client, ref });
    }
    const joined = await this.#joined(uri, fanout);
    return { fanout, bytes, hash: hash(1, bytes), invited, joined };
  }

  async #joined(uri: RoomUri, fanout: FanoutMessage): Promise<Join | undefined> {
    const commit = possibleJoin(fanout);
    if (commit === undefined) return undefined;
    const { store, directory } = this.#context;
    const commitHash = hash(1, commit);
    const row = await store.get(directory.shardOf(uri).name, roomRows.joining(uri, commitHash));
    return row === undefined ? undefined : { client: decodeJoining(row), commitHash };
  }

  #store(uri: RoomUri, received: readonly Received[]): Input<readonly ClientUri[]> {
    let inbox: Inbox | undefined;
    const services = new Map<ClientUri, Service | undefined>();
    return {
      owner: uri,
      prepare: async (reader) => {
        inbox = await this.#load(uri);
        for (const { client } of received.flatMap(({ invited }) => invited)) {
          services.set(client, await readService(reader, client, uri));
        }
      },
      decide: (turn) => {
        const letsIn = received.some(
          ({ invited, joined }) => invited.length > 0 || joined !== undefined,
        );
        if (inbox === undefined && !letsIn) throw new ProviderError('unknownRoom');
        const known = inbox ?? { seq: 0, known: new Map() };
        this.#held.set(uri, known);
        return this.#append(uri, known, received, services, turn);
      },
    };
  }

  #append(
    uri: RoomUri,
    inbox: Inbox,
    received: readonly Received[],
    services: ReadonlyMap<ClientUri, Service | undefined>,
    turn: Turn,
  ): Decision<readonly ClientUri[]> {
    const records: AppendRecord[] = [];
    const rows: StoreRow[] = [];
    const entered: ClientUri[] = [];
    for (const item of received) {
      if (inbox.known.has(toHex(item.hash))) continue;
      inbox.seq += 1;
      this.#know(inbox, item.hash);
      const position = turn.position + records.length;
      records.push({ bytes: recordOf(uri, inbox.seq, item) });
      rows.push({
        key: roomRows.event(uri, inbox.seq),
        value: encodeEventIndex({ position, hash: item.hash }),
      });
      for (const { client, ref } of item.invited) {
        const service = services.get(client);
        rows.push(...welcomeRows(client, uri, inbox.seq, position, ref, service));
        entered.push(client);
      }
      if (item.joined !== undefined) {
        const { client, commitHash } = item.joined;
        rows.push(...subscribeRows(client, uri, inbox.seq));
        rows.push({ key: roomRows.joining(uri, commitHash), value: undefined });
        entered.push(client);
      }
    }
    if (records.length === 0) return { answer: entered };
    rows.push(headRow(uri, inbox.seq));
    return { answer: entered, records, rows };
  }

  #know(inbox: Inbox, messageHash: Uint8Array): void {
    inbox.known.set(toHex(messageHash), true);
    if (inbox.known.size > this.#context.limits.inboxWindow) {
      const oldest = inbox.known.keys().next();
      if (!oldest.done) inbox.known.delete(oldest.value);
    }
  }

  async #load(uri: RoomUri): Promise<Inbox | undefined> {
    const held = this.#held.get(uri);
    if (held !== undefined) return held;
    const { store, directory, limits } = this.#context;
    const shard = directory.shardOf(uri).name;
    const row = await store.get(shard, roomRows.head(uri));
    if (row === undefined) return undefined;
    const { seq } = decodeRoomHead(row);
    const range = rangeOf(prefixes.events(uri));
    const last = await store.range(shard, { ...range, reverse: true, limit: limits.inboxWindow });
    const inbox: Inbox = { seq, known: new Map() };
    for (const { value } of last.reverse()) this.#know(inbox, decodeEventIndex(value).hash);
    return inbox;
  }
}

const NONE = new Uint8Array();

/** The bytes of a commit by which an own client may have joined; those of a mode do not show whether they are one. */
function possibleJoin(fanout: FanoutMessage): Uint8Array | undefined {
  if (fanout.kind === 'modeHandshake') {
    return fanout.handshake === 'commit' ? fanout.payloads[0] : undefined;
  }
  if (fanout.kind !== 'commit') return undefined;
  const { message } = fanout;
  const joins = message.wireFormat === 'publicMessage' && message.sender.type === 'newMemberCommit';
  return joins ? message.bytes : undefined;
}

function headRow(uri: RoomUri, seq: number): StoreRow {
  return { key: roomRows.head(uri), value: encodeRoomHead({ role: 'inbox', seq }) };
}

function recordOf(uri: RoomUri, seq: number, { fanout, bytes }: Received): Uint8Array {
  const isWelcome = fanout.kind === 'welcome' || fanout.kind === 'modeWelcome';
  return encodeLogRecord({
    kind: 'inbox',
    room: uri,
    seq,
    epoch: 0n,
    acceptedAt: Number(fanout.timestamp),
    from: domainOf(uri),
    fanout: isWelcome ? NONE : bytes,
    welcome: isWelcome ? bytes : NONE,
    followers: [],
    welcomed: [],
  });
}

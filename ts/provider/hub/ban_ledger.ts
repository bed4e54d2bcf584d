// The hub's ledger of bans: what it has asked of the providers of banned users, what they have promised, and where members
// have shown that a banned person came back. docs/modes/deployments.md, "Bans".

import { hash } from '../../mls/index.ts';
import { openLink, PrivacyError } from '../../privacy/index.ts';
import { checkReceipt, signNotice } from '../../privacy/parts/statements.ts';
import { BANNED_ROLE, roleOf } from '../../room/index.ts';
import {
  type BanComplaint,
  decodeBanComplaint,
  decodeBanReceipt,
  domainOf,
  encodeBanNotice,
  type RoomUri,
  type UserUri,
} from '../../wire/index.ts';
import type { KnownProviderKeys } from '../accounts/provider_keys.ts';
import { decodeBody } from '../body.ts';
import { sameBytes } from '../bytes.ts';
import { ACCOUNTS_SHARD } from '../directory.ts';
import { ProviderError } from '../errors.ts';
import {
  type BannedLeaf,
  decodeBannedLeaves,
  decodeLedgerRow,
  encodeLedgerRow,
  type LedgerRow,
} from '../records/enterprise_rows.ts';
import { decodeEventIndex } from '../records/room_rows.ts';
import { enterpriseRows, prefixes, rangeOf, roomRows } from '../rows.ts';
import type { ShardReader } from '../shard.ts';
import type { HubContext } from './context.ts';
import { type HubRoom, readRecord } from './hub_room.ts';

const NONE = new Uint8Array();

/** What a complaint is judged by, read in the room's turn. */
interface Evidence {
  readonly bannedLeaves: readonly BannedLeaf[];
  readonly foundLeaves: readonly BannedLeaf[];
  readonly isBanned: boolean;
  readonly suite: HubRoom['sight']['group']['suite'];
  /** When the hub last accepted something by who was found, in milliseconds since the epoch; 0 for never. */
  readonly lastDeed: number;
}

/** Bans in rooms of this hub, as far as other providers are to enforce them. */
export class BanLedger {
  readonly #hub: HubContext;
  readonly #providerKeys: KnownProviderKeys;

  constructor(hub: HubContext, providerKeys: KnownProviderKeys) {
    this.#hub = hub;
    this.#providerKeys = providerKeys;
  }

  /**
   * The BanNotice for the provider of a pseudonym: that it is banned, or, where it was, that it is not any more.
   * @throws ProviderError `unknownRoom`, `wrongNotice` (rule: `sight` in a room of which the hub sees nothing,
   * `notBanned` where there is nothing to say).
   */
  async notice(room: RoomUri, pseudonym: UserUri): Promise<Uint8Array> {
    const banned = await this.#inRoom(room, async ({ view }) => {
      if (view === undefined) throw refused('wrongNotice', 'sight');
      return roleOf(view.state, pseudonym) === BANNED_ROLE;
    });
    const { privateKey } = this.#hub.keys.ed25519;
    const key = enterpriseRows.ledger(room, pseudonym);
    let before: LedgerRow | undefined;
    return this.#hub.directory.accounts.run({
      prepare: async (rows) => {
        before = await readLedger(rows, room, pseudonym);
      },
      decide: ({ now }) => {
        if (!banned && before === undefined) throw refused('wrongNotice', 'notBanned');
        const least = before === undefined ? 0n : before.noticeAt + 1n;
        const at = BigInt(now) > least ? BigInt(now) : least;
        const notice = encodeBanNotice(signNotice({ room, pseudonym, banned, at }, privateKey));
        const noticeHash = hash(1, notice);
        const row: LedgerRow = {
          room,
          pseudonym,
          banned,
          state: before?.state === 'broken' ? 'broken' : 'asked',
          noticeAt: at,
          noticeHash,
          receipt: NONE,
          receiptAt: 0n,
          complaints: before?.complaints ?? 0,
        };
        const names = encodeLedgerRow(row);
        return {
          answer: notice,
          rows: [
            { key, value: names },
            { key: enterpriseRows.notice(noticeHash), value: names },
          ],
        };
      },
    });
  }

  /**
   * Takes a BanReceipt for the last notice. Who has broken its word before stays in the ledger as that.
   * @throws ProviderError `badRequest`, `wrongReceipt`, `unknownPeer`, `peer…`.
   */
  async receive(bytes: Uint8Array): Promise<LedgerRow> {
    const receipt = decodeBody(decodeBanReceipt, bytes);
    const { store, directory } = this.#hub;
    const stored = await store.get(ACCOUNTS_SHARD, enterpriseRows.notice(receipt.noticeHash));
    if (stored === undefined) throw refused('wrongReceipt', 'notice');
    const { room, pseudonym } = decodeLedgerRow(stored);
    if (domainOf(pseudonym) !== receipt.provider) throw refused('wrongReceipt', 'provider');
    const { ed25519 } = await this.#providerKeys.of(receipt.provider);
    try {
      checkReceipt(receipt, ed25519);
    } catch (error) {
      if (!(error instanceof PrivacyError) || error.code !== 'badSignature') throw error;
      throw refused('wrongReceipt', 'signature', error);
    }
    let before: LedgerRow | undefined;
    return directory.accounts.run({
      prepare: async (rows) => {
        before = await readLedger(rows, room, pseudonym);
      },
      decide: ({ now }) => {
        if (before === undefined || !sameBytes(before.noticeHash, receipt.noticeHash)) {
          throw refused('wrongReceipt', 'stale');
        }
        const state = before.state === 'broken' ? 'broken' : 'complied';
        const row: LedgerRow = { ...before, state, receipt: bytes, receiptAt: BigInt(now) };
        return {
          answer: row,
          rows: [{ key: enterpriseRows.ledger(room, pseudonym), value: encodeLedgerRow(row) }],
        };
      },
    });
  }

  /**
   * Takes a BanComplaint. Where it shows that the provider has let a banned person act in the room after it had
   * promised not to, the ledger says so. The link keys are not kept, nor who the person is.
   * @throws ProviderError `badRequest`, `unknownRoom`, `wrongComplaint` (rule: `banned`, `found`, `person`, `ledger`,
   * `notSinceReceipt`).
   */
  async complain(bytes: Uint8Array): Promise<LedgerRow> {
    const complaint = decodeBody(decodeBanComplaint, bytes);
    const { room, banned, found } = complaint;
    const evidence = await this.#evidence(complaint);
    if (!evidence.isBanned) throw refused('wrongComplaint', 'banned');
    const first = personBehind(evidence.bannedLeaves, evidence, banned.linkKey);
    if (first === undefined) throw refused('wrongComplaint', 'banned');
    const second = personBehind(evidence.foundLeaves, evidence, found.linkKey);
    if (second === undefined) throw refused('wrongComplaint', 'found');
    if (first !== second || banned.pseudonym === found.pseudonym) {
      throw refused('wrongComplaint', 'person');
    }
    let before: LedgerRow | undefined;
    return this.#hub.directory.accounts.run({
      prepare: async (rows) => {
        before = await readLedger(rows, room, banned.pseudonym);
      },
      decide: () => {
        if (before === undefined || before.receipt.length === 0) {
          throw refused('wrongComplaint', 'ledger');
        }
        if (BigInt(evidence.lastDeed) <= before.receiptAt) {
          throw refused('wrongComplaint', 'notSinceReceipt');
        }
        const row: LedgerRow = { ...before, state: 'broken', complaints: before.complaints + 1 };
        const key = enterpriseRows.ledger(room, banned.pseudonym);
        return { answer: row, rows: [{ key, value: encodeLedgerRow(row) }] };
      },
    });
  }

  /** All entries. */
  async entries(): Promise<LedgerRow[]> {
    const rows = await this.#hub.store.range(ACCOUNTS_SHARD, rangeOf(prefixes.ledger()));
    return rows.map(({ value }) => decodeLedgerRow(value));
  }

  #evidence({ room: uri, banned, found }: BanComplaint): Promise<Evidence> {
    return this.#inRoom(uri, async (room, rows) => {
      const { view, sight, mode } = room;
      if (view === undefined || sight.kind !== 'followed' || !mode.credentials.hidesIdentities) {
        throw refused('wrongComplaint', 'found');
      }
      const kept = await rows.get(roomRows.bannedLeaves(uri, banned.pseudonym));
      return {
        bannedLeaves: kept === undefined ? [] : decodeBannedLeaves(kept),
        foundLeaves: sight.group
          .members()
          .filter(({ leafIndex }) => view.roster.get(leafIndex)?.user === found.pseudonym)
          .map(({ credential, signatureKey }) => ({ credential: credential.bytes, signatureKey })),
        isBanned: roleOf(view.state, banned.pseudonym) === BANNED_ROLE,
        suite: sight.group.suite,
        lastDeed: await this.#lastDeed(room, rows, found.pseudonym),
      };
    });
  }

  /** When the hub last accepted something that a user of the room sent, among the last events of the room. */
  async #lastDeed(room: HubRoom, rows: ShardReader, user: UserUri): Promise<number> {
    const { store, directory, limits } = this.#hub;
    const shard = directory.shardOf(room.uri).name;
    const oldest = Math.max(1, room.seq - limits.complaintEvents + 1);
    for (let seq = room.seq; seq >= oldest; seq--) {
      const row = await rows.get(roomRows.event(room.uri, seq));
      if (row === undefined) continue;
      const { position } = decodeEventIndex(row);
      const record = await readRecord(store, shard, position);
      if (record.from === user) return record.acceptedAt;
    }
    return 0;
  }

  async #inRoom<Answer>(
    uri: RoomUri,
    ask: (room: HubRoom, rows: ShardReader) => Promise<Answer>,
  ): Promise<Answer> {
    const { directory, domain } = this.#hub;
    if (domainOf(uri) !== domain) throw new ProviderError('notHub');
    let answer: Answer;
    return directory.shardOf(uri).run({
      owner: uri,
      prepare: async (rows) => {
        answer = await ask(await directory.hubRoom(uri), rows);
      },
      decide: () => ({ answer }),
    });
  }
}

async function readLedger(
  rows: ShardReader,
  room: RoomUri,
  pseudonym: UserUri,
): Promise<LedgerRow | undefined> {
  const row = await rows.get(enterpriseRows.ledger(room, pseudonym));
  return row === undefined ? undefined : decodeLedgerRow(row);
}

/** The user to whom one of the leaves opens with this key. */
function personBehind(
  leaves: readonly BannedLeaf[],
  { suite }: Evidence,
  linkKey: Uint8Array,
): UserUri | undefined {
  for (const { credential, signatureKey } of leaves) {
    try {
      return openLink({ suite, credential, leafSignatureKey: signatureKey, linkKey }).user;
    } catch (error) {
      if (!(error instanceof PrivacyError) || error.kind === 'bug') throw error;
    }
  }
  return undefined;
}

function refused(
  code: 'wrongNotice' | 'wrongReceipt' | 'wrongComplaint',
  rule: string,
  cause?: unknown,
): ProviderError {
  return new ProviderError(code, undefined, { cause, details: { rule } });
}

// Bans enforced on the person: the hub bans a pseudonym, and the provider that knows whose it is refuses that user's devices
// for the room, whatever they call themselves there. docs/modes/deployments.md, "Bans".

import { hash } from '../../mls/index.ts';
import { PrivacyError } from '../../privacy/index.ts';
import { checkNotice, signReceipt } from '../../privacy/parts/statements.ts';
import {
  type BanNotice,
  decodeBanNotice,
  domainOf,
  encodeBanReceipt,
  type RoomUri,
  type UserUri,
} from '../../wire/index.ts';
import { decodeBody } from '../body.ts';
import { sameBytes } from '../bytes.ts';
import { ACCOUNTS_SHARD } from '../directory.ts';
import { ProviderError } from '../errors.ts';
import type { AuditHead } from '../records/audit_entry.ts';
import {
  decodePersonBanRow,
  encodePersonBanRow,
  type OwnerRow,
  type PersonBanRow,
} from '../records/enterprise_rows.ts';
import { enterpriseRows, prefixes, rangeOf } from '../rows.ts';
import type { Store, StoreRow } from '../store.ts';
import { auditRows, readAuditHead } from './audit.ts';
import type { EnterpriseContext } from './context.ts';
import { readOwner } from './pseudonym_map.ts';

const WHY = 'notice of the hub';

/** What the rows say of a notice. */
interface Found {
  readonly head: AuditHead;
  readonly owner: OwnerRow | undefined;
  readonly before: PersonBanRow | undefined;
}

type Outcome = { readonly row: PersonBanRow } | { readonly refused: ProviderError };

/** The bans that this provider enforces. */
export class PersonBans {
  readonly #context: EnterpriseContext;
  /** The pseudonyms for which a user is banned, by user and room. */
  readonly #banned: Map<string, Set<string>>;

  private constructor(context: EnterpriseContext, banned: Map<string, Set<string>>) {
    this.#context = context;
    this.#banned = banned;
  }

  /** Reads what is enforced. */
  static async open(store: Store, context: EnterpriseContext): Promise<PersonBans> {
    const rows = await store.range(ACCOUNTS_SHARD, rangeOf(prefixes.personBans()));
    const bans = new PersonBans(context, new Map());
    for (const { value } of rows) bans.#hold(decodePersonBanRow(value));
    return bans;
  }

  /** @throws ProviderError `bannedHere`. */
  requireNotBanned(user: UserUri, room: string): void {
    if (this.#banned.has(placeOf(user, room))) throw new ProviderError('bannedHere');
  }

  /**
   * Does what a BanNotice asks, and gives the BanReceipt; a notice that comes again gets it again.
   * @throws ProviderError `badRequest`, `wrongNotice`, `unknownPseudonym`, `unknownPeer`, `peer…`.
   */
  async enforce(bytes: Uint8Array): Promise<Uint8Array> {
    const { domain, clock, keys, directory } = this.#context;
    const notice = decodeBody(decodeBanNotice, bytes);
    await this.#checkOrigin(notice);
    const noticeHash = hash(1, bytes);
    let found: Found;
    const outcome = await directory.accounts.run({
      prepare: async (rows) => {
        const owner = await readOwner(rows, notice.pseudonym);
        const before = owner && (await rows.get(keyOf(owner.user, notice)));
        found = {
          head: await readAuditHead(rows),
          owner,
          before: before && decodePersonBanRow(before),
        };
      },
      decide: ({ now }): { answer: Outcome; rows: readonly StoreRow[] } => {
        const { owner, before, head } = found;
        if (before !== undefined && sameBytes(before.noticeHash, noticeHash)) {
          return { answer: { row: before }, rows: [] };
        }
        const refused = refusalOf(notice, found);
        const { rows } = auditRows(head, now, {
          kind: notice.banned ? 'ban' : 'unban',
          by: domainOf(notice.room),
          why: WHY,
          room: notice.room,
          pseudonym: notice.pseudonym,
          reference: noticeHash,
          outcome: refused?.code ?? 'done',
        });
        if (refused !== undefined || owner === undefined) {
          return { answer: { refused: refused ?? new ProviderError('unknownPseudonym') }, rows };
        }
        const { room, pseudonym, banned, at } = notice;
        const row: PersonBanRow = { user: owner.user, room, pseudonym, banned, at, noticeHash };
        const stored = { key: keyOf(owner.user, notice), value: encodePersonBanRow(row) };
        return { answer: { row }, rows: [...rows, stored] };
      },
    });
    if ('refused' in outcome) throw outcome.refused;
    this.#hold(outcome.row);
    const receipt = { provider: domain, noticeHash, at: BigInt(clock()) };
    return encodeBanReceipt(signReceipt(receipt, keys.ed25519.privateKey));
  }

  /** A notice is by the hub of its room, about one of our pseudonyms. */
  async #checkOrigin(notice: BanNotice): Promise<void> {
    const { domain, providerKeys } = this.#context;
    if (domainOf(notice.pseudonym) !== domain) throw wrongNotice('pseudonym');
    const hub = await providerKeys.of(domainOf(notice.room));
    try {
      checkNotice(notice, hub.ed25519);
    } catch (error) {
      if (error instanceof PrivacyError && error.code === 'badSignature') {
        throw wrongNotice('signature', error);
      }
      throw error;
    }
  }

  #hold({ user, room, pseudonym, banned }: PersonBanRow): void {
    const place = placeOf(user, room);
    const pseudonyms = this.#banned.get(place) ?? new Set();
    if (banned) pseudonyms.add(pseudonym);
    else pseudonyms.delete(pseudonym);
    if (pseudonyms.size > 0) this.#banned.set(place, pseudonyms);
    else this.#banned.delete(place);
  }
}

const placeOf = (user: string, room: string): string => `${user} ${room}`;

const keyOf = (user: UserUri, { room, pseudonym }: { room: RoomUri; pseudonym: UserUri }) =>
  enterpriseRows.personBan(user, room, pseudonym);

function refusalOf(notice: BanNotice, { owner, before }: Found): ProviderError | undefined {
  if (owner === undefined) return new ProviderError('unknownPseudonym');
  // Else who was banned could come back by an old word, or who is not be banned by one.
  if (before !== undefined && before.at >= notice.at) return wrongNotice('stale');
  return undefined;
}

function wrongNotice(rule: string, cause?: unknown): ProviderError {
  return new ProviderError('wrongNotice', undefined, { cause, details: { rule } });
}

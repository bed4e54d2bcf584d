// Whose a pseudonym is: noted when a device uploads a key package of it, enters a room by it, or declares it. Only break
// glass and bans read it, each with an entry in the audit log. docs/modes/deployments.md, "Enterprise".

import { MlsError } from '../../mls/index.ts';
import { PrivacyError } from '../../privacy/index.ts';
import { userPseudonym } from '../../privacy/parts/pseudonym.ts';
import { checkDeclaration } from '../../privacy/parts/statements.ts';
import type { PseudonymDeclaration, RoomUri, UserUri } from '../../wire/index.ts';
import type { AccountsContext } from '../accounts/devices.ts';
import { ACCOUNTS_SHARD } from '../directory.ts';
import { ProviderError } from '../errors.ts';
import { decodeOwnerRow, encodeOwnerRow, type OwnerRow } from '../records/enterprise_rows.ts';
import { enterpriseRows } from '../rows.ts';
import type { ShardReader } from '../shard.ts';
import type { StoreRow } from '../store.ts';
import { suiteOf } from '../suites.ts';

const encoder = new TextEncoder();

/** Whose a pseudonym is, read in a turn of the accounts' shard. */
export async function readOwner(
  rows: Pick<ShardReader, 'get'>,
  pseudonym: UserUri,
): Promise<OwnerRow | undefined> {
  const row = await rows.get(enterpriseRows.owner(pseudonym));
  return row === undefined ? undefined : decodeOwnerRow(row);
}

/**
 * The row by which a pseudonym becomes a user's; none where it says so already. The room is filled in when it comes to be
 * known. @throws ProviderError `pseudonymReused` where it is another user's.
 */
export function ownerRows(
  pseudonym: UserUri,
  before: OwnerRow | undefined,
  owner: OwnerRow,
  path?: string,
): StoreRow[] {
  if (before !== undefined && before.user !== owner.user) {
    throw new ProviderError('pseudonymReused', undefined, { details: { path } });
  }
  if (before !== undefined && (before.room !== '' || owner.room === '')) return [];
  const row = before === undefined ? owner : { ...before, room: owner.room };
  return [{ key: enterpriseRows.owner(pseudonym), value: encodeOwnerRow(row) }];
}

/** The map of an enterprise provider, as far as others may touch it: nothing here tells whose a pseudonym is. */
export class PseudonymMap {
  readonly #context: AccountsContext;

  constructor(context: AccountsContext) {
    this.#context = context;
  }

  /**
   * A user says by which pseudonym it enters a room.
   * @throws ProviderError `badRequest`, `pseudonymReused`.
   */
  async declare(user: UserUri, room: RoomUri, declaration: PseudonymDeclaration): Promise<void> {
    const suite = suiteOf(declaration.suite, '/cipher_suite');
    try {
      checkDeclaration({ user, room, suite }, declaration);
    } catch (cause) {
      const ours = cause instanceof PrivacyError || cause instanceof MlsError;
      if (!ours || cause.kind === 'bug') throw cause;
      const details = { path: '/signature', reason: cause.code };
      throw new ProviderError('badRequest', 'The declaration is not signed by its pseudonym.', {
        cause,
        details,
      });
    }
    const pseudonym = userPseudonym(this.#context.domain, declaration.pseudonymKey);
    await this.#note(user, pseudonym, room, 'declared', [
      { key: enterpriseRows.declared(user, room), value: encoder.encode(pseudonym) },
    ]);
  }

  /** A user enters a room by a pseudonym that this provider sees. @throws ProviderError `pseudonymReused`. */
  async noteSeen(user: UserUri, pseudonym: UserUri, room: RoomUri): Promise<void> {
    await this.#note(user, pseudonym, room, 'seen', []);
  }

  /** Whether a user has declared a pseudonym for a room. */
  async hasDeclared(user: UserUri, room: RoomUri): Promise<boolean> {
    const key = enterpriseRows.declared(user, room);
    return (await this.#context.store.get(ACCOUNTS_SHARD, key)) !== undefined;
  }

  async #note(
    user: UserUri,
    pseudonym: UserUri,
    room: RoomUri,
    source: OwnerRow['source'],
    more: readonly StoreRow[],
  ): Promise<void> {
    let before: OwnerRow | undefined;
    await this.#context.directory.accounts.run({
      prepare: async (rows) => {
        before = await readOwner(rows, pseudonym);
      },
      decide: ({ now }) => {
        const rows = ownerRows(pseudonym, before, { user, source, at: now, room });
        return { answer: undefined, rows: [...rows, ...more] };
      },
    });
  }
}

// Notes: what the devices of one user leave for each other at their provider, under keys and seals of their own.

import { encodeNoteValue, type Note, type UserUri } from '../../wire/index.ts';
import { ProviderError } from '../errors.ts';
import { decodeNoteCount, encodeNoteCount } from '../records/set_rows.ts';
import { hiddenRows } from '../rows.ts';
import type { StoreRow } from '../store.ts';
import type { HiddenAccountsContext } from './context.ts';

const KEY_BYTES = 32;

/** The notes of this provider's users. */
export class Notes {
  readonly #context: HiddenAccountsContext;

  constructor(context: HiddenAccountsContext) {
    this.#context = context;
  }

  /**
   * Reads a note, or writes it when a value is given; answers with a NoteValue of what is stored then.
   * @throws ProviderError `badRequest`, `tooLarge`, `tooManyNotes`.
   */
  async use(user: UserUri, { key, value }: Note): Promise<Uint8Array> {
    const { limits, directory } = this.#context;
    if (key.length !== KEY_BYTES) {
      throw new ProviderError('badRequest', `The key of a note has ${KEY_BYTES} bytes.`, {
        details: { path: '/key' },
      });
    }
    if (value !== undefined && value.length > limits.noteBytes) {
      const details = { limit: limits.noteBytes, path: '/value' };
      throw new ProviderError('tooLarge', undefined, { details });
    }
    const row = hiddenRows.note(user, key);
    let stored: Uint8Array | undefined;
    let count: number;
    return directory.accounts.run({
      prepare: async (reader) => {
        stored = await reader.get(row);
        const counted = await reader.get(hiddenRows.noteCount(user));
        count = counted === undefined ? 0 : decodeNoteCount(counted);
      },
      decide: () => {
        if (value === undefined) return { answer: encodeNoteValue(stored) };
        const rows: StoreRow[] = [{ key: row, value }];
        if (stored === undefined) {
          const limit = limits.notesPerUser;
          if (count >= limit) {
            throw new ProviderError('tooManyNotes', undefined, { details: { limit } });
          }
          rows.push({ key: hiddenRows.noteCount(user), value: encodeNoteCount(count + 1) });
        }
        return { answer: encodeNoteValue(value), rows };
      },
    });
  }
}

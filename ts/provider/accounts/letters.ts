// Letters: what somebody seals to a user, such as a request for a connection, waits here for each device of the user.
// The provider knows neither what they hold nor from whom they are.

import {
  type ClientUri,
  domainOf,
  encodeLetters,
  type Letter,
  type UserUri,
} from '../../wire/index.ts';
import { askPeer } from '../ask_peer.ts';
import { ProviderError } from '../errors.ts';
import { decodeLetterBoxRow, encodeLetterBoxRow, type LetterBoxRow } from '../records/set_rows.ts';
import { hiddenRows, lastPart, prefixes } from '../rows.ts';
import type { ShardReader } from '../shard.ts';
import type { StoreRow } from '../store.ts';
import type { HiddenAccountsContext } from './context.ts';

/** When a sender may try again, in milliseconds. */
const RETRY_MS = 60_000;

/** The letters to this provider's users, and the way to those of others. */
export class Letters {
  readonly #context: HiddenAccountsContext;

  constructor(context: HiddenAccountsContext) {
    this.#context = context;
  }

  /** A local device sends a letter to anybody. @throws ProviderError `mailboxFull`, `unknownPeer`, `peer…`. */
  async forDevice(user: UserUri, sealed: Uint8Array): Promise<void> {
    const { domain, peers } = this.#context;
    this.#requireSize(sealed);
    const to = domainOf(user);
    if (to === domain) return this.#deliver(user, sealed);
    const request = { domain: to, endpoint: 'letter', id: user, body: sealed } as const;
    await askPeer(peers, request, { 429: 'mailboxFull' });
  }

  /** Another provider brings a letter to one of our users. @throws ProviderError `notTarget`, `mailboxFull`. */
  async forPeer(user: UserUri, sealed: Uint8Array): Promise<void> {
    this.#requireSize(sealed);
    if (domainOf(user) !== this.#context.domain) throw new ProviderError('notTarget');
    await this.#deliver(user, sealed);
  }

  /** Deletes the letters of a client up to `done`, and gives those after it, the oldest first: not all at once. */
  async read(client: ClientUri, done: bigint): Promise<Uint8Array> {
    let letters: Letter[];
    let rows: StoreRow[];
    return this.#context.directory.accounts.run({
      prepare: async (reader) => {
        const box = await boxOf(reader, client);
        const upTo = done < BigInt(box.last) ? Math.max(box.done, Number(done)) : box.last;
        rows = acknowledge(client, box, upTo);
        letters = await this.#following(reader, client, { ...box, done: upTo });
      },
      decide: () => ({ answer: encodeLetters(letters), rows }),
    });
  }

  async #following(reader: ShardReader, client: ClientUri, box: LetterBoxRow): Promise<Letter[]> {
    const { lettersPerAnswer, syncBytes } = this.#context.limits;
    const letters: Letter[] = [];
    let bytes = 0;
    for (let number = box.done + 1; number <= box.last; number++) {
      const sealed = await reader.get(hiddenRows.letter(client, number));
      if (sealed === undefined) throw new ProviderError('corruptRecord');
      bytes += sealed.length;
      const full = letters.length >= lettersPerAnswer || (bytes > syncBytes && letters.length > 0);
      if (full) break;
      letters.push({ number: BigInt(number), sealed });
    }
    return letters;
  }

  /**
   * Puts a letter into the box of each client of the user. A letter to nobody is accepted, so that nobody learns who
   * exists. A client whose box is full goes without, as long as another has room: a lost device closes no mailbox.
   */
  async #deliver(user: UserUri, sealed: Uint8Array): Promise<void> {
    const limit = this.#context.limits.lettersPerClient;
    let boxes: { client: ClientUri; box: LetterBoxRow }[];
    await this.#context.directory.accounts.run({
      prepare: async (reader) => {
        const clients = await reader.under(prefixes.clientsOfUser(user));
        boxes = [];
        for (const { key } of clients) {
          const client = lastPart(key) as ClientUri;
          boxes.push({ client, box: await boxOf(reader, client) });
        }
      },
      decide: () => {
        const open = boxes.filter(({ box }) => box.last - box.done < limit);
        if (open.length === 0 && boxes.length > 0) {
          throw new ProviderError('mailboxFull', undefined, {
            details: { retryAfterMs: RETRY_MS },
          });
        }
        const rows = open.flatMap(({ client, box }) => {
          const last = box.last + 1;
          return [
            { key: hiddenRows.letter(client, last), value: sealed },
            { key: hiddenRows.letterBox(client), value: encodeLetterBoxRow({ ...box, last }) },
          ];
        });
        return { answer: undefined, rows };
      },
    });
  }

  #requireSize({ length }: Uint8Array): void {
    const limit = this.#context.limits.letterBytes;
    if (length > limit) throw new ProviderError('tooLarge', undefined, { details: { limit } });
    if (length === 0) throw new ProviderError('badRequest', 'A letter has at least one byte.');
  }
}

async function boxOf(reader: ShardReader, client: ClientUri): Promise<LetterBoxRow> {
  const row = await reader.get(hiddenRows.letterBox(client));
  return row === undefined ? { done: 0, last: 0 } : decodeLetterBoxRow(row);
}

function acknowledge(client: ClientUri, box: LetterBoxRow, done: number): StoreRow[] {
  if (done === box.done) return [];
  const rows: StoreRow[] = [
    { key: hiddenRows.letterBox(client), value: encodeLetterBoxRow({ ...box, done }) },
  ];
  for (let number = box.done + 1; number <= done; number++) {
    rows.push({ key: hiddenRows.letter(client, number), value: undefined });
  }
  return rows;
}

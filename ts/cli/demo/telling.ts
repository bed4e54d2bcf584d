// The demo's account for people: what happened, who saw what in each mode, how it ended.

import colors from 'picocolors';
import type { Play, StepRow } from './play.ts';
import { readingTable } from './reading_table.ts';
import { StepTable } from './step_table.ts';
import type { Story } from './story.ts';

/** A provider that takes part, and its role. */
export interface Party {
  readonly domain: string;
  readonly url: string;
  readonly role: string;
}

/** Lines of text, coloured where the terminal can. */
export class Telling {
  readonly #write: (text: string) => void;
  readonly #table: StepTable;

  constructor(stories: readonly Story[], write: (text: string) => void) {
    this.#write = write;
    this.#table = new StepTable(
      stories.map(({ mode }) => mode),
      stories.map(({ cast }) => cast),
    );
  }

  /** What is about to be played, and where. */
  open(modes: readonly string[], parties: readonly Party[]): void {
    const which = modes.length === 1 ? `in mode ${modes[0]}` : `in ${modes.length} privacy modes`;
    this.#line('');
    this.#line(bold(`A conversation across ${parties.length} providers, ${which}`));
    this.#line('');
    for (const { domain, url, role } of parties) {
      this.#line(`  ${domain}  ${role.padEnd(36)} ${dim(url)}`);
    }
    this.#line('');
    this.#line(
      '  What each provider has got of the room: kind and size; who sent it, as far as it was told;',
    );
    this.#line(
      '  who is named in it in the clear. A name such as ~3f2a is a pseudonym, by its first digits.',
    );
    this.#line('');
    this.#line(this.#table.head());
  }

  step(row: StepRow): void {
    this.#line(this.#table.row(row));
  }

  /** How it ended. */
  close(plays: readonly Play[], restarts: number): void {
    this.#line(this.#table.foot());
    this.#line('');
    if (plays.every(({ readings }) => readings === undefined)) return;
    this.#line(bold('  Who could read what'));
    this.#line(
      '  Counted from what they hold of the room after the last step. The follower is b.example, which Bob has left;',
    );
    this.#line(
      '  the own provider is c.example, Carol’s. Besides, each knows which of its own devices it serves the room to.',
    );
    this.#line(readingTable(plays));
    this.#line('');
    for (const { story, readings } of plays) {
      const { mode, sent, delivered } = story;
      const went = `${sent} messages sent, ${delivered} deliveries, each once and byte for byte`;
      const line = readings ? `${went}.` : 'failed';
      this.#line(`  ${bold(mode.padEnd(13))} ${line}`);
    }
    if (plays.every(({ readings }) => readings)) {
      this.#line(
        '  Who was in the room always knew the real sender. No message was lost, although the hub was',
      );
      this.#line(`  killed ${times(restarts)}.`);
    }
    this.#line('');
  }

  #line(text: string): void {
    this.#write(`${text}\n`);
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

const { bold, dim } = colors;

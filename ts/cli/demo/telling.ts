// The demo's account for people: what happened, who saw what, how long it took.

import colors from 'picocolors';
import type { Delivery, Step } from './story.ts';

/** Entries of one step that are told one by one; more are counted. */
const TOLD = 4;

/** Lines of text, coloured where the terminal can. */
export class Telling {
  readonly #write: (text: string) => void;
  #count = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** What is about to be played, and where. */
  open(hub: { domain: string; url: string }, follower: { domain: string; url: string }): void {
    this.#line('');
    this.#line(bold('A conversation across two providers, mode open'));
    this.#line('');
    this.#line(`  ${hub.domain}  the hub       ${dim(hub.url)}`);
    this.#line(`  ${follower.domain}  a follower  ${dim(follower.url)}`);
  }

  step({ name, ms, hubSaw, followerSaw }: Step, deliveries: readonly Delivery[]): void {
    this.#count += 1;
    this.#line('');
    this.#line(`${String(this.#count).padStart(3)}  ${bold(name)}  ${dim(`${ms} ms`)}`);
    for (const { name: message, from, bytes, to } of deliveries) {
      const what = `${from} sent ${message}, ${bytes} B`;
      this.#line(`     ${what.padEnd(38)} ${dim('to')} ${to.join(', ')}`);
    }
    this.#saw('the hub saw     ', hubSaw);
    this.#saw('the follower saw', followerSaw);
  }

  /** How it ended. */
  close(outcome: { sent: number; delivered: number; restarts: number }): void {
    const { sent, delivered, restarts } = outcome;
    this.#line('');
    this.#line(
      bold(`  ${sent} messages sent, ${delivered} deliveries, each once and byte for byte.`),
    );
    this.#line(
      `  The hub was killed ${times(restarts)}; nothing that it had acknowledged was lost.`,
    );
    this.#line('');
  }

  #saw(who: string, entries: readonly string[]): void {
    if (entries.length === 0) return;
    const told = entries.length <= TOLD ? entries : entries.slice(0, TOLD - 1);
    for (const [index, entry] of told.entries()) {
      this.#line(dim(`     ${index === 0 ? who : ' '.repeat(who.length)}  ${entry}`));
    }
    const rest = entries.length - told.length;
    if (rest > 0) this.#line(dim(`     ${' '.repeat(who.length)}  and ${rest} more`));
  }

  #line(text: string): void {
    this.#write(`${text}\n`);
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

const { bold, dim } = colors;

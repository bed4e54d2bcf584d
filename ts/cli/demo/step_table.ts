// The steps as a table that grows while they are played: a row a step, a column a mode, what the hub and the followers
// saw set side by side.

import Table from 'cli-table3';
import colors from 'picocolors';
import type { StepRow } from './play.ts';
import { type Cast, personIn, pseudonymIn, type SharedEntry, shared, shortUri } from './sight.ts';
import type { Step } from './story.ts';

/** Columns of the terminal that the tables fit into. */
const WIDTH = 120;
const LABEL_WIDTH = 13;
/** The widest that a mode's column gets where there is room. */
const MODE_WIDTH = 44;
/** How many names are told; more are counted. */
const NAMES = 3;

const { bold, dim } = colors;
/** Colours of a table's lines. */
export const BORDER = colors.isColorSupported ? ['gray'] : [];
/** A table that others go on below: nothing closes it. */
const OPEN_END = { bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' };
/** A table that goes on from one above. */
const GOES_ON = { top: '─', 'top-mid': '┴', 'top-left': '├', 'top-right': '┤' };

/** Makes the parts of the table. */
export class StepTable {
  readonly #modes: readonly string[];
  readonly #casts: readonly Cast[];
  readonly #widths: readonly number[];

  constructor(modes: readonly string[], casts: readonly Cast[]) {
    const borders = modes.length + 2;
    const fair = Math.floor((WIDTH - LABEL_WIDTH - borders) / modes.length);
    this.#modes = modes;
    this.#casts = casts;
    this.#widths = [LABEL_WIDTH, ...modes.map(() => Math.min(MODE_WIDTH, fair))];
  }

  /** The names of the modes. */
  head(): string {
    return this.#part([['', ...this.#modes.map((mode) => bold(mode))]], OPEN_END);
  }

  /** One step. */
  row({ number, name, steps }: StepRow): string {
    const times = steps.map((step) => (step === undefined ? '–' : String(step.ms))).join(', ');
    const title = `${String(number).padStart(2)}  ${bold(name)}  ${dim(`${times} ms`)}`;
    const saw = (cells: (step: Step, cast: Cast) => string) =>
      steps.map((step, index) =>
        step === undefined ? dim('failed') : cells(step, this.#casts[index] as Cast),
      );
    const rows = [
      ['the hub', ...saw(hubCell)],
      ['followers', ...saw(followersCell)],
    ];
    const told = rows.filter(([, ...cells]) => cells.some((cell) => cell !== NOTHING));
    const span = { content: title, colSpan: this.#modes.length + 1 };
    return this.#part([[span], ...told], { ...GOES_ON, ...OPEN_END });
  }

  /** The line that closes the table. */
  foot(): string {
    const line = this.#widths.map((width) => '─'.repeat(width)).join('┴');
    return dim(`└${line}┘`);
  }

  #part(rows: readonly Table.HorizontalTableRow[], chars: Record<string, string>): string {
    const table = new Table({
      chars,
      colWidths: [...this.#widths],
      wordWrap: true,
      style: { head: [], border: BORDER, compact: true },
    });
    table.push(...rows.map((row) => [...row]));
    return table.toString();
  }
}

const NOTHING = '–';

/** What the hub has got, and from whom. */
function hubCell({ hub }: Step, cast: Cast): string {
  const entries = shared([hub]);
  if (entries.length === 0) return NOTHING;
  const from = namesOf(
    entries.map(({ entry }) => entry.from),
    cast,
  );
  const kinds = runsOf(entries).map(kindOf);
  return [...kinds, dim(`by ${list(from)}`), namesCell(entries, cast)].join('\n');
}

/** What the followers have got: all of it from the hub, with an arrow where only some have. */
function followersCell({ followers }: Step, cast: Cast): string {
  const entries = shared(followers);
  if (entries.length === 0) return NOTHING;
  const kinds = runsOf(entries).map((run) => {
    const some = run.domains.length < followers.length;
    return some ? `${kindOf(run)} → ${run.domains.map(firstLabel).join(' ')}` : kindOf(run);
  });
  return [...kinds, namesCell(entries, cast)].join('\n');
}

/** Whom the entries name in the clear. */
function namesCell(entries: readonly SharedEntry[], cast: Cast): string {
  const named = namesOf(
    entries.flatMap(({ entry }) => entry.inClear),
    cast,
  );
  return named.length === 0 ? dim('names nobody') : `names ${list(named)}`;
}

interface Run {
  readonly what: string;
  readonly domains: readonly string[];
  count: number;
  bytes: number;
}

/** Entries of one kind that follow each other, as one. */
function runsOf(entries: readonly SharedEntry[]): Run[] {
  const runs: Run[] = [];
  for (const { entry, domains } of entries) {
    const last = runs.at(-1);
    if (last?.what === entry.what && last.domains.join() === domains.join()) {
      last.count += 1;
      last.bytes += entry.bytes;
    } else {
      runs.push({ what: entry.what, domains, count: 1, bytes: entry.bytes });
    }
  }
  return runs;
}

function kindOf({ what, count, bytes }: Run): string {
  const kind = count === 1 ? what : `${count} ${what}s`;
  if (bytes === 0) return kind;
  return bytes < 1000 ? `${kind}, ${bytes} B` : `${kind}, ${(bytes / 1000).toFixed(1)} kB`;
}

/** People by name, pseudonyms by their first digits, providers by their domain; each once. */
function namesOf(uris: readonly string[], cast: Cast): string[] {
  const names = uris.map((found) => {
    const person = personIn(found, cast);
    if (person !== undefined) return person;
    const pseudonym = pseudonymIn(found);
    return pseudonym === undefined ? shortUri(found) : `~${digitsOf(pseudonym).slice(0, 4)}`;
  });
  return [...new Set(names)];
}

function digitsOf(uri: string): string {
  return uri.slice(uri.lastIndexOf('/') + 1);
}

function firstLabel(domain: string): string {
  return domain.split('.')[0] ?? domain;
}

function list(names: readonly string[]): string {
  const told = names.length <= NAMES ? names : names.slice(0, NAMES - 1);
  const rest = names.length - told.length;
  return rest > 0 ? `${told.join(' ')} +${rest}` : told.join(' ');
}

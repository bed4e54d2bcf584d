// The closing table: who could read what of the room, counted from what each provider holds of it.

import Table from 'cli-table3';
import colors from 'picocolors';
import type { Play } from './play.ts';
import type { Knowledge } from './sight.ts';
import { BORDER } from './step_table.ts';
import type { Readings } from './watch.ts';

const LABEL_WIDTH = 11;
/** Of hub, follower and own provider. */
const WIDTHS = [6, 9, 9];
const PARTIES = ['hub', 'follower', 'own provider'];

const { bold } = colors;

interface Fact {
  readonly name: string;
  readonly cell: (knowledge: Knowledge, readings: Readings) => string;
}

const FACTS: readonly Fact[] = [
  {
    name: 'real user URIs in clear',
    cell: ({ realUsers }, { people }) => share(realUsers, people),
  },
  { name: 'pseudonyms', cell: ({ pseudonyms }) => (pseudonyms === 0 ? NONE : String(pseudonyms)) },
  { name: 'member list', cell: (knowledge, { members }) => share(knowledge.members, members) },
  { name: 'commit contents', cell: ({ readCommits, commits }) => share(readCommits, commits) },
];

const NONE = '–';

/** The table of the modes that were played to the end. */
export function readingTable(plays: readonly Play[]): string {
  const done = plays.flatMap(({ story: { mode }, readings }) =>
    readings === undefined ? [] : [{ mode, readings }],
  );
  const table = new Table({
    colWidths: [LABEL_WIDTH, ...done.flatMap(() => WIDTHS)],
    wordWrap: true,
    style: { head: [], border: BORDER, 'padding-right': 0 },
  });
  table.push(
    ['', ...done.map(({ mode }) => ({ content: bold(mode), colSpan: PARTIES.length }))],
    ['', ...done.flatMap(() => PARTIES)],
    ...FACTS.map(({ name, cell }) => [
      name,
      ...done.flatMap(({ readings }) => {
        const { hub, follower, own } = readings;
        return [hub, follower, own].map((knowledge) => cell(knowledge, readings));
      }),
    ]),
  );
  return table.toString();
}

function share(part: number, whole: number): string {
  return part === 0 ? NONE : `${part}/${whole}`;
}

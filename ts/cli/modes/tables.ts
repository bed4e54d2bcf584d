// The overhead on a terminal: for each size what each party sends and receives, and how long it works, mode by mode.

import Table from 'cli-table3';
import colors from 'picocolors';
import {
  BASE_MODE,
  bytesText,
  cpuText,
  type Report,
  type Row,
  ratioText,
  surroundingsText,
  verdictText,
} from '../../evidence/overhead/index.ts';
import { BORDER } from '../demo/step_table.ts';

const { bold, dim, green, red } = colors;
const STYLE = { head: [], border: BORDER, compact: true };

/** What of a row a table tells. */
interface Told {
  readonly title: string;
  readonly figure: (row: Row) => string;
  readonly ratio: (row: Row) => number | null;
}

const BYTES: Told = {
  title: 'bytes',
  figure: ({ bytes }) => bytesText(bytes),
  ratio: ({ relative }) => relative.bytes,
};
const CPU: Told = {
  title: 'processor time',
  figure: ({ cpuMicros }) => cpuText(cpuMicros),
  ratio: ({ relative }) => relative.cpu,
};

/** All of a report. */
export function overheadTables(report: Report): string {
  const sizes = [...new Set(report.rows.map(({ members }) => members))];
  return [
    ...sizes.flatMap((members) => [BYTES, CPU].map((told) => sizeTable(report, members, told))),
    barTable(report),
    surroundingsText(report),
    `Medians of ${report.repeats}, × as much as in ${BASE_MODE}. docs/overhead.md says what is counted.`,
    '',
  ].join('\n');
}

function sizeTable({ rows, modes }: Report, members: number, told: Told): string {
  const here = rows.filter((row) => row.members === members);
  const count = `${members.toLocaleString('en')} ${members === 1 ? 'member' : 'members'}`;
  const table = new Table({
    head: [bold(`${count}, ${told.title}`), '', ...modes.map((mode) => bold(mode))],
    colAligns: ['left', 'left', ...modes.map(() => 'right' as const)],
    style: STYLE,
  });
  for (const action of new Set(here.map((row) => row.action))) {
    const ofAction = here.filter((row) => row.action === action);
    for (const [index, party] of [...new Set(ofAction.map((row) => row.party))].entries()) {
      const cells = modes.map((mode) => {
        const row = ofAction.find((one) => one.mode === mode && one.party === party);
        return row === undefined ? '' : cellOf(row, told);
      });
      table.push([index === 0 ? action : '', party === 'all' ? bold(party) : party, ...cells]);
    }
  }
  return table.toString();
}

function cellOf(row: Row, { figure, ratio }: Told): string {
  const times = row.mode === BASE_MODE ? '' : ratioText(ratio(row)).padStart(7);
  return `${dim(figure(row))}${times}`;
}

function barTable({ bars }: Report): string {
  const table = new Table({
    head: ['bar', 'members', 'asked', 'measured', ''],
    colAligns: ['left', 'right', 'right', 'right', 'left'],
    style: STYLE,
  });
  for (const bar of bars) {
    const verdict = verdictText(bar);
    table.push([
      bar.name,
      bar.members.toLocaleString('en'),
      `≤ ${bar.limit.toFixed(2)}×`,
      ratioText(bar.value),
      bar.ok ? green(verdict) : red(verdict),
    ]);
  }
  return table.toString();
}

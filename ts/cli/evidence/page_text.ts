// A page on a terminal: its sections, and its tables as wide as the terminal.

import Table from 'cli-table3';
import colors from 'picocolors';
import { type Page, type PageTable, wrapped } from '../../evidence/page/index.ts';
import { BORDER } from '../demo/step_table.ts';

/** Columns where the terminal does not say. */
const WIDTH = 120;
/** The narrowest and the widest that a column gets. */
const LEAST = 8;
const FIRST = 16;

const { bold, red } = colors;

/** The page as text for a terminal of `width` columns. */
export function pageText({ title, paragraphs, sections }: Page, width = WIDTH): string {
  return [
    bold(title),
    ...paragraphs.map((text) => wrapped(text, width)),
    ...sections.flatMap((section) => [
      bold(section.title),
      ...section.paragraphs.map((text) => wrapped(text, width)),
      ...section.tables.map((table) => tableText(table, width)),
    ]),
  ]
    .join('\n\n')
    .concat('\n');
}

function tableText({ head, rows }: PageTable, width: number): string {
  const borders = head.length + 1;
  const first = Math.min(FIRST, Math.floor(width / head.length));
  const rest = Math.max(LEAST, Math.floor((width - first - borders) / (head.length - 1)));
  const table = new Table({
    head: head.map((text) => bold(text)),
    colWidths: head.map((_, column) => (column === 0 ? first : rest)),
    wordWrap: true,
    style: { head: [], border: BORDER, 'padding-right': 0 },
  });
  for (const row of rows) table.push(row.map((text) => (text.includes('✗') ? red(text) : text)));
  return table.toString();
}

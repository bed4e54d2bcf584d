// The account of an audit in Markdown: docs/visibility.md.

import type { Page, PageTable } from './page.ts';

/** Between lines of text, in characters. */
const LINE = 120;

/** Writes a page out; `notice` says in a comment where it comes from. */
export function markdownOf({ title, paragraphs, sections }: Page, notice: string): string {
  return [
    `# ${title}`,
    `<!-- ${notice} -->`,
    ...paragraphs.map(wrapped),
    ...sections.flatMap((section) => [
      `## ${section.title}`,
      ...section.paragraphs.map(wrapped),
      ...section.tables.map(tableText),
    ]),
  ]
    .join('\n\n')
    .concat('\n');
}

function tableText({ head, rows }: PageTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cellText).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

const cellText = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > LINE) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

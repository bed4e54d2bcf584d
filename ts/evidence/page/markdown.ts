// A page in Markdown.

import type { Page, PageTable } from './page.ts';
import { wrapped } from './wrapped.ts';

/** Writes a page out; `notice` says in a comment where it comes from. */
export function markdownOf({ title, paragraphs, sections }: Page, notice: string): string {
  return [
    `# ${title}`,
    `<!-- ${notice} -->`,
    ...paragraphs.map((text) => wrapped(text)),
    ...sections.flatMap((section) => [
      `## ${section.title}`,
      ...section.paragraphs.map((text) => wrapped(text)),
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

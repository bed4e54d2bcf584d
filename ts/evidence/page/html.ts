// A page in HTML that needs nothing else: no script, no font, no image.

import type { Page, PageTable } from './page.ts';

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 90rem; margin: 2rem auto; padding: 0 1rem; }
  h1, h2 { line-height: 1.2; }
  p { max-width: 50rem; }
  .table { overflow-x: auto; }
  table { border-collapse: collapse; margin: 1rem 0; font-size: 0.875rem; }
  th, td { border: 1px solid #8886; padding: 0.4rem 0.6rem; text-align: left; vertical-align: top; }
  th { background: #8882; }
  .verdict { font-weight: 600; }
  .wrong { background: #f003; }
`;

/** Writes a page out. */
export function htmlOf({ title, ok, paragraphs, sections }: Page): string {
  const body = [
    `<h1>${escaped(title)}</h1>`,
    `<p class="verdict">${ok ? 'ok' : 'not ok'}</p>`,
    ...paragraphs.map(paragraph),
    ...sections.flatMap((section) => [
      `<h2>${escaped(section.title)}</h2>`,
      ...section.paragraphs.map(paragraph),
      ...section.tables.map(tableOf),
    ]),
  ];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    ...body,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const paragraph = (text: string): string => `<p>${escaped(text)}</p>`;

function tableOf({ head, rows }: PageTable): string {
  const heads = head.map((text) => `<th scope="col">${escaped(text)}</th>`).join('');
  const lines = rows.map(([first = '', ...cells]) => {
    const data = cells.map((text) =>
      text.includes('✗') ? `<td class="wrong">${escaped(text)}</td>` : `<td>${escaped(text)}</td>`,
    );
    return `<tr><th scope="row">${escaped(first)}</th>${data.join('')}</tr>`;
  });
  return `<div class="table"><table>\n<thead><tr>${heads}</tr></thead>\n<tbody>\n${lines.join('\n')}\n</tbody>\n</table></div>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] as string);
}

// GFM-MIMI: GitHub Flavored Markdown without bare-URL autolinks and without raw HTML, which is shown as text.
// draft-ietf-mimi-content-08, "Specifics of Github Flavored Markdown in MIMI".

import { Marked, type Token, type Tokens } from 'marked';
import { type LinkView, targetOf, viewLink } from './links.ts';

export interface RenderedMarkdown {
  /** Safe to put into a page: no tag and no URL of it comes from the message but by these rules. */
  readonly html: string;
  /** The same without any mark-up. */
  readonly text: string;
  /** All links in their order, those that deceive with a warning. */
  readonly links: readonly LinkView[];
}

/** An HTML tag of GFM, section 6.10: open, closing, comment, processing instruction, declaration, CDATA. */
const htmlTag = /<(?=\/?[a-z][a-z0-9-]*(?:[\s/>]|$)|!--|\?|![a-z]|!\[CDATA\[)/gi;

const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** The parser: GitHub's, less what the format leaves out. */
function parser(): Marked {
  return new Marked({
    gfm: true,
    tokenizer: {
      // The autolink extension: bare URLs stay text.
      url: () => undefined,
    },
  });
}

/** Renders a message for display. Never throws: whatever it is, it is some Markdown. */
export function renderMarkdown(markdown: string): RenderedMarkdown {
  const links: LinkView[] = [];
  const marked = parser();
  marked.use({
    renderer: {
      html: ({ text }) => escapeHtml(text),
      link({ href, tokens }) {
        const shown = this.parser.parseInline(tokens);
        const view = viewLink(plainText(tokens), href);
        links.push(view);
        return anchor(shown, view);
      },
      image({ href, text }) {
        // A picture of another part of the message may be shown; one from elsewhere would tell its server who reads.
        if (/^cid:\d{1,5}@local\.invalid$/i.test(href)) {
          return `<img src="${escapeHtml(href)}" alt="${escapeHtml(text)}">`;
        }
        const view = viewLink(text, href);
        links.push(view);
        return anchor(escapeHtml(text || href), view);
      },
      checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    },
  });
  const html = marked.parse(markdown, { async: false });
  return { html, text: plainBlocks(marked.lexer(markdown)).trim(), links };
}

function anchor(shown: string, { target, warning }: LinkView): string {
  const url = targetOf(target);
  if (url === undefined) return shown;
  const flag = warning === undefined ? '' : ` data-warning="${warning}"`;
  return `<a href="${escapeHtml(url.href)}" rel="noopener noreferrer nofollow"${flag}>${shown}</a>`;
}

/** Inline tokens without mark-up. */
function plainText(tokens: readonly Token[] = []): string {
  return tokens
    .map((token) => {
      if (token.type === 'br') return '\n';
      if (token.type === 'html') return token.raw;
      const { tokens: inner, text } = token as Tokens.Generic;
      return inner === undefined ? unescapeEntities(String(text ?? '')) : plainText(inner);
    })
    .join('');
}

/** Blocks without mark-up: a line for each, a blank one between them. */
function plainBlocks(tokens: readonly Token[]): string {
  return tokens.map(plainBlock).join('');
}

function plainBlock(token: Token): string {
  switch (token.type) {
    case 'space':
      return '';
    case 'hr':
      return '———\n\n';
    case 'code':
    case 'html':
      return `${(token as Tokens.Code).text.trimEnd()}\n\n`;
    case 'list':
      return `${(token as Tokens.List).items.map(listItem(token as Tokens.List)).join('')}\n`;
    case 'blockquote':
      return `${quoted(plainBlocks((token as Tokens.Blockquote).tokens))}\n\n`;
    case 'table':
      return `${tableText(token as Tokens.Table)}\n\n`;
    default:
      return `${plainText([token])}\n\n`;
  }
}

const quoted = (text: string): string => text.trimEnd().replaceAll(/^/gm, '> ');

const listItem =
  ({ ordered, start }: Tokens.List) =>
  ({ task, checked, tokens }: Tokens.ListItem, index: number): string => {
    const mark = ordered ? `${Number(start) + index}.` : '•';
    const box = task ? (checked ? '☑ ' : '☐ ') : '';
    const text = plainBlocks(tokens.filter(({ type }) => type !== 'checkbox')).trim();
    return `${mark} ${box}${text.replaceAll('\n\n', '\n').replaceAll('\n', '\n  ')}\n`;
  };

const tableText = ({ header, rows }: Tokens.Table): string =>
  [header, ...rows]
    .map((cells) => cells.map((cell) => plainText(cell.tokens)).join(' | '))
    .join('\n');

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

const unescapeEntities = (text: string): string =>
  text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);

/**
 * Markdown of a user made ready to be sent: the `<` of each HTML tag becomes `&lt;`, so that it is text to every receiver.
 * Code keeps its own.
 */
export function escapeTags(markdown: string): string {
  let sent = '';
  let at = 0;
  const copyTo = (end: number): void => {
    sent += markdown.slice(at, end);
    at = end;
  };
  const visit = (tokens: readonly Token[]): void => {
    for (const token of tokens) {
      const { tokens: inner, items } = token as Tokens.Generic;
      if (token.type === 'table') visitTable(token as Tokens.Table);
      else if (items !== undefined) visit(items as Token[]);
      else if (inner !== undefined) visit(inner);
      else {
        const start = markdown.indexOf(token.raw, at);
        if (start < 0) continue;
        copyTo(start);
        at = start + token.raw.length;
        sent += token.type === 'html' ? token.raw.replaceAll(htmlTag, '&lt;') : token.raw;
      }
    }
  };
  const visitTable = ({ header, rows }: Tokens.Table): void => {
    for (const cell of [...header, ...rows.flat()]) visit(cell.tokens);
  };
  visit(parser().lexer(markdown));
  copyTo(markdown.length);
  return sent;
}

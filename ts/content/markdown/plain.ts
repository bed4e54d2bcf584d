// Markdown as plain text: what a reader sees of it, without mark-up.

import type { Token, Tokens } from 'marked';
import { decodeEntities } from './entities.ts';

/** Inline tokens without mark-up. */
export function plainInline(tokens: readonly Token[] = []): string {
  return tokens.map(plainToken).join('');
}

function plainToken(token: Token): string {
  const { type, raw, text, tokens } = token as Tokens.Generic;
  if (type === 'br') return '\n';
  if (tokens !== undefined && type !== 'image') return plainInline(tokens);
  // A tag is text; of text marked decodes some entities itself.
  if (type === 'html') return raw;
  if (type === 'text') return decodeEntities(raw);
  return type === 'image' ? decodeEntities(String(text)) : String(text ?? '');
}

/** Blocks without mark-up: a line for each, a blank one between them. */
export function plainBlocks(tokens: readonly Token[]): string {
  return tokens.map(plainBlock).join('');
}

function plainBlock(token: Token): string {
  switch (token.type) {
    case 'space':
    case 'def':
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
      return `${plainInline([token])}\n\n`;
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
    .map((cells) => cells.map((cell) => plainInline(cell.tokens)).join(' | '))
    .join('\n');

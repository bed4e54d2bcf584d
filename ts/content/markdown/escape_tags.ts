// The sender's side of GFM-MIMI: "the opening angle bracket of any HTML tag is replaced with `&lt;` before sending"
// (draft-ietf-mimi-content-08, "Specifics of Github Flavored Markdown in MIMI").

import type { Token, Tokens } from 'marked';
import { tokensOf } from './tokens.ts';

/** Where an HTML tag of GFM may begin, section 6.10: open, closing, comment, processing instruction, declaration, CDATA. */
const tagStart = /<(?=\/?[a-z]|[!?])/gi;
/** `[text](<target>)`, `[label]: <target>` and `<scheme:address>` are links and no tags. */
const linkTarget = /(?:\]\(\s*|\]:\s*)$/;
const autolink = /^<[a-z][a-z0-9+.-]{1,31}:[^\s<>]*>|^<[^\s<>@]+@[^\s<>@]+>/i;
/** Noncharacters, which no message needs, around the number of a bracket. */
const [OPEN, CLOSE] = ['\ufdd0', '\ufdd1'];
const marker = /\ufdd0(\d+)\ufdd1/g;

/**
 * Markdown of a user made ready to be sent: no tag of it is one to any receiver. Code keeps its own, but in texts that are
 * too long to be read as Markdown.
 */
export function escapeTags(markdown: string): string {
  try {
    // Marked brackets are text to the parser, as the escaped ones will be to the receivers'.
    const marked = markTags(markdown.replaceAll(/[\ufdd0\ufdd1]/g, '\ufffd'));
    const inCode = new Set<string>();
    for (const text of codeOf(tokensOf(marked))) {
      for (const [, number] of text.matchAll(marker)) inCode.add(number as string);
    }
    const sent = marked.replace(marker, (_, number: string) => (inCode.has(number) ? '<' : '&lt;'));
    if (!hasTags(tokensOf(sent))) return sent;
  } catch {
    // Not to be read.
  }
  return markdown.replace(tagStart, '&lt;');
}

function markTags(markdown: string): string {
  let count = 0;
  return markdown.replace(tagStart, (bracket, at: number) => {
    const isLink =
      linkTarget.test(markdown.slice(Math.max(0, at - 8), at)) ||
      autolink.test(markdown.slice(at, at + 1024));
    return isLink ? bracket : `${OPEN}${count++}${CLOSE}`;
  });
}

/** All tokens, whatever they are in. */
function* all(tokens: readonly Token[] = []): Generator<Token> {
  for (const token of tokens) {
    yield token;
    const { tokens: inner, items } = token as Tokens.Generic;
    yield* all(inner);
    yield* all(items);
    if (token.type === 'table') yield* all(cellsOf(token as Tokens.Table));
  }
}

const cellsOf = ({ header, rows }: Tokens.Table): Token[] =>
  [...header, ...rows.flat()].flatMap(({ tokens }) => tokens);

function* codeOf(tokens: readonly Token[]): Generator<string> {
  for (const { type, raw } of all(tokens)) if (type === 'code' || type === 'codespan') yield raw;
}

function hasTags(tokens: readonly Token[]): boolean {
  for (const { type } of all(tokens)) if (type === 'html') return true;
  return false;
}

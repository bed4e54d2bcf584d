// Reads GFM-MIMI: GitHub Flavored Markdown without the autolink extension (draft-ietf-mimi-content-08, "Specifics of
// Github Flavored Markdown in MIMI"), within bounds: what is nested more deeply, or a table larger, is text.

import { getDefaults, Lexer, type Token, Tokenizer, type Tokens } from 'marked';

/** The longest text that is read as Markdown, in UTF-16 units: some of marked's rules take time by its square. */
export const LONGEST = 32_768;
const MAX_NESTING = 24;
const MAX_CELLS = 10_000;

/** The blocks of a text. Throws RangeError where it is longer than `LONGEST`. */
export function tokensOf(markdown: string): Token[] {
  if (markdown.length > LONGEST) throw new RangeError('The text is too long for Markdown.');
  return new Lexer({ ...getDefaults(), tokenizer: new BoundedTokenizer() }).lex(markdown);
}

class BoundedTokenizer extends Tokenizer {
  #nesting = 0;

  #nested<Found>(read: () => Found | undefined): Found | undefined {
    if (this.#nesting >= MAX_NESTING) return undefined;
    this.#nesting += 1;
    const found = read();
    this.#nesting -= 1;
    return found;
  }

  override blockquote(src: string) {
    return this.#nested(() => super.blockquote(src));
  }

  override list(src: string) {
    return this.#nested(() => super.list(src));
  }

  override emStrong(...from: Parameters<Tokenizer['emStrong']>) {
    return this.#nested(() => super.emStrong(...from));
  }

  override del(...from: Parameters<Tokenizer['del']>) {
    return this.#nested(() => super.del(...from));
  }

  override link(src: string) {
    return this.#nested(() => super.link(src));
  }

  override reflink(...from: Parameters<Tokenizer['reflink']>) {
    return this.#nested(() => super.reflink(...from));
  }

  /** Rows are filled up to the width of the head, so that a short text can make a huge table. */
  override table(src: string) {
    return cellsOf(src) > MAX_CELLS ? undefined : super.table(src);
  }

  /** A tag is text, and changes nothing of how the text behind it is read. */
  override tag(src: string): Tokens.Tag | undefined {
    const token = super.tag(src);
    this.lexer.state.inLink = false;
    this.lexer.state.inRawBlock = false;
    return token;
  }

  /** The autolink extension: bare URLs stay text. */
  override url() {
    return undefined;
  }
}

/** At most how many cells a table that begins here has; 0 where none does. */
function cellsOf(src: string): number {
  const [head = '', delimiters = ''] = src.split('\n', 2);
  if (!/^[\s|:-]+$/.test(delimiters)) return 0;
  const end = src.indexOf('\n\n');
  const rows = (end < 0 ? src : src.slice(0, end)).split('\n').length;
  return rows * head.split('|').length;
}

// GFM-MIMI for display, as safe HTML and as plain text: raw HTML is shown as text, links that deceive are flagged.
// draft-ietf-mimi-content-08, "Specifics of Github Flavored Markdown in MIMI" and "Link and Mention handling".

import { Parser, Renderer, type Token, type Tokens } from 'marked';
import { decodeEntities, escapeHtml } from './entities.ts';
import { type LinkView, viewLink } from './links.ts';
import { plainBlocks, plainInline } from './plain.ts';
import { tokensOf } from './tokens.ts';

export { escapeTags } from './escape_tags.ts';

export interface RenderedMarkdown {
  /** Safe to put into a page: no tag and no URL of it comes from the message but by these rules. */
  readonly html: string;
  /** The same without any mark-up. */
  readonly text: string;
  /** All links that may be followed, in their order; those that deceive with a warning. */
  readonly links: readonly LinkView[];
}

/**
 * Renders a message for display. Never throws: what is longer than 32,768 UTF-16 units, or cannot be read, is shown as it
 * is written.
 */
export function renderMarkdown(markdown: string): RenderedMarkdown {
  try {
    const tokens = tokensOf(markdown);
    const renderer = new SafeRenderer();
    const html = Parser.parse(tokens, { renderer });
    return { html, text: plainBlocks(tokens).trim(), links: renderer.links };
  } catch {
    const html = `<p>${escapeHtml(markdown).replaceAll('\n', '<br>\n')}</p>\n`;
    return { html, text: markdown, links: [] };
  }
}

/** A picture of another part of the message; one from elsewhere would tell its server who reads. */
const partOfMessage = /^cid:\d{1,5}@local\.invalid$/i;

class SafeRenderer extends Renderer {
  readonly links: LinkView[] = [];
  #isInLink = false;

  override html({ text }: Tokens.HTML | Tokens.Tag): string {
    return escapeHtml(text);
  }

  override text(token: Tokens.Text | Tokens.Escape): string {
    if (token.type === 'escape') return escapeHtml(token.text);
    return token.tokens === undefined
      ? escapeHtml(decodeEntities(token.raw))
      : this.parser.parseInline(token.tokens);
  }

  override link({ href, tokens }: Tokens.Link): string {
    if (this.#isInLink) return this.parser.parseInline(tokens);
    this.#isInLink = true;
    const shown = this.parser.parseInline(tokens);
    this.#isInLink = false;
    return this.#anchor(shown, plainInline(tokens), href);
  }

  override image(token: Tokens.Image): string {
    const text = plainInline([token as Token]);
    const href = decodeEntities(token.href);
    if (partOfMessage.test(href)) {
      return `<img src="${escapeHtml(href)}" alt="${escapeHtml(text)}">`;
    }
    const shown = text || href;
    return this.#isInLink ? escapeHtml(shown) : this.#anchor(escapeHtml(shown), shown, token.href);
  }

  override checkbox({ checked }: Tokens.Checkbox): string {
    return checked ? '☑ ' : '☐ ';
  }

  #anchor(shown: string, text: string, href: string): string {
    const link = viewLink(text, decodeEntities(href));
    if (link === undefined) return shown;
    this.links.push(link);
    const flag = link.warning === undefined ? '' : ` data-warning="${link.warning}"`;
    return `<a href="${escapeHtml(link.target)}" rel="noopener noreferrer nofollow"${flag}>${shown}</a>`;
  }
}

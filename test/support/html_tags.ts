// The tags of an HTML text, as a browser's tokenizer sees them: a scanner for tests, which knows nothing of what made them.

export interface FoundTag {
  /** In lower case; `/name` for a closing one, and `!` for a comment or declaration. */
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

const attribute = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;

/** In their order. Throws for a tag that does not end. */
export function tagsIn(html: string): FoundTag[] {
  const tags: FoundTag[] = [];
  let at = 0;
  for (;;) {
    at = html.indexOf('<', at);
    if (at < 0) return tags;
    const name = /^<(\/?[a-z][^\s/>]*|[!?])/i.exec(html.slice(at, at + 64))?.[1];
    if (name === undefined) {
      at += 1;
      continue;
    }
    const end = endOfTag(html, at);
    const inside = html.slice(at + 1 + name.length, end);
    tags.push({
      name: name.toLowerCase(),
      attributes: name.startsWith('/') ? [] : attributesIn(inside),
    });
    at = end + 1;
  }
}

/** Where the `>` is that is in no quotes. */
function endOfTag(html: string, start: number): number {
  let quote = '';
  for (let at = start; at < html.length; at += 1) {
    const character = html.charAt(at);
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return at;
  }
  throw new Error(`The tag at ${start} does not end: ${html.slice(start, start + 80)}`);
}

function attributesIn(text: string): [string, string][] {
  return Array.from(text.matchAll(attribute), ([, name = '', double, single, bare]) => [
    name.toLowerCase(),
    unescaped(double ?? single ?? bare ?? ''),
  ]);
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

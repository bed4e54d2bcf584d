// GFM-MIMI for display: draft-ietf-mimi-content-08, "Specifics of Github Flavored Markdown in MIMI" and "Link and Mention
// handling". The output is looked through by a scanner of tags that knows nothing of Markdown.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeTags, renderMarkdown } from '../../../ts/content/markdown/markdown.ts';
import { type FoundTag, tagsIn } from '../../support/html_tags.ts';

/** What may stand in rendered HTML: tags with their attributes. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'rel', 'data-warning'],
  img: ['src', 'alt'],
  code: ['class'],
  ol: ['start'],
  th: ['align'],
  td: ['align'],
  ...Object.fromEntries(
    'p br hr em strong del pre blockquote ul li h1 h2 h3 h4 h5 h6 table thead tbody tr'
      .split(' ')
      .map((name) => [name, []]),
  ),
};
const safeUrl = /^(?:https?|mailto|tel|im|mimi|cid):/;

function expectSafe(html: string): FoundTag[] {
  const tags = tagsIn(html);
  for (const { name, attributes } of tags) {
    expect(Object.keys(allowed), html).toContain(name.replace('/', ''));
    for (const [attribute, value] of attributes) {
      expect(allowed[name], html).toContain(attribute);
      if (attribute === 'href' || attribute === 'src') expect(value, html).toMatch(safeUrl);
    }
  }
  return tags;
}

const namesIn = (html: string): string[] => tagsIn(html).map(({ name }) => name);
const warningOf = (text: string, target: string) =>
  renderMarkdown(`[${text}](${target})`).links[0]?.warning;

describe('raw HTML', () => {
  const tags = [
    '<b>',
    '</b>',
    '<br/>',
    '<img src=x onerror=alert(1)>',
    '<a href="https://a.example">',
    '<script>alert(1)</script>',
    '<!-- comment -->',
    '<![CDATA[x]]>',
    '<?php x ?>',
    '<!DOCTYPE html>',
    '<svg/onload=alert(1)>',
    '<style>x</style>',
    '<pre>',
    '<textarea>',
  ];
  const places: [name: string, put: (tag: string) => string][] = [
    ['a line', (tag) => `a ${tag} b`],
    ['a block', (tag) => tag],
    ['a block of lines', (tag) => `${tag}\n*x*\n`],
    ['a list', (tag) => `- ${tag}\n- b`],
    ['a quote', (tag) => `> a ${tag}`],
    ['a table', (tag) => `|a|b|\n|-|-|\n|${tag}|b|`],
    ['a heading', (tag) => `# ${tag}`],
    ['a link', (tag) => `[a ${tag}](https://a.example)`],
    ['a picture', (tag) => `![a ${tag}](cid:1@local.invalid)`],
    ['strong text', (tag) => `**a ${tag} b**`],
  ];

  test.each(places)('in %s is shown as text', (_, put) => {
    for (const tag of tags) {
      const { html, text } = renderMarkdown(put(tag));
      expectSafe(html);
      const shown = html.replaceAll(/<[^>]*>/g, '');
      if (!put(tag).startsWith('!['))
        expect(shown, tag).toContain(
          tag
            .split(' ')[0]
            ?.replaceAll('<', '&lt;')
            .replaceAll('>', '&gt;')
            .replaceAll('"', '&quot;'),
        );
      if (!put(tag).startsWith('![')) expect(text).toContain(tag.split(' ')[0]);
    }
  });

  test('that begins a raw block lets nothing behind it through', () => {
    for (const tag of ['<code>', '<pre>', '<script>', '<kbd>', '<a>']) {
      expect(namesIn(renderMarkdown(`a ${tag} <img src=x onerror=alert(1) `).html)).toEqual([
        'p',
        '/p',
      ]);
    }
  });

  test('that is not finished is text', () => {
    for (const unfinished of ['<img src=x', 'a <b', '<!-- x', '<', '<3', 'a < b > c']) {
      expect(namesIn(renderMarkdown(`a ${unfinished}`).html)).toEqual(['p', '/p']);
    }
  });

  test('in code is code', () => {
    expect(renderMarkdown('`<b>`').html).toBe('<p><code>&lt;b&gt;</code></p>\n');
    expect(renderMarkdown('```"><b>\n<b>\n```').text).toBe('<b>');
    expectSafe(renderMarkdown('```"><script>\n<b>\n```').html);
  });

  test('as entities is what it says, and no tag', () => {
    expect(renderMarkdown('&lt;b&gt; &#60;i&#x3e; &copy; &nosuch; &amp;lt;').text).toBe(
      '<b> <i> © &nosuch; &lt;',
    );
    expect(namesIn(renderMarkdown('&lt;b&gt; &#60;i&#x3e; &#0; &#xd800;').html)).toEqual([
      'p',
      '/p',
    ]);
  });
});

describe('escapeTags', () => {
  test('makes every tag text, so that rendering shows the same', () => {
    for (const markdown of [
      'a <b>c</b>',
      '<div>\n*x*\n</div>',
      '> <div\n> a="b">x',
      '- <b>x\r\n- y',
      '|<b>|\n|-|\n|<i>|',
      '[a <b>](https://a.example)',
      '<!-- x -->',
      '<![CDATA[x]]>',
      '# <?x?>',
    ]) {
      const sent = escapeTags(markdown);
      expect(sent, markdown).not.toMatch(/<[a-z!?/]/i);
      const plain = (text: string) => text.replaceAll(/[\s*>•#|-]/g, '');
      expect(plain(renderMarkdown(sent).text), markdown).toBe(plain(renderMarkdown(markdown).text));
    }
  });

  test('leaves code alone', () => {
    for (const code of ['`<b>`', '```\n<b>\n```', '    <b>', '- a\n\n      <b>', '``<b> ` <i>``']) {
      expect(escapeTags(code)).toBe(code);
    }
    expect(escapeTags('<b>`<b>`')).toBe('&lt;b>`<b>`');
  });

  test('leaves links and all that is no tag alone', () => {
    for (const text of [
      '<https://a.example/x>',
      '<alice@a.example>',
      '[a](<https://a.example/b c>)',
      'a < b <3',
      '',
    ]) {
      expect(escapeTags(text)).toBe(text);
    }
  });

  test('escapes what only looks like the target of a link', () => {
    for (const markdown of ['](<b>x', ']: <b>x</b>', 'a](<script>)']) {
      expect(escapeTags(markdown)).not.toMatch(/<[a-z/]/);
    }
  });

  test('leaves no tag to any receiver, whatever it is given', () => {
    fc.assert(
      fc.property(hostile, (markdown) => {
        const before = markdown.replaceAll(/[\ufdd0\ufdd1]/g, '');
        expect(escapeTags(escapeTags(before))).toBe(escapeTags(before));
      }),
      { numRuns: 300 },
    );
  });
});

describe('links', () => {
  test('of schemes that run code or hold data are text, however they are written', () => {
    const targets = [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'javascript&#58;alert(1)',
      'javascript&colon;alert(1)',
      '&#106;avascript:alert(1)',
      'java&Tab;script:alert(1)',
      'java&#10;script:alert(1)',
      '&#1;javascript:alert(1)',
      '\u0001javascript:alert(1)',
      'data:text/html,<script>alert(1)</script>',
      'DATA:text/html;base64,PHNjcmlwdD4=',
      'vbscript:msgbox(1)',
      'file:///etc/passwd',
      'blob:https://a.example/1',
      '//a.example',
      '/x',
      '#x',
    ];
    for (const target of targets) {
      for (const markdown of [
        `[a](${target})`,
        `[a](<${target}>)`,
        `![a](${target})`,
        `[a]\n\n[a]: ${target}`,
        `<${target}>`,
      ]) {
        const { html, links } = renderMarkdown(markdown);
        expectSafe(html);
        expect(namesIn(html), markdown).not.toContain('a');
        expect(links).toEqual([]);
      }
    }
  });

  test('keep their targets, entities read', () => {
    expect(renderMarkdown('[a](https://a.example/?x=1&amp;y="2")').links[0]?.target).toBe(
      'https://a.example/?x=1&y=%222%22',
    );
    expect(renderMarkdown('[a](https://a.example/ "title")').html).toBe(
      '<p><a href="https://a.example/" rel="noopener noreferrer nofollow">a</a></p>\n',
    );
  });

  test('in angle brackets are links, bare URLs stay text', () => {
    expect(renderMarkdown('<https://a.example/>').links).toHaveLength(1);
    expect(renderMarkdown('https://a.example www.a.example alice@a.example').html).toBe(
      '<p>https://a.example www.a.example alice@a.example</p>\n',
    );
  });

  test('stand in no other link', () => {
    expect(
      namesIn(
        renderMarkdown('[a <https://b.example> ![c](https://c.example)](https://a.example)').html,
      ).filter((name) => name === 'a'),
    ).toEqual(['a']);
  });

  test('to users and rooms are mentions', () => {
    const of = (markdown: string) =>
      renderMarkdown(markdown).links.map(({ mention, target }) => [mention, target]);
    expect(of('<mimi://example.com/u/alice-smith> [@Alice](im:alice@example.com)')).toEqual([
      [true, 'mimi://example.com/u/alice-smith'],
      [true, 'im:alice@example.com'],
    ]);
    expect(of('[Alice](https://example.com)')).toEqual([[false, 'https://example.com/']]);
  });

  test('pictures are shown only where they are parts of the message', () => {
    expect(renderMarkdown('![a "b"](cid:5@local.invalid)').html).toBe(
      '<p><img src="cid:5@local.invalid" alt="a &quot;b&quot;"></p>\n',
    );
    for (const target of [
      'https://a.example/x.png',
      'cid:5@a.example',
      'cid:x@local.invalid',
      'data:image/png;base64,xx',
    ]) {
      expect(namesIn(renderMarkdown(`![a](${target})`).html)).not.toContain('img');
    }
  });
});

describe('a link whose text', () => {
  test.each([
    ['example.com/foobar', 'https://example.com/foobar'],
    ['https://example.com/foobar', 'https://example.com/foobar'],
    ['https://example.com:443/foobar', 'https://example.com/foobar'],
    ['HTTPS://Example.COM', 'https://example.com/'],
    ['https://example.com/', 'https://example.com'],
    ['**example.com**', 'https://example.com'],
    ['(example.com).', 'https://example.com'],
    ['example.com', 'http://example.com'],
    ['bücher.example', 'https://xn--bcher-kva.example'],
    ['москва.example', 'https://москва.example'],
    ['mimi://example.com/u/alice', 'mimi://example.com/u/alice'],
    ['click here', 'https://example.com'],
    ['our docs, e.g. for node.js', 'https://nodejs.example'],
    ['@AliceSmith', 'mimi://example.com/u/alice'],
  ])('is %s and leads to %s says where it leads', (text, target) => {
    expect(renderMarkdown(`[${text}](${target})`).links).toHaveLength(1);
    expect(warningOf(text, target)).toBeUndefined();
  });

  test.each([
    ['https://example.com/foobar', 'https://spearphishers.example/foobar'],
    ['example.com', 'https://evil.example'],
    ['www.bank.com', 'https://bank.com'],
    ['WWW.bank.com:443', 'https://evil.example'],
    ['see https://bank.com now', 'https://evil.example'],
    ['see www.bank.com now', 'https://evil.example'],
    ['“https://bank.com”', 'https://evil.example'],
    ['_https://bank.com_', 'https://evil.example'],
    ['`https://bank.com`', 'https://evil.example'],
    ['https&colon;//bank.com', 'https://evil.example'],
    ['https:\\\\\\\\bank.com', 'https://evil.example'],
    ['192.168.0.1', 'https://evil.example'],
    ['bank.com/a/', 'https://bank.com/a'],
    ['exam\u200bple.com', 'https://evil.example'],
    ['exa\u00admple.com', 'https://evil.example'],
    ['ｂａｎｋ．ｃｏｍ', 'https://evil.example'],
    ['\u202emoc.knab', 'https://evil.example'],
    ['раypal.com', 'https://раypal.com'],
    ['https://аррӏе.com', 'https://xn--80ak6aa92e.com'],
    ['https://bank.com@evil.example', 'https://bank.com@evil.example'],
    ['here', 'https://bank.com@evil.example'],
    ['https://bank.com', 'mimi://evil.example/u/eve'],
    ['![https://bank.com](cid:1@local.invalid)', 'https://evil.example'],
  ])('is %s and leads to %s is flagged', (text, target) => {
    expect(warningOf(text, target)).toBe('otherUrl');
    expect(renderMarkdown(`[${text}](${target})`).html).toContain('data-warning="otherUrl"');
  });

  test('shows https where http is linked is flagged as a downgrade', () => {
    expect(warningOf('https://example.com/foobar', 'http://example.com/foobar')).toBe('downgrade');
    expect(warningOf('https://example.com/foobar', 'http://example.org/foobar')).toBe('otherUrl');
  });
});

describe('plain text', () => {
  test('is what a reader sees, without mark-up', () => {
    const markdown =
      '# Tea\n\n*at* **four** ~~five~~ `<b>` [here](https://a.example)\n\n1. a\n2. b\n   - c\n\n- [x] d\n\n> e\n\n|f|g|\n|-|-|\n|h|i|\n\n---\n\n```js\nlet j;\n```';
    expect(renderMarkdown(markdown).text).toBe(
      'Tea\n\nat four five <b> here\n\n1. a\n2. b\n  • c\n\n• ☑ d\n\n> e\n\nf | g\nh | i\n\n———\n\nlet j;',
    );
  });
});

/** Pieces that HTML and Markdown are made of. */
const piece = fc.oneof(
  fc.constantFrom(
    '<',
    '>',
    '</',
    '/>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    '"',
    "'",
    '=',
    '&',
    ';',
    '`',
    '```',
    '*',
    '**',
    '_',
    '~~',
    '[',
    '](',
    ')',
    '![',
    '|',
    '\n',
    '\n\n',
    ' ',
    '    ',
    '- ',
    '1. ',
    '> ',
    '# ',
    '\\',
    '\u0000',
    ':',
  ),
  fc.constantFrom(
    'a',
    'img',
    'script',
    'pre',
    'code',
    'svg',
    'style',
    'onerror=alert(1)',
    'href',
    'src',
    'x',
  ),
  fc.constantFrom(
    '<img src=x onerror=alert(1)>',
    '<a href="javascript:x">',
    '<code>',
    '<script>',
    '</script>',
    '&lt;',
    '&#60;',
    '&#x3c;',
    '&quot;',
  ),
  fc.constantFrom(
    'javascript:alert(1)',
    'https://a.example',
    'data:text/html,x',
    'cid:1@local.invalid',
    'mimi://a.example/u/a',
    '[a]: ',
    '|-|-|',
  ),
);
const hostile = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));

describe('whatever the message is', () => {
  test('its HTML has no tag, attribute or URL but those that are allowed', () => {
    fc.assert(
      fc.property(hostile, (markdown) => {
        expectSafe(renderMarkdown(markdown).html);
      }),
      { numRuns: 5000 },
    );
  });

  test.each<[name: string, unit: string]>([
    ['brackets', '['],
    ['pictures', '!['],
    ['links', '[a]('],
    ['stars', '*'],
    ['emphasis', '**a*'],
    ['underscores', '_a'],
    ['quotes', '>'],
    ['lists', '- '],
    ['numbers', '1. '],
    ['backticks', '`'],
    ['backticks and letters', '`a'],
    ['tags', '<a '],
    ['comments', '<!--'],
    ['tildes', '~~a'],
    ['rules', '* '],
    ['references', '[a]: b\n'],
    ['paragraphs of quotes', '> a\nb\n\n'],
    ['items', '- a\n\n'],
  ])('%s without end take no time and never throw', (_, unit) => {
    for (const size of [32_000, 100_000]) {
      const markdown = unit.repeat(size / unit.length);
      const started = performance.now();
      expectSafe(renderMarkdown(`${markdown}a`).html);
      escapeTags(markdown);
      expect(performance.now() - started).toBeLessThan(6000);
    }
  });

  test('nested emphasis and wide tables take no time', () => {
    const started = performance.now();
    renderMarkdown(`${'*'.repeat(16_000)}a${'*'.repeat(16_000)}`);
    renderMarkdown(`${'|a'.repeat(4000)}|\n${'|-'.repeat(4000)}|\n${'a\n'.repeat(8000)}`);
    expect(performance.now() - started).toBeLessThan(6000);
  });

  test('what is longer than 32,768 characters is shown as it is written', () => {
    const markdown = `<b>*x*\n${'x'.repeat(32_768)}`;
    const { html, text, links } = renderMarkdown(markdown);
    expect(text).toBe(markdown);
    expect(html).toBe(`<p>&lt;b&gt;*x*<br>\n${'x'.repeat(32_768)}</p>\n`);
    expect(links).toEqual([]);
    expect(escapeTags(markdown)).toBe(markdown.replace('<', '&lt;'));
  });
});

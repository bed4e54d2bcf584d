// What the visibility audit writes: its pages, and that it tells which canaries were missed.

import { describe, expect, test } from 'vitest';
import { findCanaries, type Planted } from '../../../ts/evidence/audit/canaries.ts';
import { Needles } from '../../../ts/evidence/audit/needles.ts';
import type { Recorded } from '../../../ts/evidence/audit/tape.ts';
import { htmlOf, markdownOf, type Page } from '../../../ts/evidence/page/index.ts';

const wild = `<script>alert("a|b")</script> & 'so on'`;
const page: Page = {
  title: wild,
  ok: false,
  paragraphs: [wild],
  sections: [
    { title: wild, paragraphs: [wild], tables: [{ head: [wild, wild], rows: [[wild, wild]] }] },
  ],
};

describe('a page', () => {
  test('in HTML holds no markup but its own, and needs nothing else', () => {
    const html = htmlOf(page);
    expect(html).not.toContain('<script');
    expect(html).toContain(
      '&lt;script&gt;alert(&quot;a|b&quot;)&lt;/script&gt; &amp; &#39;so on&#39;',
    );
    expect(html).not.toMatch(/https?:|src=|@import/);
  });

  test('in Markdown keeps its cells apart', () => {
    const line = markdownOf(page, 'made by a test')
      .split('\n')
      .find((one) => one.startsWith('| '));
    expect(line?.replaceAll('\\|', '').split('|')).toHaveLength(4);
  });
});

test('a canary that is not where it was planted is missed, and named', () => {
  const needles = new Needles();
  needles.addText('display name', 'Bob Baumann');
  const item = (text: string): Recorded => ({
    party: 'a.example',
    window: 'canaries',
    place: 'log line',
    peer: undefined,
    what: '',
    at: 0,
    bytes: Buffer.from(text),
  });
  const planted: Planted[] = [0, 1, 2].map((at) => ({
    kind: 'display name',
    encoding: 'raw',
    place: 'log line',
    item: at,
  }));

  expect(findCanaries(planted, [item('by Bob Baumann'), item('by Bob')], needles)).toEqual({
    planted: 3,
    found: 1,
    missed: ['display name, raw, log line', 'display name, raw, log line'],
  });
});

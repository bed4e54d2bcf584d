// Which parts a receiver processes: draft-ietf-mimi-content-08, "Message Bodies".

import { describe, expect, test } from 'vitest';
import {
  chooseParts,
  Disposition,
  type ExternalPart,
  mediaTypes,
  numberParts,
  type PartDraft,
  type Preferences,
  part,
  type SinglePart,
} from '../../../ts/content/index.ts';

describe('parts', () => {
  const body = (draft: PartDraft) => numberParts(draft);
  const ranks: Readonly<Record<string, number>> = {
    'text/plain;charset=utf-8': 1,
    'text/markdown;variant=GFM-MIMI': 2,
    'text/html;charset=utf-8': 3,
    'image/gif': 1,
    'image/png': 2,
  };
  const preferences = (languages: readonly string[] = []): Preferences => ({
    rank: ({ contentType }: SinglePart | ExternalPart) => ranks[contentType] ?? 0,
    languages,
  });
  const chosen = (draft: PartDraft, languages?: readonly string[]) =>
    chooseParts(body(draft), preferences(languages)).map(({ part: { index }, uses }) => [
      index,
      uses.map(({ index: used }) => used),
    ]);
  const fancy = part.single('application/vnd.example', new Uint8Array());
  const image = (kind: 'gif' | 'png') => part.single(`image/${kind}`, new Uint8Array());

  test('chooseOne: the receiver picks exactly one part, by its own policy', () => {
    expect(
      chosen(part.multi('chooseOne', [part.text('a'), part.html('a'), part.markdown('a')])),
    ).toEqual([[2, []]]);
    expect(chosen(part.multi('chooseOne', [part.markdown('a'), fancy]))).toEqual([[1, []]]);
  });

  test('chooseOne: where all are the same to the receiver the order is a preference of the sender', () => {
    expect(chosen(part.multi('chooseOne', [part.text('a'), part.text('b')]))).toEqual([[1, []]]);
  });

  test('chooseOne: by language first, where `en` and `en-GB` serve each other', () => {
    const draft = part.multi('chooseOne', [
      part.html('a', { language: 'de' }),
      part.text('b', { language: 'fr,en' }),
      part.text('c'),
    ]);
    expect(chosen(draft, ['en-GB', 'de'])).toEqual([[2, []]]);
    expect(chosen(draft, ['de', 'en'])).toEqual([[1, []]]);
    // One of no language is better than one of a foreign language.
    expect(chosen(draft, ['ja'])).toEqual([[3, []]]);
  });

  test('chooseOne: a null part only where there is nothing else', () => {
    const foreign = part.text('a', { language: 'fr' });
    expect(chosen(part.multi('chooseOne', [part.nothing(), foreign]), ['en'])).toEqual([[2, []]]);
    expect(chosen(part.multi('chooseOne', [part.nothing(), fancy]))).toEqual([]);
  });

  test('singleUnit: a receiver that does not understand even one part processes none', () => {
    expect(chosen(part.multi('singleUnit', [part.text('a'), image('png')]))).toEqual([
      [1, []],
      [2, []],
    ]);
    expect(chosen(part.multi('singleUnit', [part.text('a'), fancy]))).toEqual([]);
  });

  test('processAll: as many as possible', () => {
    expect(chosen(part.multi('processAll', [fancy, part.text('a'), fancy]))).toEqual([[2, []]]);
    expect(chosen(part.multi('processAll', [fancy, fancy]))).toEqual([]);
  });

  test('the nested example: a choice of pictures, with a choice of languages in each', () => {
    const page = (language: string, cid: number) =>
      part.html(`<h1>Hi</h1><img src="cid:${cid}@local.invalid">`, { language });
    const draft = part.multi('chooseOne', [
      part.multi('processAll', [
        part.multi('chooseOne', [page('en', 5), page('fr', 5)]),
        image('gif'),
      ]),
      part.multi('processAll', [
        part.multi('chooseOne', [page('en', 10), page('fr', 10)]),
        image('png'),
      ]),
    ]);
    expect(chosen(draft, ['fr'])).toEqual([[9, [10]]]);
    expect(chosen(draft, ['en'])).toEqual([[8, [10]]]);
  });

  test('a part that another one has referenced is not processed again, whatever its disposition', () => {
    const inline = part.single('image/png', new Uint8Array(), { disposition: Disposition.inline });
    const page = part.html('<img src="cid:2@local.invalid"><img src="CID:2@local.invalid">');
    expect(chosen(part.multi('processAll', [page, inline, part.text('x')]))).toEqual([
      [1, [2]],
      [3, []],
    ]);
    // One that was processed before is handled twice.
    expect(
      chosen(part.multi('processAll', [inline, part.html('<img src="cid:1@local.invalid">')])),
    ).toEqual([
      [1, []],
      [2, [1]],
    ]);
  });

  test('a content id refers to a part with content, in textual parts only', () => {
    const text =
      'cid:0@local.invalid cid:1@local.invalid cid:9@local.invalid cid:2@elsewhere.invalid';
    expect(chosen(part.multi('processAll', [part.text(text), image('png')]))).toEqual([
      [1, []],
      [2, []],
    ]);
    const binary = part.single('image/png', new TextEncoder().encode('cid:2@local.invalid'));
    expect(chosen(part.multi('processAll', [binary, image('png')]))).toEqual([
      [1, []],
      [2, []],
    ]);
  });

  test('an external part is chosen as others are', () => {
    const external = part.external({ url: 'https://a.example/x', contentType: 'image/png' });
    expect(chosen(part.multi('chooseOne', [image('gif'), external]))).toEqual([[2, []]]);
    expect(mediaTypes.plainText in ranks).toBe(true);
  });
});

// The builders: each makes what it says, in both profiles, and what no receiver may take is refused when it is made or
// encoded. draft-ietf-mimi-content, "Examples".

import { describe, expect, test } from 'vitest';
import {
  type CborValue,
  Composer,
  type ComposerOptions,
  ContentError,
  Disposition,
  decodeContent,
  encodeContent,
  extensionBytes,
  extensionsOf,
  extensionText,
  type MimiContent,
  mediaTypes,
  mention,
  mentionHtml,
  type NestedPart,
  namedRoom,
  namedSender,
  numberParts,
  type PartDraft,
  type Profile,
  part,
  partsOf,
  SUBJECT_KEY,
  Tagged,
} from '../../../ts/content/index.ts';
import { renderMarkdown } from '../../../ts/content/markdown/markdown.ts';
import { alice, idOf } from '../../support/conversation_events.ts';

const room = 'mimi://a.example/r/tea';
const container = Uint8Array.of(1, 2, 3);
const original = { id: idOf(1), container };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const composerOf = (profile: Profile, options: Partial<ComposerOptions> = {}) =>
  new Composer({ profile, sender: alice, room, ...options });

/** The message as a receiver has it. */
function sent(content: MimiContent): MimiContent {
  const received = decodeContent(encodeContent(content), { profile: content.profile });
  expect(encodeContent(received)).toEqual(encodeContent(content));
  return received;
}

const said = (part: NestedPart): string =>
  part.kind === 'single' ? text(part.content) : part.kind;

/** What a refused message says, with the rule and path. */
function refusal(make: () => unknown): [code: string, rule: unknown, path: unknown] {
  let caught: unknown;
  try {
    make();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(ContentError);
  const { code, details, message, kind } = caught as ContentError;
  expect(kind).toBe('caller');
  expect(message).toMatch(/^\S.{15,}\.$/s);
  return [code, details.rule, details.path];
}

const lone = 'half \ud800';

describe.each(['draft04', 'draft08'] as const)('%s', (profile) => {
  const composer = composerOf(profile);

  test('text is plain text', () => {
    const { body, replaces, inReplyTo, expires, topicId } = sent(composer.text('Hello'));
    expect(body).toMatchObject({
      kind: 'single',
      contentType: mediaTypes.plainText,
      disposition: Disposition.render,
      index: 0,
    });
    expect(said(body)).toBe('Hello');
    expect([replaces, inReplyTo, expires, topicId.length]).toEqual([
      undefined,
      undefined,
      undefined,
      0,
    ]);
  });

  test('a string is rich text of the profile', () => {
    const type = profile === 'draft04' ? mediaTypes.githubMarkdown : mediaTypes.markdown;
    for (const content of [composer.markdown('*Hello*'), composer.message('*Hello*')]) {
      expect(sent(content).body).toMatchObject({ contentType: type });
    }
  });

  test('a reply refers to the message that it answers', () => {
    const { inReplyTo } = sent(composer.reply(original, 'Yes'));
    expect(inReplyTo?.messageId).toEqual(original.id);
    expect(inReplyTo?.hash?.length).toBe(profile === 'draft04' ? 32 : undefined);
  });

  test('a reaction has the disposition of one, several are parts that are all processed', () => {
    expect(sent(composer.react(original, '❤')).body).toMatchObject({
      kind: 'single',
      disposition: Disposition.reaction,
    });
    const { body } = sent(composer.react(original, ['❤', '🥳']));
    expect(body).toMatchObject({
      kind: 'multi',
      semantics: 'processAll',
      disposition: Disposition.reaction,
    });
    expect([...partsOf(body)].map(said)).toEqual(['multi', '❤', '🥳']);
  });

  test('no reaction is none', () => {
    expect(refusal(() => composer.react(original, []))[0]).toBe('invalidArgument');
  });

  test('unlike, edit and delete replace a message', () => {
    const messages = [
      composer.unlike(idOf(2), original),
      composer.edit(idOf(2), 'x'),
      composer.delete(idOf(2)),
    ];
    expect(messages.map((content) => sent(content).replaces)).toEqual([idOf(2), idOf(2), idOf(2)]);
    expect(messages.map(({ body }) => body.kind)).toEqual(['null', 'single', 'null']);
    expect(messages[0]?.body.disposition).toBe(Disposition.reaction);
  });

  test('a conference is a part of the session disposition', () => {
    const content = composer.conference({ url: 'https://meet.example/1', description: 'Stand-up' });
    expect(sent(content).body).toMatchObject({
      kind: 'external',
      url: 'https://meet.example/1',
      disposition: Disposition.session,
    });
  });

  test('an attachment is an external part', () => {
    const body = part.external({
      url: 'https://a.example/x',
      contentType: 'video/mp4',
      size: 2n ** 60n,
      encAlg: 1,
      key: new Uint8Array(16),
    });
    expect(sent(composer.message(body)).body).toMatchObject({
      size: 2n ** 60n,
      disposition: Disposition.attachment,
    });
  });

  test.each(['chooseOne', 'singleUnit', 'processAll'] as const)(
    'parts that are %s are numbered depth first',
    (semantics) => {
      const inner = part.multi('chooseOne', [part.text('a', { language: 'en' }), part.html('b')]);
      const { body } = sent(
        composer.message(part.multi(semantics, [inner, part.nothing(), part.text('c')])),
      );
      expect([...partsOf(body)].map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
      expect([...partsOf(body)].map(({ kind }) => kind)).toEqual([
        'multi',
        'multi',
        'single',
        'single',
        'null',
        'single',
      ]);
    },
  );

  test('topic, expiry and subject are what they were given', () => {
    const at = Date.UTC(2026, 5, 1);
    const { topicId, expires, extensions } = sent(
      composer.text('x', { topicId: container, expires: { at: at + 999 }, subject: 'Tea 茶' }),
    );
    expect(topicId).toEqual(container);
    expect(expires).toEqual({ relative: false, seconds: at / 1000 });
    const subject =
      profile === 'draft08'
        ? extensionText(extensions, SUBJECT_KEY)
        : text(extensionBytes(extensions, SUBJECT_KEY) as Uint8Array);
    expect(subject).toBe('Tea 茶');
  });

  test('half of a surrogate pair is refused wherever a text may stand', () => {
    const refused = (rule: string, path: string) => ['unencodable', rule, path];
    const external = (changed: object) => () =>
      encodeContent(composer.message(part.external({ url: '', ...changed })));
    for (const make of [part.text, part.markdown, part.html]) {
      expect(refusal(() => make(lone)).slice(0, 2)).toEqual(['unencodable', 'C3']);
    }
    expect(refusal(() => composer.markdown(lone)).slice(0, 2)).toEqual(['unencodable', 'C3']);
    expect(
      refusal(() => encodeContent(composer.message(part.text('x', { language: lone })))),
    ).toEqual(refused('C3', '/6/language'));
    expect(refusal(() => encodeContent(composer.message(part.single(lone, container))))).toEqual(
      refused('C3', '/6/contentType'),
    );
    expect(refusal(external({ url: lone }))).toEqual(refused('C3', '/6/url'));
    expect(refusal(external({ description: lone }))).toEqual(refused('C3', '/6/description'));
    expect(refusal(() => composer.text('x', { subject: lone }))[0]).toBe('unencodable');
    expect(refusal(() => extensionsOf(profile, [[lone, container]]))[0]).toBe('unencodable');
  });

  test('numbers out of range are refused', () => {
    const external = (changed: object) => () =>
      encodeContent(composer.message(part.external({ url: '', ...changed })));
    const cases: [name: string, values: (number | bigint)[]][] = [
      ['expires', [-1, 2 ** 32, 0.5, Number.NaN]],
      ['size', [-1, 2 ** 53, 2n ** 64n, -1n, Number.POSITIVE_INFINITY]],
      ['encAlg', [-1, 65_536]],
      ['hashAlg', [-1, 256]],
      ['disposition', [-1, 256, 1.5]],
    ];
    for (const [name, values] of cases) {
      for (const value of values) {
        expect(refusal(external({ [name]: value })), `${name} ${value}`).toEqual([
          'unencodable',
          'C1',
          `/6/${name}`,
        ]);
      }
    }
    const expiring = (expires: { at: number }) => () =>
      encodeContent(composer.text('x', { expires }));
    for (const at of [-1, Number.NaN, 2 ** 32 * 1000])
      expect(refusal(expiring({ at }))[0]).toBe('unencodable');
  });

  test('parts that are too deep or too many are refused, however deep', () => {
    const nested = (levels: number): PartDraft => {
      let draft: PartDraft = part.nothing();
      for (let level = 1; level < levels; level += 1)
        draft = part.multi('processAll', [draft, part.nothing()]);
      return draft;
    };
    expect(sent(composer.message(nested(4))).body.kind).toBe('multi');
    for (const levels of [5, 100_000]) {
      expect(refusal(() => encodeContent(composer.message(nested(levels))))).toEqual([
        'unencodable',
        'C4',
        '/6',
      ]);
    }
    const wide = (count: number) =>
      part.multi(
        'processAll',
        Array.from({ length: count }, () => part.nothing()),
      );
    expect([...partsOf(sent(composer.message(wide(1023))).body)]).toHaveLength(1024);
    expect(refusal(() => encodeContent(composer.message(wide(1024))))).toEqual([
      'unencodable',
      'C5',
      '/6/1023',
    ]);
    expect(refusal(() => encodeContent(composer.message(wide(1))))).toEqual([
      'unencodable',
      'C1',
      '/6/parts',
    ]);
  });

  test('ids and topics of a wrong length are refused', () => {
    for (const make of [
      () => composer.edit(new Uint8Array(31), 'x'),
      () => composer.reply({ id: new Uint8Array(33), container }, 'x'),
    ]) {
      expect(refusal(() => encodeContent(make())).slice(0, 2)).toEqual(['unencodable', 'C1']);
    }
    expect(
      refusal(() => encodeContent(composer.text('x', { topicId: new Uint8Array(4097) }))).slice(
        0,
        2,
      ),
    ).toEqual(['unencodable', 'C5']);
  });
});

describe('draft08', () => {
  const composer = composerOf('draft08');

  test('a message names its sender and room', () => {
    const { extensions } = sent(composer.text('x'));
    expect([namedSender(extensions), namedRoom(extensions)]).toEqual([alice, room]);
  });

  test('each message has a salt of its own', () => {
    const salts = [composer.text('x'), composer.text('x')].map(({ salt }) =>
      Buffer.from(salt ?? []).toString('hex'),
    );
    expect(salts.map(({ length }) => length)).toEqual([32, 32]);
    expect(salts[0]).not.toBe(salts[1]);
  });

  test('a salt of a wrong length is refused', () => {
    for (const length of [0, 15, 17]) {
      expect(
        refusal(() => encodeContent(composer.text('x', { salt: new Uint8Array(length) }))),
      ).toEqual(['unencodable', 'C1', '/0']);
    }
  });

  test('an expiry may run from reading', () => {
    expect(sent(composer.text('x', { expires: { afterReading: 60 } })).expires).toEqual({
      relative: true,
      seconds: 60,
    });
  });

  test('ids of another hash than SHA-256 are refused', () => {
    expect(refusal(() => encodeContent(composer.delete(new Uint8Array(32))))).toEqual([
      'unencodable',
      'C8',
      '/1',
    ]);
  });

  test('a file name is kept, and not half of a surrogate pair', () => {
    const named = (filename: string) => composer.message(part.external({ url: '', filename }));
    expect(sent(named('tea.mp4')).body).toMatchObject({ filename: 'tea.mp4' });
    expect(refusal(() => encodeContent(named(lone)))).toEqual(['unencodable', 'C3', '/6/filename']);
  });

  test('extension keys and values that no extension can hold are refused', () => {
    const keys = [1.5, 2 ** 53, '', 'x'.repeat(256), lone];
    for (const key of keys)
      expect(refusal(() => extensionsOf('draft08', [[key, 1]]))[0], String(key)).toBe(
        'unencodable',
      );
    const values = [
      lone,
      [lone],
      new Map([[lone, 1]]),
      new Map([[0.5, 1]]),
      new Tagged(-1, 0),
      [[[[1]]]],
    ];
    for (const value of values)
      expect(refusal(() => extensionsOf('draft08', [['x', value]]))[0]).toBe('unencodable');
    expect(
      refusal(() =>
        extensionsOf('draft08', [
          ['x', 1],
          ['x', 2],
        ]),
      ).slice(0, 2),
    ).toEqual(['unencodable', 'C2']);
  });

  test('what is only in draft04 is refused', () => {
    expect(refusal(() => encodeContent(composer.text('x', { lastSeen: [idOf(1)] })))[0]).toBe(
      'unencodable',
    );
    expect(
      refusal(() =>
        encodeContent({
          ...composer.text('x'),
          extensions: composerOf('draft04').text('x').extensions,
        }),
      ),
    ).toEqual(['unencodable', 'C1', '/5']);
  });
});

test('an extension value that is nested too deeply, or in itself, is refused', () => {
  const inItself: CborValue[] = [];
  inItself.push(inItself);
  for (const value of [[[[[1]]]], inItself]) {
    expect(refusal(() => extensionsOf('draft08', [['x', value]]))).toEqual([
      'unencodable',
      'C4',
      '/x/0/0/0',
    ]);
  }
  expect(extensionsOf('draft08', [['x', [[[1]]]]]).bytes).toHaveLength(7);
});

describe('draft04', () => {
  const composer = composerOf('draft04');

  test('a message names neither sender nor room, has no salt, and what its sender has seen', () => {
    const { extensions, salt, lastSeen } = sent(
      composer.text('x', { lastSeen: [idOf(1), idOf(2)] }),
    );
    expect([...extensions.bytes]).toEqual([0xa0]);
    expect(salt).toBeUndefined();
    expect(lastSeen).toEqual([idOf(1), idOf(2)]);
  });

  test('a reply needs the container of the message, or its hash', () => {
    expect(refusal(() => composer.reply({ id: idOf(1) }, 'x'))[0]).toBe('invalidArgument');
    const { hash } = composer.reply(original, 'x').inReplyTo ?? {};
    expect(Buffer.from(hash ?? []).toString('hex')).toBe(
      '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81',
    );
    const short = composer.reply({ id: idOf(1), hash: new Uint8Array(31) }, 'x');
    expect(refusal(() => encodeContent(short))).toEqual(['unencodable', 'C8', '/3']);
  });

  test('what is only in draft08 is refused', () => {
    const refused = [
      composer.text('x', { expires: { afterReading: 60 } }),
      { ...composer.text('x'), salt: new Uint8Array(16) },
      composer.message(part.external({ url: '', filename: 'x' })),
    ];
    for (const content of refused)
      expect(refusal(() => encodeContent(content)).slice(0, 2)).toEqual(['unencodable', 'C1']);
  });

  test('extension names are texts and values byte strings of at most 4,095 bytes', () => {
    expect(refusal(() => extensionsOf('draft04', [[1, container]]))[1]).toBe('C1');
    expect(refusal(() => extensionsOf('draft04', [['x', 'text']]))[1]).toBe('C1');
    expect(refusal(() => extensionsOf('draft04', [['x', new Uint8Array(4096)]]))[1]).toBe('C5');
  });
});

describe('a mention', () => {
  const names = [
    '@Alice Smith',
    'a`b',
    '*[x](y)* <b> & ~~z~~ \\ | !',
    'two\n\nlines',
    '&lt;',
    '_',
    '![',
    '](',
  ];
  const uris = [
    alice,
    'mimi://a.example/u/a?b&copy=1',
    'mimi://a.example/u/(a',
    'im:a_b@c.example',
    'mimi://a.example/u/a b<c>`\\',
  ];

  test.each(names.flatMap((name) => uris.map((uri) => [name, uri] as const)))(
    'of %j to %j is a link with that name and target',
    (name, uri) => {
      const { text, links } = renderMarkdown(`Hi ${mention(name, uri)}, ok \`code\`?`);
      const shown = name.replaceAll(/\s+/g, ' ');
      const target = uri.replaceAll(/[ <>`\\]/g, (character) => encodeURIComponent(character));
      expect(links).toEqual([{ text: shown, target, mention: true, warning: undefined }]);
      expect(text).toBe(`Hi ${shown}, ok code?`);
    },
  );

  test('in HTML is a link whose name and target are text', () => {
    expect(mentionHtml('<b>&"', 'im:a"b')).toBe('<a href="im:a&quot;b">&lt;b&gt;&amp;&quot;</a>');
  });
});

test('parts are numbered as they stand, whatever they say', () => {
  const draft = { ...part.text('x'), index: 7 };
  expect(numberParts(draft).index).toBe(0);
});

// What people see of a message: a tree, diagnostic notation (RFC 8610, appendix G), values of extensions. Nothing that
// another has written moves the cursor of a terminal or turns its lines round.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type CborValue,
  Composer,
  decodeContent,
  decodeRelaxed,
  decodeValue,
  diagnose,
  drawTree,
  encodeContent,
  encodeValue,
  extensionsOf,
  type MimiContent,
  part,
  printable,
  Tagged,
} from '../../../ts/content/index.ts';

const vectors = new URL('../../vectors/', import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(name, vectors)));
const fromHex = (digits: string) => new Uint8Array(Buffer.from(digits, 'hex'));
const vector08 = (name: string) =>
  decodeContent(bytesOf(`content-08/${name}.cbor`), { profile: 'draft08' });

describe('the tree', () => {
  test('shows what is there, one line an item, and leaves out what is empty', () => {
    expect(drawTree(vector08('reply'))).toBe(
      [
        'draft08 message',
        '├─ salt: 11a458c73b8dd2cf404db4b378b8fe4d',
        '├─ in reply to: 017ce54837404c3696e0c747b985cb172716d0ed0a3d249ca63ace7d82a096f4',
        '├─ extension 1 (senderUri): "mimi://example.com/u/bob-jones"',
        '├─ extension 2 (roomUri): "mimi://example.com/r/engineering_team"',
        '└─ part 0, render: text/markdown;variant=GFM-MIMI, 33 bytes "Right on! _Congratulations_ \'all!"',
        '',
      ].join('\n'),
    );
  });

  test('shows parts in parts, and that there is a key but not which', () => {
    const composer = new Composer({ profile: 'draft04' });
    const file = part.external({
      url: 'https://a.example/x',
      contentType: 'video/mp4',
      size: 5,
      encAlg: 1,
      key: fromHex('c0ffee'),
      hashAlg: 1,
      contentHash: fromHex('ab'),
      expires: 1_700_000_000,
      description: 'Tea',
    });
    const body = part.multi('processAll', [
      part.text('x'.repeat(61), { language: 'en' }),
      part.nothing(),
      file,
    ]);
    expect(drawTree(composer.message(body, { topicId: fromHex('07') }))).toBe(
      [
        'draft04 message',
        '├─ topic: 07',
        '└─ part 0, render: processAll',
        `   ├─ part 1, render, en: text/plain;charset=utf-8, 61 bytes "${'x'.repeat(60)}"…`,
        '   ├─ part 2, render: nothing',
        '   └─ part 3, attachment: https://a.example/x',
        '      ├─ video/mp4',
        '      ├─ Tea',
        '      ├─ 5 bytes',
        '      ├─ encrypted by AEAD algorithm 1, key of 3 bytes',
        '      ├─ hash 1: ab',
        '      └─ until 2023-11-14T22:13:20.000Z',
        '',
      ].join('\n'),
    );
  });
});

describe('diagnostic notation', () => {
  test('says what each item is', () => {
    expect(diagnose(vector08('delete')).replaceAll(/ {2,}# /g, ' # ')).toBe(
      [
        '[',
        "  h'0a590d73b2c7761c39168be5ebf7f2e6', # salt",
        "  h'015354973c2b65ca937bf1e035ae53a5ab80e947afa43d46920d4202e5cc0b27', # replaces",
        "  h'', # topicId",
        '  null, # expires',
        "  h'017ce54837404c3696e0c747b985cb172716d0ed0a3d249ca63ace7d82a096f4', # inReplyTo",
        '  { # extensions',
        '    1: "mimi://example.com/u/bob-jones",',
        '    2: "mimi://example.com/r/engineering_team",',
        '  },',
        '  [ # part 0',
        '    1, # disposition = render',
        '    "", # language',
        '    0 # cardinality = null',
        '  ]',
        ']',
        '',
      ].join('\n'),
    );
  });

  test.each(['content-04', 'content-08'])(
    'of each message of %s has its texts and bytes',
    (folder) => {
      const profile = folder === 'content-04' ? 'draft04' : 'draft08';
      const names = readdirSync(new URL(folder, vectors)).filter(
        (name) => name.endsWith('.cbor') && !/^(implied|report)/.test(name),
      );
      expect(names).toHaveLength(14);
      for (const name of names) {
        const content = decodeContent(bytesOf(`${folder}/${name}`), { profile });
        const said = diagnose(content);
        expect(said.split('[').length).toBe(said.split(']').length);
        for (const id of [content.replaces, content.inReplyTo?.messageId, content.salt]) {
          if (id !== undefined) expect(said).toContain(Buffer.from(id).toString('hex'));
        }
      }
    },
  );

  test('cuts long contents short and says so', () => {
    const content = new Composer({ profile: 'draft08' }).text('abc');
    expect(diagnose(content, { longest: 2 })).toContain("h'6162…' / 3 bytes, cut short /");
    expect(diagnose(content, { longest: 3 })).toContain("'abc'");
  });

  test('quotes texts in bytes, and shows what is no text in hexadecimal', () => {
    const of = (bytes: Uint8Array) =>
      diagnose(new Composer({ profile: 'draft08' }).message(part.single('x/y', bytes)));
    const utf8 = new TextEncoder();
    expect(of(utf8.encode("it's \\ a\nline"))).toContain("'it\\'s \\\\ a\\nline'");
    expect(of(fromHex('ff00'))).toContain("h'ff00'");
    expect(of(utf8.encode('a\u0000'))).toContain("h'6100'");
    expect(of(utf8.encode('\ufeffa'))).toContain("'\\ufeffa'");
  });
});

describe('hostile texts', () => {
  const hostile = '\u001b[2J\u009b1m\u0007\r\n\u202egnp.exe\u2066\u200b\u2028\u007f\u{e0041}"';
  const raw = /[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u;

  const content = (profile: MimiContent['profile']): MimiContent => {
    const composer = new Composer({ profile });
    const external = part.external({
      url: hostile,
      contentType: hostile,
      description: hostile,
      filename: profile === 'draft08' ? hostile : '',
      language: hostile,
    });
    const extensions = new Map<string, CborValue>([[hostile, new TextEncoder().encode(hostile)]]);
    if (profile === 'draft08') extensions.set('values', [hostile, new Map([[hostile, hostile]])]);
    return composer.message(
      part.multi('processAll', [part.single(hostile, new TextEncoder().encode(hostile)), external]),
      { extensions },
    );
  };

  test.each(['draft04', 'draft08'] as const)('reach no terminal raw in %s', (profile) => {
    const message = decodeContent(encodeContent(content(profile)), { profile });
    for (const shown of [drawTree(message), diagnose(message)]) {
      expect(shown).not.toMatch(raw);
      expect(shown).toContain('\\u001b[2J');
      expect(shown).toContain('\\u202egnp.exe');
    }
    // Nor do they make lines of their own.
    expect(
      drawTree(message)
        .split('\n')
        .every((line) => line === '' || /^(draft|├─|└─|[ │])/.test(line)),
    ).toBe(true);
  });

  test('are escaped as JSON does it, others are left', () => {
    expect(printable('a\u001b\u009b\u{e0041}\ud800')).toBe('a\\u001b\\u009b\\udb40\\udc41\\ud800');
    expect(printable('Tea 茶 ❤️ é ├─')).toBe('Tea 茶 ❤️ é ├─');
    expect(JSON.parse(printable(JSON.stringify(hostile)))).toBe(hostile);
  });
});

describe('values of extensions', () => {
  test('come back as they were written', () => {
    const values: CborValue[] = [
      null,
      true,
      false,
      0,
      -1,
      23,
      24,
      255,
      2 ** 53 - 1,
      -(2 ** 53 - 1),
      2n ** 53n,
      2n ** 64n - 1n,
      -(2n ** 64n),
      2n ** 64n,
      -(2n ** 64n) - 1n,
      2n ** 200n,
      0.5,
      -0,
      1e300,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      '',
      'Tea 茶',
      new Uint8Array(),
      fromHex('c0ffee'),
      [],
      [1, ['x']],
      new Map(),
      new Map<number | string, CborValue>([
        [1, 'a'],
        ['b', [null]],
      ]),
    ];
    for (const value of values) expect(decodeValue(encodeValue(value))).toEqual(value);
  });

  test('tags keep their numbers, also those that mean something elsewhere', () => {
    const contents: CborValue[] = [1, 'x', fromHex('0102'), ['RegExp', 'x']];
    for (const tag of [
      0, 1, 4, 5, 24, 27, 28, 29, 32, 37, 64, 105, 258, 259, 1001, 43_000, 51_057, 55_799,
    ]) {
      for (const content of contents) {
        const value = decodeValue(encodeValue(new Tagged(tag, content)));
        expect(value, `${tag}`).toEqual(new Tagged(tag, content));
      }
    }
  });

  test('hold no view of the message', () => {
    const bytes = encodeValue(fromHex('c0ffee'));
    const value = decodeValue(bytes);
    bytes.fill(0);
    expect(value).toEqual(fromHex('c0ffee'));
  });

  test('that break a rule are refused', () => {
    const cases: [hex: string, code: string][] = [
      ['', 'truncated'],
      ['1817', 'notShortest'],
      ['61ff', 'invalidUtf8'],
      ['818181818100', 'tooDeep'],
      ['0000', 'trailingBytes'],
      ['a201010101', 'duplicateKey'],
      ['c24101', 'bigIntFits'],
      ['9b7fffffffffffffff', 'truncated'],
    ];
    for (const [hex, code] of cases) {
      expect(() => decodeValue(fromHex(hex)), hex).toThrow(expect.objectContaining({ code }));
    }
  });

  test('are shown in diagnostic notation', () => {
    const values: [string, CborValue][] = [
      ['a', -0],
      ['b', new Tagged(32, 'x')],
      ['c', new Map([[1, fromHex('ff')]])],
      ['d', 2n ** 70n],
    ];
    const content = {
      ...new Composer({ profile: 'draft08' }).text('x'),
      extensions: extensionsOf('draft08', values),
    };
    const said = diagnose(content);
    for (const line of [
      '"a": -0.0,',
      '"b": 32("x"),',
      '"c": {1: h\'ff\'},',
      '"d": 1180591620717411303424,',
    ])
      expect(said).toContain(line);
  });
});

describe('draft04 that is not deterministic', () => {
  const relaxed = (hex: string): MimiContent => decodeRelaxed(fromHex(hex));
  const plain = '87f64000f680a08401600000';

  test('is read as the deterministic form is', () => {
    const forms = [
      plain,
      // Of indefinite lengths.
      '9ff65fff00f69fffbfff9f017fff0000ffff',
      // Integers and lengths that are longer than needed.
      '9807f658001800f69800b8009804180178001800190000',
    ];
    for (const form of forms) {
      expect(encodeContent(relaxed(form)), form).toEqual(fromHex(plain));
    }
  });

  test('has its extensions sorted, each name once', () => {
    const withExtensions = (map: string) => `87f64000f680${map}8401600000`;
    expect(encodeContent(relaxed(withExtensions('a261624101616141ff')))).toEqual(
      fromHex(withExtensions('a2616141ff61624101')),
    );
    expect(() => relaxed(withExtensions('a2616141ff61614101'))).toThrow(
      expect.objectContaining({ code: 'duplicateKey' }),
    );
    expect(() => relaxed(withExtensions('bf616141ff7f6161ff4101ff'))).toThrow(
      expect.objectContaining({ code: 'duplicateKey' }),
    );
  });

  test('each published message is read the same either way', () => {
    const folder = new URL('content-04/', vectors);
    for (const name of readdirSync(folder).filter(
      (name) => name.endsWith('.cbor') && !/^(implied|report)/.test(name),
    )) {
      const bytes = bytesOf(`content-04/${name}`);
      expect(encodeContent(decodeRelaxed(bytes)), name).toEqual(bytes);
    }
  });

  test('is refused where it is not well-formed, cut at every byte', () => {
    const whole = fromHex('9ff65f4101ff00f69fffbf61615f4101ffff9f017fff0000ffff');
    expect(encodeContent(decodeRelaxed(whole))).toEqual(
      fromHex('87f6410100f680a1616141018401600000'),
    );
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => decodeRelaxed(whole.subarray(0, length)), `${length}`).toThrow(
        expect.objectContaining({ code: 'truncated' }),
      );
    }
    for (const [hex, code] of [
      ['ff', 'malformed'],
      ['9f'.repeat(100_000), 'tooDeep'],
      ['9b7fffffffffffffff', 'truncated'],
      ['87f65f5f4101ffff', 'malformed'],
      ['87f65f6161ff', 'malformed'],
      [`${plain}00`, 'trailingBytes'],
      ['1c', 'malformed'],
    ] as const) {
      expect(() => relaxed(hex), hex.slice(0, 20)).toThrow(expect.objectContaining({ code }));
    }
  });
});

// `exedra content` as its users meet it: what it prints, what it says of faults, and with which code it ends.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Composer, encodeContent, part } from '../../ts/content/index.ts';
import { type Ended, exedra } from '../support/exedra_process.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const vector = (profile: '04' | '08', name: string): string =>
  fileURLToPath(new URL(`../vectors/content-${profile}/${name}.cbor`, import.meta.url));
const replyId = '015354973c2b65ca937bf1e035ae53a5ab80e947afa43d46920d4202e5cc0b27';
const bobs = {
  sender: 'mimi://example.com/u/bob-jones',
  room: 'mimi://example.com/r/engineering_team',
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exedra-content-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const content = (args: readonly string[], input?: string | Uint8Array): Promise<Ended> =>
  exedra(['content', ...args], { cwd: folder, ...(input !== undefined && { input }) }).ended;

async function file(name: string, bytes: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const json = ({ stdout }: Ended): unknown => JSON.parse(stdout);
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** [render, "", null part] in a draft08 message without anything. */
const empty08 = `87${`50${'00'.repeat(16)}`}f640f6f6a083016000`;

describe('inspect', () => {
  test('shows a tree, the id and diagnostic notation', async () => {
    const { code, stdout, stderr } = await content(['inspect', vector('08', 'reply')]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('draft08 message\n├─ salt: 11a458c7');
    expect(stdout).toContain(`\nid, if sender and room are who it says: ${replyId}\n`);
    expect(stdout).toContain("\n[\n  h'11a458c7");
  });

  test('with --json gives what encode makes the same bytes of, through standard input', async () => {
    for (const profile of ['04', '08'] as const) {
      for (const name of ['multipart-3', 'attachment', 'reply', 'expiring']) {
        const bytes = new Uint8Array(await readFile(vector(profile, name)));
        const shown = await content(
          ['inspect', '--json', '--profile', `draft${profile}`, '-'],
          bytes,
        );
        expect(shown.code, name).toBe(0);
        expect((await content(['encode', '--hex', '-'], shown.stdout)).stdout, name).toBe(
          `${hexOf(bytes)}\n`,
        );
      }
    }
  });

  test('keeps extension keys apart that only look alike', async () => {
    const entries = [
      [1, 'a'],
      ['1', 2],
      ['"', 3],
      ['x', 4],
      ['__proto__', 5],
      [-7, 6],
    ] as const;
    const message = encodeContent(
      new Composer({ profile: 'draft08' }).text('x', { extensions: entries }),
    );
    const shown = await content(['inspect', '--json', '--hex', '-'], hexOf(message));
    expect((await content(['encode', '--hex', '-'], shown.stdout)).stdout).toBe(
      `${hexOf(message)}\n`,
    );
  });

  test('lets nothing of the message move the cursor', async () => {
    const hostile = '\u001b[2J\u009b1m\u202e';
    const message = encodeContent(
      new Composer({ profile: 'draft08' }).message(
        part.external({ url: hostile, description: hostile }),
        { extensions: [[hostile, hostile]] },
      ),
    );
    for (const args of [['inspect'], ['inspect', '--json']]) {
      const { stdout } = await content([...args, '-'], message);
      expect(stdout).toContain('\\u001b[2J');
      expect(stdout).not.toMatch(/[\p{Cf}]|(?!\n)\p{Cc}/u);
    }
    const broken = message.slice(0, -1);
    const { stderr } = await content(['validate', '-'], broken);
    expect(stderr).not.toMatch(/[\p{Cf}]|(?!\n)\p{Cc}/u);
  });
});

describe('validate', () => {
  test('says that a message is valid', async () => {
    expect(await content(['validate', vector('08', 'reply')])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^valid draft08 message of \d+ bytes\n$/),
    });
    expect(
      json(await content(['validate', '--json', '--profile', 'draft04', vector('04', 'reply')])),
    ).toEqual({ ok: true });
  });

  test('points at the byte that is wrong, and ends with 1', async () => {
    const { code, stdout, stderr } = await content(
      ['validate', '--hex', '-'],
      empty08.replace('f640', 'f65800'),
    );
    expect([code, stdout]).toEqual([1, '']);
    const [says, bytes, caret] = stderr.split('\n');
    expect(says).toMatch(/^exedra: C2 at byte 19, \/2: expected .+, found .+\.$/);
    expect(bytes).toBe(
      '       7  … 00 00 00 00 00 00 00 00 00 00 00 f6 58 00 f6 f6 a0 83 01 60 00',
    );
    expect(caret?.indexOf('^^')).toBe(bytes?.indexOf('58 00'));
  });

  test('points at where a byte should be when there is none', async () => {
    const { stderr } = await content(['validate', '-'], '');
    expect(stderr).toMatch(/^exedra: C9 at byte 0, \/: .+\n {7}0 {2}\n {10}\^\^\n$/);
  });

  test('with --json gives rule, code, offset and path', async () => {
    const ended = await content(['validate', '--json', '--hex', '-'], `${empty08}00`);
    expect(ended.code).toBe(1);
    expect(json(ended)).toMatchObject({
      ok: false,
      rule: 'C1',
      code: 'trailingBytes',
      offset: empty08.length / 2,
      path: '',
    });
  });

  test('judges by clock, sender, room and size as it is told', async () => {
    const reply = vector('08', 'reply');
    const expiring = vector('08', 'expiring');
    const run = async (...args: string[]) =>
      (await content(['validate', '--json', ...args])).stdout;
    expect(await run('--sender', bobs.sender, '--room', bobs.room, reply)).toContain('"ok":true');
    expect(await run('--sender', 'mimi://example.com/u/eve', reply)).toContain(
      '"code":"wrongSender"',
    );
    expect(await run('--room', 'mimi://example.com/r/other', reply)).toContain(
      '"code":"wrongRoom"',
    );
    expect(await run('--max-bytes', '10', reply)).toContain('"code":"tooLarge"');
    expect(await run('--now', '1644387243', expiring)).toContain('"ok":true');
    expect(await run('--now', '1', expiring)).toContain('"code":"suspiciousExpiry"');
    const warned = await content(['validate', '--expiry', 'warn', '--now', '1', expiring]);
    expect(warned.code).toBe(0);
    expect(warned.stderr).toMatch(/^warning: C6 at byte /);
  });

  test('a file that is not there, digits that are none and options that are unknown end with 1', async () => {
    for (const args of [
      ['validate', 'nothing.cbor'],
      ['validate', '--hex', vector('08', 'reply')],
      ['validate', '--profile', 'draft99', '-'],
      ['validate'],
      ['ids', '--bulk', 'nothing'],
      ['check'],
    ]) {
      const { code, stderr } = await content(args);
      expect(code, args.join(' ')).toBe(1);
      expect(stderr).not.toContain('unexpected failure');
      expect(stderr).not.toBe('');
    }
  });
});

describe('encode', () => {
  test('makes a message from JSON', async () => {
    const body = { kind: 'null' };
    expect(
      (
        await content(
          ['encode', '--hex', '-'],
          JSON.stringify({ profile: 'draft08', salt: '00'.repeat(16), body }),
        )
      ).stdout,
    ).toBe(`${empty08}\n`);
  });

  test('names the field that is wrong, and ends with 1', async () => {
    const base = { profile: 'draft08', salt: '00'.repeat(16), body: { kind: 'null' } };
    const cases: [value: unknown, says: RegExp][] = [
      ['{', /no JSON/],
      [{ ...base, salt: '00' }, /\/0 /],
      [{ ...base, salt: 'xx' }, /salt/],
      [
        { ...base, body: { kind: 'single', contentType: 'text/plain', text: '\ud800' } },
        /surrogate/,
      ],
      [
        { ...base, body: { kind: 'single', contentType: 'text/plain', text: 'a', content: '00' } },
        /either text or content/,
      ],
      [{ ...base, body: { kind: 'multi', semantics: 'chooseOne', parts: [] } }, /\/6\/parts/],
      [{ ...base, extra: 1 }, /extra/],
    ];
    for (const [value, says] of cases) {
      const { code, stdout, stderr } = await content(
        ['encode', '-'],
        typeof value === 'string' ? value : JSON.stringify(value),
      );
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(says);
      expect(stderr).not.toContain('unexpected failure');
    }
  });
});

describe('id', () => {
  test('of a draft08 message is computed with the URIs that it names, or with those that are given', async () => {
    expect((await content(['id', vector('08', 'reply')])).stdout).toBe(`${replyId}\n`);
    expect(
      json(
        await content([
          'id',
          '--json',
          '--sender',
          bobs.sender,
          '--room',
          bobs.room,
          vector('08', 'reply'),
        ]),
      ),
    ).toEqual({ id: replyId });
    expect(
      (await content(['id', '--sender', 'mimi://example.com/u/eve', vector('08', 'reply')])).stdout,
    ).not.toBe(`${replyId}\n`);
    expect(await content(['id', '--hex', '-'], empty08)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--sender'),
    });
    expect(await content(['id', '--hex', '-'], '87')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('^^'),
    });
  });

  test('of draft04 is the hash of the MLSMessage', async () => {
    const message = Buffer.from('an MLSMessage');
    const id = createHash('sha256').update(message).digest('hex');
    for (const suite of ['1', '2', '3']) {
      expect(
        (await content(['id', '--profile', 'draft04', '--suite', suite, '-'], message)).stdout,
      ).toBe(`${id}\n`);
    }
    expect((await content(['id', '--profile', 'draft04', '--suite', '9', '-'], message)).code).toBe(
      1,
    );
  });
});

describe('check --jsonl', () => {
  const check = async (lines: readonly unknown[]): Promise<unknown[]> => {
    const input = lines
      .map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
      .join('\n');
    const { code, stdout, stderr } = await content(['check', '--jsonl'], `${input}\n`);
    expect([code, stderr]).toEqual([0, '']);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  };
  const question = (hex: string, more: object = {}) => ({ profile: 'draft08', hex, ...more });

  test('answers each line in its order, bad ones too, and passes over empty ones', async () => {
    const reply = hexOf(await readFile(vector('08', 'reply')));
    const answers = await check([
      question(empty08),
      question(reply),
      '',
      '  \r',
      question(`${empty08}00`),
      '{"profile":',
      '[]',
      'null',
      question('8'),
      question('xx'),
      question('', {}),
      { profile: 'draft05', hex: '' },
      question(empty08, { extra: 1 }),
      question(empty08, { now: '1' }),
      { profile: 'draft04', hex: '87f64000f680a08401600000' },
      question(empty08, bobs),
      question(empty08, { sender: '\ud800', room: 'r' }),
    ]);
    expect(answers).toEqual([
      { ok: true },
      { ok: true, id: replyId },
      expect.objectContaining({
        ok: false,
        rule: 'C1',
        code: 'trailingBytes',
        offset: empty08.length / 2,
        path: '',
      }),
      ...Array.from({ length: 5 }, () =>
        expect.objectContaining({ ok: false, rule: null, code: 'invalidArgument' }),
      ),
      expect.objectContaining({ ok: false, rule: 'C9', code: 'truncated', offset: 0, path: '' }),
      ...Array.from({ length: 3 }, () =>
        expect.objectContaining({ ok: false, code: 'invalidArgument' }),
      ),
      { ok: true },
      { ok: true, id: expect.stringMatching(/^01[0-9a-f]{62}$/) },
      expect.objectContaining({ ok: false, code: 'invalidArgument' }),
    ]);
  });

  test('judges by what the line says', async () => {
    const expiring = hexOf(await readFile(vector('08', 'expiring')));
    const reply = hexOf(await readFile(vector('08', 'reply')));
    const answers = await check([
      question(expiring),
      question(expiring, { now: 1_644_387_243 }),
      question(expiring, { now: 1 }),
      question(expiring, { now: 1, expiry: 'error' }),
      question(expiring, { now: 1, expiry: 'warn' }),
      question(reply, { maxBytes: 10 }),
      question(reply, { sender: 'mimi://example.com/u/eve' }),
      question(reply, { room: 'mimi://example.com/r/other' }),
      question(reply, bobs),
    ]);
    expect(answers.map((answer) => (answer as { code?: string }).code ?? 'ok')).toEqual([
      'ok',
      'ok',
      'suspiciousExpiry',
      'suspiciousExpiry',
      'ok',
      'tooLarge',
      'wrongSender',
      'wrongRoom',
      'ok',
    ]);
    expect(answers[4]).toMatchObject({ warnings: [{ rule: 'C6', code: 'suspiciousExpiry' }] });
  });

  test('takes lines of many megabytes, and a last one without its end', async () => {
    const { code, stdout } = await content(
      ['check', '--jsonl'],
      JSON.stringify(question('00'.repeat(8 << 20))),
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      rule: 'C5',
      code: 'tooLarge',
      offset: 0,
    });
  });

  test('divides lines by line feeds alone', async () => {
    expect(await check([`{"profile":"draft08","hex":"${empty08}","room":"\u2028\u2029"}`])).toEqual(
      [{ ok: true }],
    );
  });

  test('ends without a word when nobody reads any more', async () => {
    const child = spawn(process.execPath, [MAIN, 'content', 'check', '--jsonl'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdin.on('error', () => undefined);
    child.stdout.once('data', () => child.stdout.destroy());
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.stdin.end(`${JSON.stringify(question(empty08))}\n`.repeat(200_000));
    expect([await ended, stderr]).toEqual([0, '']);
  });
});

describe('ids --bulk', () => {
  const framed = (...messages: Uint8Array[]): Buffer =>
    Buffer.concat(
      messages.flatMap((message) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(message.length);
        return [length, message];
      }),
    );
  const idsOf = (...messages: Uint8Array[]): string =>
    messages.map((message) => `${createHash('sha256').update(message).digest('hex')}\n`).join('');
  const filled = (length: number, byte: number) => Buffer.alloc(length, byte);

  test('prints an id a line, whatever the sizes of the messages, and draws no bar where nobody looks', async () => {
    const messages = [
      filled(1, 1),
      filled(0, 0),
      filled(100, 2),
      filled(3 << 20, 3),
      filled((1 << 20) - 4, 4),
      filled(5, 5),
    ];
    const path = await file('mixed.bin', framed(...messages));
    const { code, stdout, stderr } = await content(['ids', '--bulk', path]);
    expect(code).toBe(0);
    expect(stdout).toBe(idsOf(...messages));
    expect(stderr).not.toMatch(/█|(?!\n)\p{Cc}/u);
    expect(stderr).toMatch(/^6 messages, /);
  });

  test('reads standard input, in whatever pieces it comes', async () => {
    const messages = Array.from({ length: 10_000 }, (_, index) => filled(index % 300, index % 256));
    expect((await content(['ids', '--bulk', '-'], framed(...messages))).stdout).toBe(
      idsOf(...messages),
    );
  });

  test('of no messages are none', async () => {
    expect(await content(['ids', '--bulk', await file('empty.bin', '')])).toMatchObject({
      code: 0,
      stdout: '',
    });
  });

  test('of a file that is cut short are those before, then a fault with its offset', async () => {
    const whole = framed(filled(3, 1), filled(3, 2));
    for (const length of [8, 10, 13]) {
      const ended = await content([
        'ids',
        '--bulk',
        await file('cut.bin', whole.subarray(0, length)),
      ]);
      expect(ended.code, `${length}`).toBe(1);
      expect(ended.stdout).toBe(idsOf(filled(3, 1)));
      expect(ended.stderr).toContain('The message at byte 7 is cut short. (rule C9)');
    }
  });

  test('a length that no message has is refused at once', async () => {
    const ended = await content([
      'ids',
      '--bulk',
      await file('long.bin', Buffer.from('ffffffff00', 'hex')),
    ]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('The message at byte 0 has 4294967295 bytes. (rule C5)');
  });
});

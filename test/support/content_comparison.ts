// docs/content-codecs.md: what general CBOR libraries make of each message that the format forbids.

import { readFileSync } from 'node:fs';
import { type ContentCase, contentCases } from './content_cases.ts';
import { type Rival, rivals } from './rival_codecs.ts';

/** Refused; read; or read, and written again to the same bytes, so that comparing them shows nothing either. */
type Answer = 'refuses' | 'accepts' | '**survives**';

/** These rules are about CBOR itself, so that a general library can know them. */
const generalRules = ['C2', 'C3', 'C9'];
const answers = ['refuses', 'accepts', '**survives**'] as const;

function answerOf(rival: Rival, { hex }: ContentCase): Answer {
  const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
  let value: unknown;
  try {
    value = rival.decode(bytes);
  } catch {
    return 'refuses';
  }
  try {
    return Buffer.compare(rival.encode(value), bytes) === 0 ? '**survives**' : 'accepts';
  } catch {
    return 'accepts';
  }
}

interface Row {
  readonly rule: string;
  readonly profile: string;
  readonly name: string;
  readonly answers: readonly Answer[];
}

function rowsOf(rule: string): Row[] {
  const refused = (contentCases[rule] ?? []).filter(({ code }) => code !== undefined);
  return refused.map((one) => ({
    rule,
    profile: one.profile,
    name: one.name,
    answers: rivals.map((rival) => answerOf(rival, one)),
  }));
}

function versionOf(name: string): string {
  const url = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${JSON.parse(readFileSync(url, 'utf8')).version}`;
}

const line = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const rule = (count: number): string => line(...Array.from({ length: count }, () => '---'));

function summary(title: string, rows: readonly Row[]): string[] {
  const counts = rivals.map((_, index) =>
    answers.map((answer) => rows.filter((row) => row.answers[index] === answer).length),
  );
  return [
    `${title}, ${rows.length} messages:`,
    '',
    line('', ...rivals.map(({ name }) => name)),
    rule(rivals.length + 1),
    ...answers.map((answer, index) => line(answer, ...counts.map((of) => of[index] ?? 0))),
    '',
  ];
}

/** The whole page. */
export function comparePage(): string {
  const rows = Object.keys(contentCases).flatMap(rowsOf);
  const isGeneral = ({ rule }: Row) => generalRules.includes(rule);
  return [
    '# What general CBOR libraries let through',
    '',
    'Our content codec refuses each message below, by the rule named; `test/support/content_cases.ts` has the bytes. This',
    'is what general libraries make of them, each told to be as strict as it can be:',
    `${rivals.map(({ name }) => versionOf(name)).join(', ')}. *Accepts*: reads it without an error. *Survives*: writes what`,
    'it has read to the very same bytes, so that reading, writing and comparing does not find it either. No general library',
    'can know the rules of the format itself (C1, C4 to C8, C10); C2, C3 and C9 are about CBOR. The page is made, and checked,',
    'by `test/property/content_codec.test.ts`.',
    '',
    ...summary('Of the rules about CBOR', rows.filter(isGeneral)),
    ...summary(
      'Of the rules of the format',
      rows.filter((row) => !isGeneral(row)),
    ),
    line('rule', 'profile', 'message', ...rivals.map(({ name }) => name)),
    rule(3 + rivals.length),
    ...rows.map(({ rule, profile, name, answers }) => line(rule, profile, name, ...answers)),
    '',
  ].join('\n');
}

// What commands have in common that make a page of evidence: choices of which, and the forms that it is written in.

import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { htmlOf, markdownOf, type Page } from '../../evidence/page/index.ts';
import { pageText } from './page_text.ts';

const ALL = 'all';

/** An option for one of these values, or all. */
export const choice = (flags: string, description: string, values: readonly string[]): Option =>
  new Option(flags, description).choices([ALL, ...values]).default(ALL);

/** What was chosen; `undefined` for all. */
export const chosen = <Value extends string>(value: string): Value[] | undefined =>
  value === ALL ? undefined : [value as Value];

export interface PageOptions {
  readonly json: boolean;
  /** A file, or `true` for the standard output. */
  readonly md: boolean | string;
  readonly html: boolean | string;
}

/** Adds the options for how a page is written. */
export function withPageOptions(command: Command): Command {
  const form = (flags: string, description: string, ...others: string[]) =>
    new Option(flags, description).default(false).conflicts(others);
  return command
    .addOption(form('--json', 'print one JSON object', 'md', 'html'))
    .addOption(form('--md [file]', 'print Markdown, or write it to a file', 'json', 'html'))
    .addOption(form('--html [file]', 'print one HTML page, or write it to a file', 'json', 'md'));
}

/** Writes a report or its page out, and lets the command end with 1 where the report is not ok. */
export function putOut(
  { json, md, html }: PageOptions,
  report: { readonly ok: boolean },
  page: Page,
  notice: string,
): void {
  if (json) write(true, `${JSON.stringify(report)}\n`);
  else if (md !== false) write(md, markdownOf(page, notice));
  else if (html !== false) write(html, htmlOf(page));
  else write(true, pageText(page, process.stdout.columns));
  if (!report.ok) process.exitCode = 1;
}

function write(to: string | boolean, text: string): void {
  if (typeof to === 'string') writeFileSync(to, text);
  else process.stdout.write(text);
}

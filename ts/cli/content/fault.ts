// A fault in a message for people: the rule, and the bytes around it with a caret under the first one that is wrong.
import { type ContentError, printable } from '../../content/index.ts';
import { hexOf } from './input.ts';

/** Bytes shown before and behind the fault. */
const BEFORE = 12;
const BEHIND = 12;

/** Several lines; the last one has no line break. */
export function describeFault(error: ContentError, bytes: Uint8Array): string {
  const { offset } = error.details;
  const message = printable(error.message);
  if (offset === undefined) return message;
  const from = Math.max(0, offset - BEFORE);
  const to = Math.min(bytes.length, offset + BEHIND);
  const pairs = hexOf(bytes.subarray(from, to)).match(/../g) ?? [];
  const lead = `  ${String(from).padStart(6)}  ${from > 0 ? '… ' : ''}`;
  const line = `${lead}${pairs.join(' ')}${to < bytes.length ? ' …' : ''}`;
  const caret = `${' '.repeat(lead.length + 3 * (offset - from))}^^`;
  return `${message}\n${line}\n${caret}`;
}

/** The same for programs. */
export function faultJson(error: ContentError) {
  const { rule, offset, path, expected, found } = error.details;
  return {
    ok: false,
    rule: rule ?? null,
    code: error.code,
    offset,
    path,
    expected,
    found,
  } as const;
}

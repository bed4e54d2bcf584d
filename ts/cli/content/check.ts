// `exedra content check --jsonl`: a verdict on each line of standard input, in their order.
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import {
  ContentError,
  contentMessageId,
  decodeContent,
  printableJson,
} from '../../content/index.ts';
import { faultJson } from './fault.ts';
import { idContext } from './id_context.ts';
import { bytesOfHex, hexOf } from './input.ts';
import { LONGEST_LINE, linesOf } from './lines.ts';

const question = z.strictObject({
  profile: z.enum(['draft04', 'draft08']),
  hex: z.string(),
  /** Seconds since the epoch; without it no absolute expiry is judged. */
  now: z.number().optional(),
  expiry: z.enum(['error', 'warn']).optional(),
  maxBytes: z.int().min(0).optional(),
  sender: z.string().optional(),
  room: z.string().optional(),
});

/** Answers line by line until the input ends; empty lines are none. */
export async function checkLines(input: Readable, output: Writable): Promise<void> {
  for await (const line of linesOf(input)) {
    if (line?.trim() === '') continue;
    const text = printableJson(line === undefined ? tooLong() : answer(line));
    if (!output.write(`${text}\n`)) await once(output, 'drain');
  }
}

const tooLong = (): object =>
  faultJson(
    new ContentError('tooLarge', 'The line is too long.', {
      details: { rule: 'C5', offset: 0, path: '', expected: `at most ${LONGEST_LINE} characters` },
    }),
  );

/** The verdict on one line. */
export function answer(line: string): object {
  try {
    return judge(parse(line));
  } catch (error) {
    if (error instanceof ContentError) return faultJson(error);
    throw error;
  }
}

function parse(line: string): z.infer<typeof question> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new ContentError('invalidArgument', 'The line is no JSON.', { cause });
  }
  const parsed = question.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ContentError('invalidArgument', z.prettifyError(parsed.error));
}

function judge({ hex, now, profile, ...options }: z.infer<typeof question>): object {
  const bytes = bytesOfHex(hex);
  const warnings: object[] = [];
  const { extensions } = decodeContent(bytes, {
    ...options,
    profile,
    now: now === undefined ? undefined : now * 1000,
    onWarning: (warning) => {
      const { ok: _, ...fault } = faultJson(warning);
      warnings.push(fault);
    },
  });
  const uris = profile === 'draft08' ? idContext(extensions, options) : undefined;
  return {
    ok: true,
    ...(uris && { id: hexOf(contentMessageId(bytes, uris)) }),
    ...(warnings.length > 0 && { warnings }),
  };
}

// `exedra content`: looks at, checks and makes messages of the MIMI content format.
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  ContentError,
  contentMessageId,
  type DecodeOptions,
  decodeContent,
  diagnose,
  drawTree,
  type Extensions,
  encodeContent,
  type MessageIdContext,
  messageIdDraft04,
  type Profile,
  printable,
  printableJson,
} from '../../content/index.ts';
import type { CipherSuite } from '../../mls/index.ts';
import { writeBulkIds } from '../content/bulk_ids.ts';
import { checkLines } from '../content/check.ts';
import { describeFault, faultJson } from '../content/fault.ts';
import { idContext } from '../content/id_context.ts';
import { hexOf, readInput, readMessage } from '../content/input.ts';
import { contentFromJson, contentToJson } from '../content/json_form.ts';
import { fileProgress } from '../content/progress.ts';

interface Reading {
  readonly profile: Profile;
  readonly hex: boolean;
  readonly json: boolean;
  readonly expiry?: 'error' | 'warn';
  readonly now?: number;
  readonly sender?: string;
  readonly room?: string;
  readonly maxBytes?: number;
}

/** The subcommand with its own. */
export function contentCommand(): Command {
  return new Command('content')
    .description('Look at, check and make messages of the MIMI content format.')
    .addCommand(inspectCommand())
    .addCommand(validateCommand())
    .addCommand(encodeCommand())
    .addCommand(idCommand())
    .addCommand(idsCommand())
    .addCommand(checkCommand())
    .addHelpText(
      'after',
      `
FILE is a message in CBOR; - is standard input, and --hex takes hexadecimal digits.

Examples:
  exedra content inspect message.cbor
  exedra content validate --profile draft04 --json message.cbor
  echo '{"profile":"draft08","salt":"${'00'.repeat(16)}","body":{"kind":"single",
    "contentType":"text/plain;charset=utf-8","text":"Hello"}}' | exedra content encode - > message.cbor
  exedra content id --sender mimi://a.example/u/alice --room mimi://a.example/r/tea message.cbor`,
    );
}

const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('A number.');
  return value;
};

const profileOption = () =>
  new Option('--profile <profile>', 'which version of the format')
    .choices(['draft04', 'draft08'])
    .default('draft08');

/** A command that reads one message. */
function readingCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<file>', 'the message, or - for standard input')
    .addOption(profileOption())
    .option('--hex', 'the input is hexadecimal digits', false)
    .option('--json', 'print one JSON object', false);
}

function decodeOptions(options: Reading, now: number | undefined): DecodeOptions {
  const { profile, expiry, sender, room, maxBytes } = options;
  const onWarning = (warning: ContentError) =>
    process.stderr.write(`warning: ${printable(warning.message)}\n`);
  return { profile, now, expiry, sender, room, maxBytes, onWarning };
}

/** Reads a message and hands it on; a fault is printed and makes the exit code 1. */
async function withMessage(
  file: string,
  options: Reading,
  now: number | undefined,
  use: (content: ReturnType<typeof decodeContent>, bytes: Uint8Array) => void,
): Promise<void> {
  const bytes = await readMessage(file, options.hex);
  try {
    use(decodeContent(bytes, decodeOptions(options, now)), bytes);
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    process.exitCode = 1;
    if (options.json) printJson(faultJson(error));
    else process.stderr.write(`exedra: ${describeFault(error, bytes)}\n`);
  }
}

const printJson = (value: unknown): void => {
  process.stdout.write(`${printableJson(value)}\n`);
};

function inspectCommand(): Command {
  return readingCommand('inspect', 'Show a message as a tree and in diagnostic notation.').action(
    async (file: string, options: Reading) => {
      // To look at a message is not to judge its expiry.
      await withMessage(file, options, undefined, (content, bytes) => {
        if (options.json) printJson(contentToJson(content));
        else
          process.stdout.write(
            `${drawTree(content)}${idLine(content, bytes)}\n${diagnose(content)}`,
          );
      });
    },
  );
}

/** The id by the URIs that the message names, which need not be the authenticated ones. */
function idLine(content: ReturnType<typeof decodeContent>, bytes: Uint8Array): string {
  const uris = idContext(content.extensions);
  if (content.profile !== 'draft08' || uris === undefined) return '';
  return `id, if sender and room are who it says: ${hexOf(contentMessageId(bytes, uris))}\n`;
}

function validateCommand(): Command {
  return readingCommand(
    'validate',
    'Check a message by all rules; exits with 1 when one is broken.',
  )
    .addOption(
      new Option('--expiry <what>', 'what a suspicious expiry is').choices(['error', 'warn']),
    )
    .option('--now <seconds>', 'the time to judge by, since the epoch (default: the clock)', number)
    .option('--sender <uri>', 'the authenticated sender, whom the message may not contradict')
    .option('--room <uri>', 'the room')
    .option('--max-bytes <number>', 'the largest message (default: 1 MiB)', number)
    .action(async (file: string, options: Reading) => {
      const now = options.now === undefined ? Date.now() : options.now * 1000;
      await withMessage(file, options, now, ({ profile }, { length }) => {
        if (options.json) printJson({ ok: true });
        else process.stdout.write(`valid ${profile} message of ${length} bytes\n`);
      });
    });
}

function encodeCommand(): Command {
  return new Command('encode')
    .description('Make a message from its JSON form, as `inspect --json` prints it.')
    .argument('<file>', 'the JSON, or - for standard input')
    .option('--hex', 'print hexadecimal digits instead of bytes', false)
    .action(async (file: string, { hex }: { hex: boolean }) => {
      const bytes = encodeContent(contentFromJson(new TextDecoder().decode(await readInput(file))));
      process.stdout.write(hex ? `${hexOf(bytes)}\n` : bytes);
    });
}

function idCommand(): Command {
  return readingCommand('id', 'Print the id of a message.')
    .option('--sender <uri>', 'the authenticated sender (draft08)')
    .option('--room <uri>', 'the room (draft08)')
    .addOption(suiteOption())
    .addHelpText(
      'after',
      `
In draft08 the file is the message itself; its own sender and room are taken where none are given.
In draft04 the file is the MLSMessage that carried it, encrypted.`,
    )
    .action(async (file: string, options: Reading & { suite: CipherSuite }) => {
      const print = (id: Uint8Array): void => {
        if (options.json) printJson({ id: hexOf(id) });
        else process.stdout.write(`${hexOf(id)}\n`);
      };
      const { profile, hex, json, suite } = options;
      if (profile === 'draft04') print(messageIdDraft04(suite, await readMessage(file, hex)));
      else {
        await withMessage(file, { profile, hex, json }, undefined, ({ extensions }, bytes) => {
          print(contentMessageId(bytes, urisOf(extensions, options)));
        });
      }
    });
}

function urisOf(extensions: Extensions, options: Reading): MessageIdContext {
  const uris = idContext(extensions, options);
  if (uris !== undefined) return uris;
  throw new ContentError(
    'invalidArgument',
    'The message names no sender and room: give --sender and --room.',
  );
}

const suiteOption = () =>
  new Option('--suite <number>', 'the cipher suite of the room (draft04)')
    .choices(['1', '2', '3'])
    .default(1)
    .argParser((text) => {
      if (!['1', '2', '3'].includes(text)) throw new InvalidArgumentError('1, 2 or 3.');
      return Number(text);
    });

function idsCommand(): Command {
  return new Command('ids')
    .description('Print the draft04 ids of many messages, one a line.')
    .requiredOption('--bulk <file>', 'messages, each behind its length in four bytes, big-endian')
    .addOption(suiteOption())
    .action(async ({ bulk, suite }: { bulk: string; suite: CipherSuite }) => {
      const bar = await fileProgress(bulk, process.stderr);
      try {
        await writeBulkIds(bulk, suite, process.stdout, bar.tell);
      } finally {
        bar.end();
      }
    });
}

function checkCommand(): Command {
  return new Command('check')
    .description('Judge messages, a JSON object a line, and answer each with one.')
    .requiredOption('--jsonl', 'read and write JSON lines')
    .addHelpText(
      'after',
      `
Each line: {"profile","hex","now"?,"expiry"?,"maxBytes"?,"sender"?,"room"?}, with \`now\` in seconds.
Each answer: {"ok":true,"id"?,"warnings"?} or {"ok":false,"rule","code","offset","path",…}.`,
    )
    .action(async () => {
      await checkLines(process.stdin, process.stdout);
    });
}

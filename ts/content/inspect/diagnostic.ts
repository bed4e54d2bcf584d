// A message in extended diagnostic notation (RFC 8610, appendix G), with what each item is as a comment beside it.

import { hex } from '../cbor/text.ts';
import { Tagged } from '../cbor/value.ts';
import { extensionEntries } from '../extension_values.ts';
import type { Expiration, MimiContent, NestedPart, ReplyReference } from '../model.ts';
import { type DecodedValue, decodeValue } from './decode_value.ts';
import { dispositionName } from './names.ts';
import { printable, printableJson } from './printable.ts';

export interface DiagnosticOptions {
  /** Contents of more bytes than this are cut short, and say so. Default 1,024. */
  readonly longest?: number | undefined;
}

const semanticsNumbers = { chooseOne: 0, singleUnit: 1, processAll: 2 } as const;
const cardinalities = { null: 0, single: 1, external: 2, multi: 3 } as const;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The message as text; valid diagnostic notation as long as nothing is cut short. */
export function diagnose(content: MimiContent, { longest = 1024 }: DiagnosticOptions = {}): string {
  const lines = new Lines(longest);
  lines.open('[', '');
  if (content.profile === 'draft08') lines.item(bytes(content.salt), 'salt');
  lines.item(bytes(content.replaces), 'replaces');
  lines.item(bytes(content.topicId), 'topicId');
  lines.item(expiration(content), 'expires');
  lines.item(reply(content), 'inReplyTo');
  if (content.profile === 'draft04') {
    lines.item(`[${content.lastSeen.map(bytes).join(', ')}]`, 'lastSeen');
  }
  lines.open('{', 'extensions');
  for (const [key, value] of extensionEntries(content.extensions)) {
    lines.item(`${edn(key)}: ${edn(decodeValue(value))}`, '');
  }
  lines.close('}', false);
  writePart(lines, content, content.body, true);
  lines.close(']', true);
  return lines.text;
}

/** Lines that grow, indented by what is open. */
class Lines {
  text = '';
  readonly longest: number;
  #depth = 0;

  constructor(longest: number) {
    this.longest = longest;
  }

  line(text: string, comment: string): void {
    const indented = `${'  '.repeat(this.#depth)}${text}`;
    this.text += comment === '' ? `${indented}\n` : `${indented.padEnd(40)} # ${comment}\n`;
  }

  item(text: string, comment: string, last = false): void {
    this.line(last ? text : `${text},`, comment);
  }

  open(bracket: string, comment: string): void {
    this.line(bracket, comment);
    this.#depth += 1;
  }

  close(bracket: string, last: boolean): void {
    this.#depth -= 1;
    this.line(last ? bracket : `${bracket},`, '');
  }
}

function writePart(lines: Lines, { profile }: MimiContent, part: NestedPart, last: boolean): void {
  const one = (part: NestedPart, isLast: boolean): void => {
    lines.open('[', `part ${part.index}`);
    lines.item(String(part.disposition), `disposition = ${dispositionName(part.disposition)}`);
    lines.item(printableJson(part.language), 'language');
    if (profile === 'draft04') lines.item(String(part.index), 'partIndex');
    lines.item(
      String(cardinalities[part.kind]),
      `cardinality = ${part.kind}`,
      part.kind === 'null',
    );
    if (part.kind === 'single') {
      lines.item(printableJson(part.contentType), 'contentType');
      lines.item(contentOf(part.content, lines.longest), 'content', true);
    } else if (part.kind === 'external') {
      const url = printableJson(part.url);
      lines.item(printableJson(part.contentType), 'contentType');
      lines.item(profile === 'draft04' ? `32(${url})` : url, 'url');
      lines.item(String(part.expires), 'expires');
      lines.item(String(part.size), 'size');
      lines.item(String(part.encAlg), 'encAlg');
      lines.item(bytes(part.key), 'key');
      lines.item(bytes(part.nonce), 'nonce');
      lines.item(bytes(part.aad), 'aad');
      lines.item(String(part.hashAlg), 'hashAlg');
      lines.item(bytes(part.contentHash), 'contentHash');
      lines.item(printableJson(part.description), 'description', profile === 'draft04');
      if (profile === 'draft08') lines.item(printableJson(part.filename), 'filename', true);
    } else if (part.kind === 'multi') {
      lines.item(String(semanticsNumbers[part.semantics]), `partSemantics = ${part.semantics}`);
      lines.open('[', '');
      for (const [at, nested] of part.parts.entries()) one(nested, at === part.parts.length - 1);
      lines.close(']', true);
    }
    lines.close(']', isLast);
  };
  one(part, last);
}

const bytes = (value: Uint8Array | undefined): string =>
  value === undefined ? 'null' : `h'${hex(value)}'`;

/** Text as a printableJson byte string, all else in hexadecimal. */
function contentOf(content: Uint8Array, longest: number): string {
  if (content.length > longest) {
    return `h'${hex(content.subarray(0, longest))}…' / ${content.length} bytes, cut short /`;
  }
  try {
    const text = utf8.decode(content);
    const escaped = text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (!/[\u0000-\u001f\u007f-\u009f]/.test(escaped)) return `'${printable(escaped)}'`;
  } catch {
    // Not a text.
  }
  return bytes(content);
}

function expiration({ profile, expires }: MimiContent): string {
  if (profile === 'draft04') return String(expires?.seconds ?? 0);
  return expires === undefined ? 'null' : draft08Expiration(expires);
}

const draft08Expiration = ({ relative, seconds }: Expiration): string =>
  `[${relative}, ${seconds}]`;

function reply({ inReplyTo }: MimiContent): string {
  if (inReplyTo === undefined) return 'null';
  const { messageId, hashAlg, hash }: ReplyReference = inReplyTo;
  return hash === undefined
    ? bytes(messageId)
    : `[${bytes(messageId)}, ${hashAlg}, ${bytes(hash)}]`;
}

/** Any decoded value. */
export function edn(value: DecodedValue): string {
  if (value instanceof Uint8Array) return bytes(value);
  if (value instanceof Tagged) return `${value.tag}(${edn(value.value as DecodedValue)})`;
  if (Array.isArray(value)) return `[${value.map(edn).join(', ')}]`;
  if (value instanceof Map) {
    return `{${Array.from(value, ([key, item]) => `${edn(key)}: ${edn(item)}`).join(', ')}}`;
  }
  if (typeof value === 'string') return printableJson(value);
  if (typeof value === 'number' && Object.is(value, -0)) return '-0.0';
  return String(value);
}

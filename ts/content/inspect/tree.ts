// A message as a tree of lines, for people who want to see at a glance what it says.

import { hex } from '../cbor/text.ts';
import { extensionEntries } from '../extension_values.ts';
import type { ExternalPart, MimiContent, NestedPart, SinglePart } from '../model.ts';
import { decodeValue } from './decode_value.ts';
import { edn } from './diagnostic.ts';
import { dispositionName } from './names.ts';
import { printable, printableJson } from './printable.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const PREVIEW = 60;

interface Node {
  readonly text: string;
  readonly children: readonly Node[];
}

/** The message as text, one line an item, without what is empty. */
export function drawTree(content: MimiContent): string {
  const { profile, salt, replaces, topicId, expires, inReplyTo, lastSeen, extensions } = content;
  const children: Node[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) children.push(leaf(`${name}: ${value}`));
  };
  add('salt', salt && hex(salt));
  add('replaces', replaces && hex(replaces));
  add('topic', topicId.length === 0 ? undefined : hex(topicId));
  if (expires?.relative) add('expires', `${expires.seconds} s after reading`);
  else add('expires', expires && new Date(expires.seconds * 1000).toISOString());
  add('in reply to', inReplyTo && hex(inReplyTo.messageId));
  add('last seen', lastSeen.length === 0 ? undefined : lastSeen.map(hex).join(', '));
  for (const [key, value] of extensionEntries(extensions)) {
    add(`extension ${keyNames.get(key) ?? key}`, edn(decodeValue(value)));
  }
  children.push(partNode(content.body));
  const lines = [`${profile} message`];
  drawChildren(lines, children, '');
  return lines.map((line) => `${printable(line)}\n`).join('');
}

const keyNames = new Map<number | string, string>([
  [1, '1 (senderUri)'],
  [2, '2 (roomUri)'],
]);

const leaf = (text: string): Node => ({ text, children: [] });

function drawChildren(lines: string[], children: readonly Node[], indent: string): void {
  for (const [at, child] of children.entries()) {
    const isLast = at === children.length - 1;
    lines.push(`${indent}${isLast ? '└─' : '├─'} ${child.text}`);
    drawChildren(lines, child.children, `${indent}${isLast ? '   ' : '│  '}`);
  }
}

function partNode(part: NestedPart): Node {
  const language = part.language === '' ? '' : `, ${part.language}`;
  const head = `part ${part.index}, ${dispositionName(part.disposition)}${language}: `;
  if (part.kind === 'null') return leaf(`${head}nothing`);
  if (part.kind === 'single') return leaf(`${head}${singleText(part)}`);
  if (part.kind === 'external')
    return { text: `${head}${part.url}`, children: externalNodes(part) };
  return { text: `${head}${part.semantics}`, children: part.parts.map(partNode) };
}

function singleText({ contentType, content }: SinglePart): string {
  return `${contentType || 'no content type'}, ${content.length} bytes${preview(content)}`;
}

function preview(content: Uint8Array): string {
  let text: string;
  try {
    text = utf8.decode(content);
  } catch {
    return '';
  }
  const characters = Array.from(text.slice(0, 2 * PREVIEW))
    .slice(0, PREVIEW)
    .join('');
  return ` ${printableJson(characters)}${characters.length < text.length ? '…' : ''}`;
}

/** The key is a secret; that there is one is not. */
function externalNodes(part: ExternalPart): Node[] {
  const lines = [
    part.contentType,
    part.filename && `file name: ${part.filename}`,
    part.description,
    Number(part.size) > 0 && `${part.size} bytes`,
    part.encAlg > 0 &&
      `encrypted by AEAD algorithm ${part.encAlg}, key of ${part.key.length} bytes`,
    part.hashAlg > 0 && `hash ${part.hashAlg}: ${hex(part.contentHash)}`,
    part.expires > 0 && `until ${new Date(part.expires * 1000).toISOString()}`,
  ];
  return lines.flatMap((line) => (line ? [leaf(line)] : []));
}

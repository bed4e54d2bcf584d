// The nested parts of a message: draft-ietf-mimi-content, "Message Bodies" and "External content". One recursion of at
// most four levels; the profiles differ in the part index, the tag of a URL and the file name.

import { ARRAY, type CborReader, TAG } from './cbor/reader.ts';
import type { CborWriter } from './cbor/writer.ts';
import { MAX_DEPTH, MAX_PARTS, MAX_U8, MAX_U16, MAX_U32 } from './limits.ts';
import type { ExternalPart, MultiPart, NestedPart, PartSemanticsName, Profile } from './model.ts';
import { rules } from './rules.ts';

/** Where the body stands in the container, for paths. */
const PLACE = 6;
/** The tag of a URI, RFC 8949, section 3.4.5.3. */
const URI_TAG = 32;

const semanticsNames = ['chooseOne', 'singleUnit', 'processAll'] as const;
const kinds = ['null', 'single', 'external', 'multi'] as const;

/** How many items an array of each kind has in draft08; in draft04 the part index is one more, the file name is not there. */
const lengths08 = [3, 5, 15, 5];
const lengths04 = [4, 6, 15, 6];

/** The fields that all parts have, as they are read. */
interface Base {
  readonly disposition: number;
  readonly language: string;
  readonly index: number;
}

/** What the parts of one message share. */
interface Walk {
  readonly profile: Profile;
  readonly lengths: readonly number[];
  /** How many parts there were; the next one's index. */
  seen: number;
}

const walkOf = (profile: Profile): Walk => ({
  profile,
  lengths: profile === 'draft04' ? lengths04 : lengths08,
  seen: 0,
});

/** Which limit one more part at this level would break. */
function brokenLimit({ seen }: Walk, level: number): 'tooDeep' | 'tooMany' | undefined {
  if (level > MAX_DEPTH) return 'tooDeep';
  return seen < MAX_PARTS ? undefined : 'tooMany';
}

const limits = `at most ${MAX_DEPTH} levels and ${MAX_PARTS} parts`;

/** Reads the body of a message. */
export function readBody(reader: CborReader, profile: Profile): NestedPart {
  reader.trail.push(PLACE);
  const body = readPart(reader, walkOf(profile), 1);
  reader.trail.pop();
  return body;
}

function readPart(reader: CborReader, walk: Walk, level: number): NestedPart {
  const start = reader.at;
  const count = reader.count(ARRAY, '');
  if (!walk.lengths.includes(count)) throw wrongLength(reader, start, walk.lengths);
  const broken = brokenLimit(walk, level);
  if (broken !== undefined) throw reader.fault(broken, start, '', limits);
  const index = walk.seen;
  walk.seen += 1;

  const disposition = reader.uint(MAX_U8, 'disposition');
  const language = reader.text('language');
  if (walk.profile === 'draft04') checkIndex(reader, index);
  const cardinality = readChoice(reader, kinds, 'cardinality', 'unknownCardinality');
  const length = walk.lengths[cardinality];
  if (count !== length) throw wrongLength(reader, start, length);
  if (cardinality === 0) return { kind: 'null', disposition, language, index };
  if (cardinality === 1) {
    const contentType = reader.text('contentType');
    const content = reader.byteString('content');
    return { kind: 'single', disposition, language, index, contentType, content };
  }
  const base = { disposition, language, index };
  if (cardinality === 2) return readExternal(reader, walk.profile, base);
  return readMulti(reader, walk, level, base);
}

const wrongLength = (reader: CborReader, start: number, lengths: unknown) =>
  reader.fault('wrongLength', start, '', `an array of ${lengths}`);

/** The number of one of the names (rule C7). */
function readChoice(
  reader: CborReader,
  choices: readonly string[],
  name: string,
  code: 'unknownCardinality' | 'unknownSemantics',
): number {
  const { at } = reader;
  const number = Number(reader.uint64(name));
  if (number < choices.length) return number;
  throw reader.fault(code, at, name, `less than ${choices.length}`);
}

function checkIndex(reader: CborReader, index: number): void {
  const { at } = reader;
  if (reader.uint(MAX_U16, 'partIndex') === index) return;
  throw reader.fault('wrongPartIndex', at, 'partIndex', `${index}`);
}

function readMulti(
  reader: CborReader,
  walk: Walk,
  level: number,
  { disposition, language, index }: Base,
): MultiPart {
  const number = readChoice(reader, semanticsNames, 'partSemantics', 'unknownSemantics');
  const semantics = semanticsNames[number] as PartSemanticsName;
  const start = reader.at;
  const count = reader.count(ARRAY, 'parts');
  if (count < 2) throw reader.fault('wrongLength', start, 'parts', 'two parts or more');
  const parts: NestedPart[] = [];
  while (parts.length < count) {
    reader.trail.push(parts.length);
    parts.push(readPart(reader, walk, level + 1));
    reader.trail.pop();
  }
  return { kind: 'multi', disposition, language, index, semantics, parts };
}

function readExternal(
  reader: CborReader,
  profile: Profile,
  { disposition, language, index }: Base,
): ExternalPart {
  const contentType = reader.text('contentType');
  if (profile === 'draft04') reader.tag(URI_TAG, 'url');
  // Not by spreading: that makes objects of another kind to V8, and reading ten times as slow.
  return {
    kind: 'external',
    disposition,
    language,
    index,
    contentType,
    url: reader.text('url'),
    expires: reader.uint(MAX_U32, 'expires'),
    size: reader.uint64('size'),
    encAlg: reader.uint(MAX_U16, 'encAlg'),
    key: reader.byteString('key'),
    nonce: reader.byteString('nonce'),
    aad: reader.byteString('aad'),
    hashAlg: reader.uint(MAX_U8, 'hashAlg'),
    contentHash: reader.byteString('contentHash'),
    description: reader.text('description'),
    filename: profile === 'draft08' ? reader.text('filename') : '',
  };
}

/** Writes the body of a message; part indices are counted, whatever the parts say. */
export function writeBody(writer: CborWriter, body: NestedPart, profile: Profile): void {
  writer.trail.push(PLACE);
  writePart(writer, walkOf(profile), body, 1);
  writer.trail.pop();
}

function writePart(writer: CborWriter, walk: Walk, part: NestedPart, level: number): void {
  const cardinality = kinds.indexOf(part.kind);
  const broken = brokenLimit(walk, level);
  if (broken !== undefined) throw writer.refusal(rules[broken], '', `exceeds ${limits}`);
  writer.head(ARRAY, walk.lengths[cardinality] ?? 0);
  writer.uint(part.disposition, MAX_U8, 'disposition');
  writer.text(part.language, 'language');
  if (walk.profile === 'draft04') writer.uint(walk.seen, MAX_U16, 'partIndex');
  walk.seen += 1;
  // Of a kind or semantics that is not known the number is -1, which is refused.
  writer.uint(cardinality, MAX_U8, 'cardinality');
  if (part.kind === 'single') {
    writer.text(part.contentType, 'contentType');
    writer.byteString(part.content, 'content');
  } else if (part.kind === 'external') {
    writeExternal(writer, walk.profile, part);
  } else if (part.kind === 'multi') {
    const { parts, semantics } = part;
    writer.uint(semanticsNames.indexOf(semantics), MAX_U8, 'partSemantics');
    if (parts.length < 2) throw writer.refusal('C1', 'parts', 'must be two or more');
    writer.head(ARRAY, parts.length);
    for (const [index, nested] of parts.entries()) {
      writer.trail.push(index);
      writePart(writer, walk, nested, level + 1);
      writer.trail.pop();
    }
  }
}

function writeExternal(writer: CborWriter, profile: Profile, part: ExternalPart): void {
  writer.text(part.contentType, 'contentType');
  if (profile === 'draft04') writer.head(TAG, URI_TAG);
  writer.text(part.url, 'url');
  writer.uint(part.expires, MAX_U32, 'expires');
  writer.uint64(part.size, 'size');
  writer.uint(part.encAlg, MAX_U16, 'encAlg');
  writer.byteString(part.key, 'key');
  writer.byteString(part.nonce, 'nonce');
  writer.byteString(part.aad, 'aad');
  writer.uint(part.hashAlg, MAX_U8, 'hashAlg');
  writer.byteString(part.contentHash, 'contentHash');
  writer.text(part.description, 'description');
  if (profile === 'draft08') writer.text(part.filename, 'filename');
  else if (part.filename !== '') throw writer.refusal('C1', 'filename', 'is not in draft04');
}

// The nested parts of a message: draft-ietf-mimi-content, "Message Bodies" and "External content". One recursion of at
// most four levels; the profiles differ in the part index, the tag of a URL and the file name.

import type { CborReader } from './cbor/reader.ts';
import { type CborWriter, unencodable } from './cbor/writer.ts';
import { MAX_DEPTH, MAX_PARTS } from './limits.ts';
import {
  type ExternalPart,
  type NestedPart,
  PartSemantics,
  type PartSemanticsName,
  type Profile,
} from './model.ts';

const MAX_U8 = 0xff;
const MAX_U16 = 0xffff;
const MAX_U32 = 0xffff_ffff;
/** Where the body stands in the container, for paths. */
const PLACE = 6;
/** The tag of a URI, RFC 8949, section 3.4.5.3. */
const URI_TAG = 32;

const semanticsNames = ['chooseOne', 'singleUnit', 'processAll'] as const;
const kinds = ['null', 'single', 'external', 'multi'] as const;

/** How many items an array of each kind has in draft08; in draft04 the part index is one more, the file name is not there. */
const lengths08 = [3, 5, 15, 5];
const lengths04 = [4, 6, 15, 6];

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

/** Reads the body of a message. */
export function readBody(reader: CborReader, profile: Profile): NestedPart {
  reader.trail.push(PLACE);
  const body = readPart(reader, walkOf(profile), 1);
  reader.trail.pop();
  return body;
}

function readPart(reader: CborReader, walk: Walk, level: number): NestedPart {
  const start = reader.at;
  const count = reader.array('', 'a part');
  if (count >= 0 && !walk.lengths.includes(count)) {
    throw reader.fault('wrongLength', start, '', `an array of ${lengthsOf(walk)}`);
  }
  if (level > MAX_DEPTH) throw reader.fault('tooDeep', start, '', `at most ${MAX_DEPTH} levels`);
  if (walk.seen >= MAX_PARTS)
    throw reader.fault('tooMany', start, '', `at most ${MAX_PARTS} parts`);
  const index = walk.seen;
  walk.seen += 1;

  const disposition = reader.uint(MAX_U8, 'disposition');
  const language = reader.text('language');
  if (walk.profile === 'draft04') checkIndex(reader, index);
  const cardinalityAt = reader.at;
  const cardinality = reader.uint64('cardinality');
  const kind = cardinality < kinds.length ? kinds[Number(cardinality)] : undefined;
  if (kind === undefined) {
    throw reader.fault('unknownCardinality', cardinalityAt, 'cardinality', '0, 1, 2 or 3');
  }
  const length = walk.lengths[Number(cardinality)] as number;
  if (count >= 0 && count !== length) {
    throw reader.fault(
      'wrongLength',
      start,
      '',
      `an array of ${length} for cardinality ${cardinality}`,
    );
  }
  const part = readKind(reader, walk, level, kind, { disposition, language, index });
  reader.endFixedArray(count, start, length, '');
  return part;
}

const lengthsOf = ({ lengths }: Walk): string => [...new Set(lengths)].join(', ');

function checkIndex(reader: CborReader, index: number): void {
  const start = reader.at;
  if (reader.uint(MAX_U16, 'partIndex') !== index) {
    throw reader.fault('wrongPartIndex', start, 'partIndex', `${index}`);
  }
}

function readKind(
  reader: CborReader,
  walk: Walk,
  level: number,
  kind: (typeof kinds)[number],
  fields: { readonly disposition: number; readonly language: string; readonly index: number },
): NestedPart {
  const { disposition, language, index } = fields;
  if (kind === 'null') return { kind, disposition, language, index };
  if (kind === 'single') {
    const contentType = reader.text('contentType');
    const content = reader.byteString('content');
    return { kind, disposition, language, index, contentType, content };
  }
  if (kind === 'external') return readExternal(reader, walk.profile, fields);
  const semanticsAt = reader.at;
  const number = reader.uint64('partSemantics');
  const semantics = number < semanticsNames.length ? semanticsNames[Number(number)] : undefined;
  if (semantics === undefined) {
    throw reader.fault('unknownSemantics', semanticsAt, 'partSemantics', '0, 1 or 2');
  }
  const parts = readParts(reader, walk, level);
  return { kind, disposition, language, index, semantics, parts };
}

function readParts(reader: CborReader, walk: Walk, level: number): NestedPart[] {
  const start = reader.at;
  const count = reader.array('parts', 'an array of parts');
  if (count >= 0 && count < 2)
    throw reader.fault('wrongLength', start, 'parts', 'two parts or more');
  const parts: NestedPart[] = [];
  while (reader.more(count, parts.length)) {
    reader.trail.push(parts.length);
    parts.push(readPart(reader, walk, level + 1));
    reader.trail.pop();
  }
  if (parts.length < 2) throw reader.fault('wrongLength', start, 'parts', 'two parts or more');
  reader.endContainer(count);
  return parts;
}

function readExternal(
  reader: CborReader,
  profile: Profile,
  { disposition, language, index }: { disposition: number; language: string; index: number },
): ExternalPart {
  const contentType = reader.text('contentType');
  if (profile === 'draft04') reader.tag(URI_TAG, 'url', 'tag 32, a URI');
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

/** Writes the body of a message; part indices are counted, whatever the parts say. Throws unencodable. */
export function writeBody(writer: CborWriter, body: NestedPart, profile: Profile): void {
  writePart(writer, walkOf(profile), body, 1, `/${PLACE}`);
}

function writePart(
  writer: CborWriter,
  walk: Walk,
  part: NestedPart,
  level: number,
  path: string,
): void {
  const cardinality = kinds.indexOf(part.kind);
  if (cardinality < 0) throw unencodable(path, 'C7', `is of no known kind: ${part.kind}`);
  if (level > MAX_DEPTH)
    throw unencodable(path, 'C4', `is nested more than ${MAX_DEPTH} levels deep`);
  if (walk.seen >= MAX_PARTS)
    throw unencodable(path, 'C5', `is one of more than ${MAX_PARTS} parts`);
  const index = walk.seen;
  walk.seen += 1;
  writer.array(walk.lengths[cardinality] as number);
  writer.uint(part.disposition, MAX_U8, `${path}/disposition`);
  writer.text(part.language, `${path}/language`);
  if (walk.profile === 'draft04') writer.uint(index, MAX_U16, `${path}/partIndex`);
  writer.uint(cardinality, MAX_U8, path);
  if (part.kind === 'single') {
    writer.text(part.contentType, `${path}/contentType`);
    writer.byteString(part.content, `${path}/content`);
  } else if (part.kind === 'external') {
    writeExternal(writer, walk.profile, part, path);
  } else if (part.kind === 'multi') {
    writer.uint(semanticsNumber(part.semantics, path), MAX_U8, path);
    if (part.parts.length < 2)
      throw unencodable(`${path}/parts`, 'C1', 'must be two parts or more');
    writer.array(part.parts.length);
    for (const [child, nested] of part.parts.entries()) {
      writePart(writer, walk, nested, level + 1, `${path}/${child}`);
    }
  }
}

function semanticsNumber(name: PartSemanticsName, path: string): number {
  const number = PartSemantics[name];
  if (number === undefined) throw unencodable(path, 'C7', `has no such part semantics: ${name}`);
  return number;
}

function writeExternal(
  writer: CborWriter,
  profile: Profile,
  part: ExternalPart,
  path: string,
): void {
  writer.text(part.contentType, `${path}/contentType`);
  if (profile === 'draft04') {
    writer.tag(URI_TAG);
    if (part.filename !== '')
      throw unencodable(`${path}/filename`, 'C1', 'has no place in draft04');
  }
  writer.text(part.url, `${path}/url`);
  writer.uint(part.expires, MAX_U32, `${path}/expires`);
  writer.uint64(part.size, `${path}/size`);
  writer.uint(part.encAlg, MAX_U16, `${path}/encAlg`);
  writer.byteString(part.key, `${path}/key`);
  writer.byteString(part.nonce, `${path}/nonce`);
  writer.byteString(part.aad, `${path}/aad`);
  writer.uint(part.hashAlg, MAX_U8, `${path}/hashAlg`);
  writer.byteString(part.contentHash, `${path}/contentHash`);
  writer.text(part.description, `${path}/description`);
  if (profile === 'draft08') writer.text(part.filename, `${path}/filename`);
}

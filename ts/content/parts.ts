// Parts by name: draft-ietf-mimi-content, "Message Bodies". A draft of a part has no index yet.

import { hasLoneSurrogate } from './cbor/text.ts';
import { MAX_DEPTH } from './limits.ts';
import {
  Disposition,
  type ExternalPart,
  type MultiPart,
  type NestedPart,
  type NullPart,
  type PartSemanticsName,
  type Profile,
  type SinglePart,
} from './model.ts';
import { ContentError } from './rules.ts';

/** The media types that every client reads, and those that are recommended. */
export const mediaTypes = {
  plainText: 'text/plain;charset=utf-8',
  markdown: 'text/markdown;variant=GFM-MIMI',
  /** The rich text of draft04. */
  githubMarkdown: 'text/markdown;variant=GFM',
  commonMark: 'text/markdown;variant=CommonMark',
  html: 'text/html;charset=utf-8',
  mimiContent: 'application/mimi-content',
} as const;

type Draft<Part> = Omit<Part, 'index'>;

/** A part before it stands in a message. */
export type PartDraft =
  | Draft<NullPart>
  | Draft<SinglePart>
  | Draft<ExternalPart>
  | (Draft<Omit<MultiPart, 'parts'>> & { readonly parts: readonly PartDraft[] });

export interface PartOptions {
  /** `render` when not given. */
  readonly disposition?: number | undefined;
  /** Language tags of BCP 47, separated by commas. */
  readonly language?: string | undefined;
}

/** An external part; what is left out is empty or 0. */
export type ExternalOptions = { readonly url: string } & Partial<
  Omit<ExternalPart, 'kind' | 'index' | 'url'>
>;

const utf8 = new TextEncoder();
const nothing = new Uint8Array();

const fields = ({ disposition = Disposition.render, language = '' }: PartOptions) => ({
  disposition,
  language,
});

/** UTF-8. Throws ContentError `unencodable` for half of a surrogate pair, which would become another character. */
export function encodeText(text: string, path = ''): Uint8Array {
  if (!hasLoneSurrogate(text)) return utf8.encode(text);
  throw new ContentError('unencodable', 'The text holds half of a surrogate pair (C3).', {
    details: { rule: 'C3', path },
  });
}

/** Makers of parts. Those that take a text throw ContentError `unencodable` where it is not well-formed. */
export const part = {
  nothing: (options: PartOptions = {}): PartDraft => ({ kind: 'null', ...fields(options) }),

  single: (contentType: string, content: Uint8Array, options: PartOptions = {}): PartDraft => ({
    kind: 'single',
    ...fields(options),
    contentType,
    content,
  }),

  text: (text: string, options: PartOptions = {}): PartDraft =>
    part.single(mediaTypes.plainText, encodeText(text), options),

  markdown: (
    text: string,
    { profile = 'draft08', ...options }: PartOptions & { readonly profile?: Profile } = {},
  ): PartDraft =>
    part.single(
      profile === 'draft04' ? mediaTypes.githubMarkdown : mediaTypes.markdown,
      encodeText(text),
      options,
    ),

  html: (text: string, options: PartOptions = {}): PartDraft =>
    part.single(mediaTypes.html, encodeText(text), options),

  /** Content at a URL, encrypted or not. */
  external: (options: ExternalOptions): PartDraft => ({
    kind: 'external',
    contentType: '',
    expires: 0,
    size: 0,
    encAlg: 0,
    key: nothing,
    nonce: nothing,
    aad: nothing,
    hashAlg: 0,
    contentHash: nothing,
    description: '',
    filename: '',
    ...options,
    ...fields({ ...options, disposition: options.disposition ?? Disposition.attachment }),
  }),

  /** Two parts or more, of which the receiver takes one, all or none, or as many as it can. */
  multi: (
    semantics: PartSemanticsName,
    parts: readonly PartDraft[],
    options: PartOptions = {},
  ): PartDraft => ({ kind: 'multi', ...fields(options), semantics, parts }),
} as const;

/** Numbers the parts depth first, from 0. Throws ContentError `unencodable` for what is nested too deeply (rule C4). */
export function numberParts(draft: PartDraft): NestedPart {
  let next = 0;
  const number = (part: PartDraft, level: number): NestedPart => {
    if (level > MAX_DEPTH) {
      throw new ContentError(
        'unencodable',
        `A message has at most ${MAX_DEPTH} levels of parts (C4).`,
        {
          details: { rule: 'C4', path: '/6' },
        },
      );
    }
    const index = next;
    next += 1;
    return part.kind === 'multi'
      ? { ...part, index, parts: part.parts.map((nested) => number(nested, level + 1)) }
      : { ...part, index };
  };
  return number(draft, 1);
}

/** A part and all that are nested in it, in the order of their indices. */
export function* partsOf(part: NestedPart): Generator<NestedPart> {
  yield part;
  if (part.kind === 'multi') for (const nested of part.parts) yield* partsOf(nested);
}

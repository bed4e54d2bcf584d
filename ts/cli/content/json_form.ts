// Messages as JSON, for `exedra content encode` and `inspect --json`: bytes in hexadecimal, texts of parts as text,
// extension values as their CBOR in hexadecimal.
import { z } from 'zod';
import {
  ContentError,
  Disposition,
  type ExtensionKey,
  type Extensions,
  extensionEntries,
  type MimiContent,
  type NestedPart,
  numberParts,
  type PartDraft,
  rawExtensions,
} from '../../content/index.ts';
import { bytesOfHex, hexOf } from './input.ts';

const hex = z
  .string()
  .regex(/^([0-9a-f]{2})*$/i, 'hexadecimal digits')
  .transform(bytesOfHex);
const dispositions = Object.keys(Disposition) as [keyof typeof Disposition];
const disposition = z
  .union([z.int().min(0).max(255), z.enum(dispositions).transform((name) => Disposition[name])])
  .default(Disposition.render);
const base = { disposition, language: z.string().default('') };
const none = () => new Uint8Array();
const utf8 = new TextEncoder();

const size = z.union([z.int().min(0), z.string().regex(/^\d+$/).transform(BigInt)]);

const part: z.ZodType<PartDraft, unknown> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('null'), ...base }),
    z
      .strictObject({
        kind: z.literal('single'),
        ...base,
        contentType: z.string(),
        text: z
          .string()
          .refine((text) => !/\p{Surrogate}/u.test(text), 'half of a surrogate pair')
          .optional(),
        content: hex.optional(),
      })
      .refine(({ text, content }) => text === undefined || content === undefined, {
        message: 'either text or content',
      })
      .transform(({ text, content, ...rest }) => ({
        ...rest,
        content: content ?? utf8.encode(text ?? ''),
      })),
    z.strictObject({
      kind: z.literal('external'),
      ...base,
      contentType: z.string().default(''),
      url: z.string(),
      expires: z.int().default(0),
      size: size.default(0),
      encAlg: z.int().default(0),
      key: hex.default(none),
      nonce: hex.default(none),
      aad: hex.default(none),
      hashAlg: z.int().default(0),
      contentHash: hex.default(none),
      description: z.string().default(''),
      filename: z.string().default(''),
    }),
    z.strictObject({
      kind: z.literal('multi'),
      ...base,
      semantics: z.enum(['chooseOne', 'singleUnit', 'processAll']),
      parts: z.array(part),
    }),
  ]),
);

const message = z.strictObject({
  profile: z.enum(['draft04', 'draft08']),
  salt: hex.optional(),
  replaces: hex.optional(),
  topicId: hex.default(none),
  expires: z.strictObject({ relative: z.boolean().default(false), seconds: z.int() }).optional(),
  inReplyTo: z
    .strictObject({ messageId: hex, hashAlg: z.int().optional(), hash: hex.optional() })
    .optional(),
  lastSeen: z.array(hex).default([]),
  /** Keys as `keyToJson` has them; values as CBOR. */
  extensions: z.record(z.string(), hex).default({}),
  body: part,
});

/** A message from its JSON form. Throws ContentError `invalidArgument`, which names the field, and `unencodable`. */
export function contentFromJson(json: string): MimiContent {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new ContentError('invalidArgument', `This is no JSON: ${(cause as Error).message}.`, {
      cause,
    });
  }
  const parsed = message.safeParse(value);
  if (!parsed.success) throw new ContentError('invalidArgument', z.prettifyError(parsed.error));
  const { extensions, body, ...rest } = parsed.data;
  const entries = Object.entries(extensions).map(
    ([key, bytes]) => [keyFromJson(key), bytes] as const,
  );
  return { ...rest, extensions: rawExtensions(rest.profile, entries), body: numberParts(body) };
}

/** The JSON form of a message, as an object. */
export function contentToJson(content: MimiContent): Record<string, unknown> {
  const { profile, salt, replaces, topicId, expires, inReplyTo, lastSeen, extensions, body } =
    content;
  return {
    profile,
    ...(salt && { salt: hexOf(salt) }),
    ...(replaces && { replaces: hexOf(replaces) }),
    ...(topicId.length > 0 && { topicId: hexOf(topicId) }),
    ...(expires && { expires }),
    ...(inReplyTo && {
      inReplyTo: {
        messageId: hexOf(inReplyTo.messageId),
        ...(inReplyTo.hash && { hashAlg: inReplyTo.hashAlg, hash: hexOf(inReplyTo.hash) }),
      },
    }),
    ...(lastSeen.length > 0 && { lastSeen: lastSeen.map(hexOf) }),
    extensions: extensionsToJson(extensions),
    body: partToJson(body),
  };
}

const extensionsToJson = (extensions: Extensions): Record<string, string> =>
  Object.fromEntries(
    Array.from(extensionEntries(extensions), ([key, value]) => [keyToJson(key), hexOf(value)]),
  );

const digits = /^-?\d+$/;

/** Texts that are not what they seem as names of an object: digits, quoted ones, and the one that zod passes over. */
const ambiguous = /^(?:-?\d+$|"|__proto__$)/;

/** Integers as digits; texts as they are, in quotes where they are ambiguous. */
function keyToJson(key: ExtensionKey): string {
  if (typeof key === 'number') return String(key);
  return ambiguous.test(key) ? JSON.stringify(key) : key;
}

function keyFromJson(key: string): ExtensionKey {
  if (digits.test(key)) return Number(key);
  if (!key.startsWith('"')) return key;
  try {
    return String(JSON.parse(key));
  } catch (cause) {
    throw new ContentError('invalidArgument', `The extension key ${key} is no JSON.`, { cause });
  }
}

function partToJson(part: NestedPart): Record<string, unknown> {
  const { index: _, ...rest } = part;
  if (rest.kind === 'null') return rest;
  if (rest.kind === 'multi') return { ...rest, parts: rest.parts.map(partToJson) };
  if (rest.kind === 'single') {
    const { content, ...others } = rest;
    const text = textOf(content);
    return { ...others, ...(text === undefined ? { content: hexOf(content) } : { text }) };
  }
  const { size, key, nonce, aad, contentHash, ...others } = rest;
  return {
    ...others,
    size: typeof size === 'bigint' ? String(size) : size,
    key: hexOf(key),
    nonce: hexOf(nonce),
    aad: hexOf(aad),
    contentHash: hexOf(contentHash),
  };
}

/** The text whose UTF-8 a content is, byte for byte. */
function textOf(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}

// The protocol directory: draft-ietf-mimi-protocol-06, "Directory". JSON of URL templates, each with one
// variable in braces (RFC 6570, level 1). The draft's example writes `update{roomId}` without a slash and
// lacks a colon after "proxyDownload": slips. A template is used as its provider wrote it; ours have the
// slash.

import { WireError } from '../errors.ts';
import { encodePathUri } from '../uri.ts';

const required = ['keyMaterial', 'update', 'notify', 'submitMessage', 'groupInfo'] as const;
const optional = [
  'requestConsent',
  'updateConsent',
  'identifierQuery',
  'reportAbuse',
  'proxyDownload',
] as const;

/** Endpoints without which no room can be shared. */
type RequiredEndpoint = (typeof required)[number];

/** URL template by endpoint. */
export type Directory = Readonly<Record<RequiredEndpoint, string>> & {
  readonly [Name in (typeof optional)[number]]?: string | undefined;
};

/** A directory has ten URLs; this is ample. */
const MAX_DIRECTORY_BYTES = 64 * 1024;
/** Origin, path and query before and after one variable. */
const templatePattern = /^https?:\/\/[^\s{}/?#@][^\s{}#@]*\{[A-Za-z]+\}[^\s{}#]*$/;
const variablePattern = /\{[A-Za-z]+\}/;

function refuse(message: string, path: string, cause?: unknown): WireError {
  return new WireError('invalidDirectory', message, { cause, details: { path } });
}

function readTemplate(value: unknown, name: string): string {
  if (typeof value !== 'string' || !templatePattern.test(value) || !URL.canParse(value)) {
    throw refuse(`${name} is not an http(s) URL template with one variable.`, `/${name}`);
  }
  return value;
}

/** The JSON document, as UTF-8. Throws `unencodable` for what `decodeDirectory` would refuse. */
export function encodeDirectory(directory: Directory): Uint8Array {
  const document: Record<string, string> = {};
  for (const name of [...required, ...optional]) {
    const template = directory[name];
    if (template === undefined && (optional as readonly string[]).includes(name)) continue;
    try {
      document[name] = readTemplate(template, name);
    } catch (cause) {
      throw new WireError('unencodable', `${name} must be a URL template.`, { cause });
    }
  }
  return new TextEncoder().encode(JSON.stringify(document, undefined, 2));
}

/**
 * Reads a directory; members that the draft does not name are ignored. Whether plain http is acceptable
 * is the caller's to decide. Throws `tooLarge`, `invalidUtf8`, `invalidDirectory`.
 */
export function decodeDirectory(bytes: Uint8Array): Directory {
  const document = parseObject(bytes);
  const directory: Record<string, string> = {};
  for (const name of required) directory[name] = readTemplate(document[name], name);
  for (const name of optional) {
    if (document[name] !== undefined) directory[name] = readTemplate(document[name], name);
  }
  return directory as Directory;
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length > MAX_DIRECTORY_BYTES) {
    const limit = `${MAX_DIRECTORY_BYTES} are allowed`;
    throw new WireError('tooLarge', `The directory has ${bytes.length} bytes; ${limit}.`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new WireError('invalidUtf8', 'The directory is not valid UTF-8.', { cause });
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw refuse('The directory is not JSON.', '/', cause);
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw refuse('The directory is not a JSON object.', '/');
  }
  return document as Record<string, unknown>;
}

/** The URL of an endpoint for one user, room or domain: `id` goes percent-encoded into the variable. */
export function endpointUrl(directory: Directory, endpoint: RequiredEndpoint, id: string): string {
  // A function, since `$` in a replacement string would be special.
  return directory[endpoint].replace(variablePattern, () => encodePathUri(id));
}

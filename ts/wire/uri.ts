// MIMI URIs (draft-ietf-mimi-protocol-06, table "MIMI URI examples") and their form in endpoint paths.
// The draft gives examples only; the grammar here is the strict one that its examples fit in.

import { WireError } from './errors.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `mimi://a.example` */
export type ProviderUri = Branded<'provider'>;
/** `mimi://a.example/u/alice` */
export type UserUri = Branded<'user'>;
/** `mimi://a.example/d/ClientA1`: a device; it does not name its user. */
export type ClientUri = Branded<'client'>;
/** `mimi://a.example/r/clubhouse` */
export type RoomUri = Branded<'room'>;
/** `mimi://a.example/g/clubhouse`: the MLS group of a room. */
export type GroupUri = Branded<'group'>;

export type MimiUriKind = 'provider' | 'user' | 'client' | 'room' | 'group';

export interface MimiUri {
  readonly kind: MimiUriKind;
  readonly domain: string;
  /** Empty for a provider. */
  readonly id: string;
}

const kindOfLetter: Readonly<Record<string, MimiUriKind>> = {
  u: 'user',
  d: 'client',
  r: 'room',
  g: 'group',
};

/** A label of RFC 1034, 3.5, in lower case, so that one provider has one spelling. */
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const domainPattern = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
/** A full domain name (RFC 1035, 2.3.4, less the root). */
const MAX_DOMAIN = 253;
/** `unreserved` of RFC 3986, 2.3; a dot segment is refused since URL software would resolve it. */
const idPattern = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}$/;
const uriPattern = /^mimi:\/\/([^/]+)(?:\/([udrg])\/([^/]+))?$/;
/** Longer than any valid URI: refused before a pattern runs over it. */
const MAX_URI = 'mimi:///u/'.length + MAX_DOMAIN + 128;

function isDomain(text: string): boolean {
  return text.length <= MAX_DOMAIN && domainPattern.test(text);
}

/** Long or odd input is named by its beginning only. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Takes a MIMI URI apart. Throws `invalidUri`. */
export function parseMimiUri(text: string): MimiUri {
  const match = text.length > MAX_URI ? null : uriPattern.exec(text);
  const [, domain = '', letter, id = ''] = match ?? [];
  const valid = isDomain(domain) && (letter === undefined || idPattern.test(id));
  if (!valid) throw new WireError('invalidUri', `${quote(text)} is not a MIMI URI.`);
  return {
    kind: letter === undefined ? 'provider' : (kindOfLetter[letter] as MimiUriKind),
    domain,
    id,
  };
}

function parseAs(text: string, kind: MimiUriKind): MimiUri {
  const uri = parseMimiUri(text);
  if (uri.kind !== kind) {
    throw new WireError('invalidUri', `${quote(text)} names a ${uri.kind}; a ${kind} is expected.`);
  }
  return uri;
}

/** Checks and brands. Each throws `invalidUri`. */
export function asProviderUri(text: string): ProviderUri {
  parseAs(text, 'provider');
  return text as ProviderUri;
}
export function asUserUri(text: string): UserUri {
  parseAs(text, 'user');
  return text as UserUri;
}
export function asClientUri(text: string): ClientUri {
  parseAs(text, 'client');
  return text as ClientUri;
}
export function asRoomUri(text: string): RoomUri {
  parseAs(text, 'room');
  return text as RoomUri;
}
export function asGroupUri(text: string): GroupUri {
  parseAs(text, 'group');
  return text as GroupUri;
}

function build(domain: string, letter: string, id: string): string {
  if (!isDomain(domain)) {
    throw new WireError('unencodable', `${quote(domain)} is not a lower-case domain name.`);
  }
  if (!idPattern.test(id)) {
    const rule = 'an id has 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -';
    throw new WireError('unencodable', `${quote(id)} is not an identifier: ${rule}.`);
  }
  return `mimi://${domain}/${letter}/${id}`;
}

/** Builders: each throws `unencodable` for a domain or id outside the grammar. */
export function providerUri(domain: string): ProviderUri {
  if (!isDomain(domain)) {
    throw new WireError('unencodable', `${quote(domain)} is not a lower-case domain name.`);
  }
  return `mimi://${domain}` as ProviderUri;
}
export function userUri(domain: string, id: string): UserUri {
  return build(domain, 'u', id) as UserUri;
}
export function clientUri(domain: string, id: string): ClientUri {
  return build(domain, 'd', id) as ClientUri;
}
export function roomUri(domain: string, id: string): RoomUri {
  return build(domain, 'r', id) as RoomUri;
}
export function groupUri(domain: string, id: string): GroupUri {
  return build(domain, 'g', id) as GroupUri;
}

/** The provider of any MIMI URI. Throws `invalidUri`. */
export function domainOf(uri: string): string {
  return parseMimiUri(uri).domain;
}

const utf8 = new TextEncoder();
const utf8Strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The MLS group of a room: the same domain and id. Throws `invalidUri`. */
export function groupUriOf(room: RoomUri): GroupUri {
  const { domain, id } = parseAs(room, 'room');
  return groupUri(domain, id);
}

/** The MLS group id of a room: the UTF-8 of its group's URI. Throws `invalidUri`. */
export function groupIdOf(room: RoomUri): Uint8Array {
  return utf8.encode(groupUriOf(room));
}

/** The room of an MLS group id. Throws `invalidUri` for a group id that is not of a MIMI room. */
export function roomOfGroupId(groupId: Uint8Array): RoomUri {
  let text: string;
  try {
    text = utf8Strict.decode(groupId);
  } catch (cause) {
    throw new WireError('invalidUri', 'The MLS group id is not text.', { cause });
  }
  const { domain, id } = parseAs(text, 'group');
  return roomUri(domain, id);
}

/** `{roomId}` and its like in an endpoint path: the whole URI, percent-encoded as one segment. */
export function encodePathUri(uri: string): string {
  try {
    return encodeURIComponent(uri);
  } catch (cause) {
    throw new WireError('unencodable', 'The URI holds half of a surrogate pair.', { cause });
  }
}

/** What a path segment may hold (RFC 3986, 3.3, pchar). */
const segmentPattern = /^[A-Za-z0-9._~!$&'()*+,;=:@%-]+$/;

/** Takes the URI out of a path segment. Throws `invalidUri` for what is not one percent-encoded segment. */
export function decodePathUri(segment: string): string {
  if (!segmentPattern.test(segment)) {
    throw new WireError('invalidUri', `${quote(segment)} is not one path segment.`);
  }
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new WireError('invalidUri', `${quote(segment)} is wrongly percent-encoded.`, { cause });
  }
}

// The ways in which a secret may be written down: what the audit searches for.
// raw, hexadecimal, base64, base64url, URL-encoded, UTF-16, escaped or listed in JSON.

/** How a form is called in the audit's account. */
export type EncodingName =
  | 'raw'
  | 'hex'
  | 'base64'
  | 'base64url'
  | 'url'
  | 'utf-16le'
  | 'utf-16be'
  | 'json';

/** One way in which a secret may stand in bytes. */
export interface EncodedForm {
  readonly encoding: EncodingName;
  readonly bytes: Uint8Array;
}

const utf8 = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Base64 of bytes wherever they begin in what is encoded: of each alignment the characters that depend on them alone. */
function base64Forms(bytes: Uint8Array): string[] {
  return [0, 1, 2].map((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const first = Math.ceil((shift * 8) / 6);
    const end = Math.floor(((shift + bytes.length) * 8) / 6);
    return padded.slice(first, end);
  });
}

const UNRESERVED = /[A-Za-z0-9._~-]/;

function percent(bytes: Uint8Array, keep: RegExp | undefined): string {
  return [...bytes]
    .map((octet) => {
      const char = String.fromCharCode(octet);
      return keep?.test(char) ? char : `%${octet.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** Only the digits of the escapes change their case; what is kept stays as it is. */
const upperEscapes = (text: string): string =>
  text.replaceAll(/%[0-9a-f]{2}/g, (octet) => octet.toUpperCase());

/** With the unreserved characters kept, with those that `encodeURIComponent` keeps besides, and with none kept. */
function urlForms(bytes: Uint8Array): string[] {
  const kept = [UNRESERVED, /[A-Za-z0-9._~!*'()-]/, undefined];
  const lower = kept.map((keep) => percent(bytes, keep));
  return [...lower, ...lower.map(upperEscapes)];
}

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const buffer = Buffer.from(text, 'utf16le');
  return littleEndian ? buffer : buffer.swap16();
}

/** A text in a JSON string: as JSON.stringify writes it, with all but ASCII escaped, and with slashes escaped too. */
function jsonTexts(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const ascii = plain.replaceAll(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [plain, ascii, plain.replaceAll('/', '\\/'), ascii.replaceAll('/', '\\/')];
}

/** Bytes in JSON: the numbers of an array, and the properties that JSON.stringify makes of a Uint8Array. */
function jsonBytes(bytes: Uint8Array): string[] {
  return [[...bytes].join(','), [...bytes].map((octet, index) => `"${index}":${octet}`).join(',')];
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * All forms in which a secret is looked for, each once. What is a text is also looked for as UTF-16 and in JSON strings;
 * of other bytes the hexadecimal and base64 texts are looked for as UTF-16.
 */
export function formsOf(bytes: Uint8Array): EncodedForm[] {
  const hex = Buffer.from(bytes).toString('hex');
  const base64 = base64Forms(bytes);
  const base64url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const text = textOf(bytes);
  const wide = text === undefined ? [hex, hex.toUpperCase(), ...base64, ...base64url] : [text];
  const json = [...jsonBytes(bytes), ...(text === undefined ? [] : jsonTexts(text))];
  const forms: EncodedForm[] = [{ encoding: 'raw', bytes }];
  const add = (encoding: EncodingName, texts: readonly string[]) => {
    for (const form of texts) forms.push({ encoding, bytes: utf8.encode(form) });
  };
  add('hex', [hex, hex.toUpperCase()]);
  add('base64', base64);
  add('base64url', base64url);
  add('url', urlForms(bytes));
  for (const form of wide) {
    forms.push({ encoding: 'utf-16le', bytes: utf16(form, true) });
    forms.push({ encoding: 'utf-16be', bytes: utf16(form, false) });
  }
  add('json', json);
  return withoutRepeats(forms);
}

function withoutRepeats(forms: readonly EncodedForm[]): EncodedForm[] {
  const seen = new Map<string, EncodedForm>();
  for (const form of forms) {
    const key = Buffer.from(form.bytes).toString('latin1');
    if (!seen.has(key)) seen.set(key, form);
  }
  return [...seen.values()];
}

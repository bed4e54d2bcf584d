// Finds secrets in bytes, however they are written there (encodings.ts): the search of the visibility audit.

import { type EncodingName, formsOf } from './encodings.ts';

/** Shorter forms would be found by chance. */
const LEAST_BYTES = 8;
/** Octets by which a form is looked up: first whether any begins so, then which. */
const PREFIX_BITS = 24;

/** What was found: the name of a secret, and in which form it stood. */
export interface Found {
  readonly name: string;
  readonly encoding: EncodingName;
}

interface Needle extends Found {
  readonly bytes: Uint8Array;
}

/** Values that are searched for, each under a name; several values may have one name. */
export class Needles {
  /** By their first four octets. */
  readonly #byPrefix = new Map<number, Needle[]>();
  /** Whether any form begins with these three octets. */
  readonly #begins = new Uint8Array(1 << (PREFIX_BITS - 3));
  readonly #known = new Map<string, { readonly name: string; readonly bytes: Uint8Array }>();

  /** What kinds of secrets there are. */
  names(): string[] {
    return [...new Set([...this.#known.values()].map(({ name }) => name))];
  }

  /** The secrets of a name. */
  valuesOf(wanted: string): Uint8Array[] {
    return [...this.#known.values()].flatMap(({ name, bytes }) => (name === wanted ? [bytes] : []));
  }

  /**
   * Adds a secret in all its forms; one that is there already changes nothing. @throws RangeError for one of less than
   * eight octets, which would be found by chance.
   */
  add(name: string, bytes: Uint8Array): void {
    const key = `${name} ${Buffer.from(bytes).toString('latin1')}`;
    if (this.#known.has(key)) return;
    if (bytes.length < LEAST_BYTES) throw new RangeError(`${name} is too short to search for`);
    const value = bytes.slice();
    this.#known.set(key, { name, bytes: value });
    for (const form of formsOf(value)) this.#put({ name, ...form });
  }

  /** Adds a text, which is searched for as it is written and in the same forms. @throws RangeError. */
  addText(name: string, text: string): void {
    this.add(name, new TextEncoder().encode(text));
  }

  #put(needle: Needle): void {
    const { bytes } = needle;
    const prefix = prefixAt(bytes, 0);
    const bits = prefix >>> 8;
    this.#begins[bits >>> 3] = (this.#begins[bits >>> 3] as number) | (1 << (bits & 7));
    const needles = this.#byPrefix.get(prefix);
    if (needles === undefined) this.#byPrefix.set(prefix, [needle]);
    else needles.push(needle);
  }

  /** The names of the secrets that stand in these bytes. */
  in(bytes: Uint8Array): string[] {
    return [...new Set(this.find(bytes).map(({ name }) => name))];
  }

  /** What stands in these bytes, by name and form, each once. */
  find(bytes: Uint8Array): Found[] {
    const found = new Map<string, Found>();
    const begins = this.#begins;
    let three = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
    for (let at = 0; at + LEAST_BYTES <= bytes.length; at++) {
      three = ((three << 8) | (bytes[at + 2] as number)) & 0xffffff;
      if (((begins[three >>> 3] as number) & (1 << (three & 7))) === 0) continue;
      for (const needle of this.#byPrefix.get(prefixAt(bytes, at)) ?? []) {
        if (!startsAt(bytes, at, needle.bytes)) continue;
        const { name, encoding } = needle;
        found.set(`${encoding} ${name}`, { name, encoding });
      }
    }
    return [...found.values()];
  }
}

function prefixAt(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

function startsAt(bytes: Uint8Array, at: number, needle: Uint8Array): boolean {
  if (at + needle.length > bytes.length) return false;
  for (let i = 4; i < needle.length; i++) if (bytes[at + i] !== needle[i]) return false;
  return true;
}

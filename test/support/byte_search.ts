// Finds secrets in bytes, however they are written there: raw, hexadecimal, base64 or base64url.

/** Bits of a needle's first octets by which it is looked up. */
const PREFIX_BYTES = 3;
/** Shorter needles would be found by chance. */
const LEAST_BYTES = 8;

interface Needle {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Base64 of bytes wherever they begin in what is encoded: of each alignment the characters that depend on them alone. */
function base64Forms(bytes: Uint8Array): string[] {
  return [0, 1, 2].map((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const first = Math.ceil((shift * 8) / 6);
    const end = Math.floor(((shift + bytes.length) * 8) / 6);
    return padded.slice(first, end);
  });
}

function formsOf(bytes: Uint8Array): Uint8Array[] {
  const hex = Buffer.from(bytes).toString('hex');
  const base64 = base64Forms(bytes);
  const url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const texts = [hex, hex.toUpperCase(), ...base64, ...url];
  return [bytes, ...texts.map((text) => Buffer.from(text, 'latin1'))];
}

/** Secrets that must be nowhere. */
export class Needles {
  readonly #byPrefix = new Map<number, Needle[]>();
  readonly #known = new Map<string, Needle>();

  /** What kinds of secrets there are. */
  names(): string[] {
    return [...new Set([...this.#known.values()].map(({ name }) => name))];
  }

  /** The secrets of a name. */
  valuesOf(wanted: string): Uint8Array[] {
    return [...this.#known.values()].flatMap(({ name, bytes }) => (name === wanted ? [bytes] : []));
  }

  /** Adds a secret in all its forms; one that is there already changes nothing. */
  add(name: string, bytes: Uint8Array): void {
    const key = `${name} ${Buffer.from(bytes).toString('hex')}`;
    if (this.#known.has(key)) return;
    this.#known.set(key, { name, bytes: bytes.slice() });
    for (const form of formsOf(bytes)) this.#put(name, form);
  }

  /** Adds a text, which is searched as it is written and in the same forms. */
  addText(name: string, text: string): void {
    this.add(name, new TextEncoder().encode(text));
  }

  #put(name: string, bytes: Uint8Array): void {
    if (bytes.length < LEAST_BYTES) throw new Error(`${name} is too short to be searched for`);
    const prefix = prefixAt(bytes, 0);
    const needles = this.#byPrefix.get(prefix) ?? [];
    this.#byPrefix.set(prefix, [...needles, { name, bytes: bytes.slice() }]);
  }

  /** The names of the secrets that stand in these bytes. */
  in(bytes: Uint8Array): string[] {
    const found = new Set<string>();
    for (let at = 0; at + PREFIX_BYTES <= bytes.length; at++) {
      for (const { name, bytes: needle } of this.#byPrefix.get(prefixAt(bytes, at)) ?? []) {
        if (startsAt(bytes, at, needle)) found.add(name);
      }
    }
    return [...found];
  }
}

function prefixAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

function startsAt(bytes: Uint8Array, at: number, needle: Uint8Array): boolean {
  return at + needle.length <= bytes.length && needle.every((octet, i) => bytes[at + i] === octet);
}

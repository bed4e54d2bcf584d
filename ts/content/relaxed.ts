// draft04 messages of foreign senders whose CBOR is not deterministic: that draft asks for unique extension names only.
// They are written anew in deterministic form and then read like all others; ids are over the ciphertext, so that
// nothing else depends on the form.

import { ARRAY, BYTES, CborReader, MAP, OTHER, readUint, TAG, TEXT } from './cbor/reader.ts';
import { readText } from './cbor/text.ts';
import { compareBytes, floatBytes } from './cbor/value.ts';
import { CborWriter } from './cbor/writer.ts';
import { decodeContent } from './container.ts';
import { DEFAULT_MAX_BYTES, MAX_DEPTH } from './limits.ts';
import type { MimiContent } from './model.ts';
import type { DecodeOptions } from './options.ts';
import type { ContentError, rules } from './rules.ts';

const BREAK = 0xff;
const INDEFINITE = 31;
/** The container, and for each level of parts the part and the array of its parts. */
const MOST_NESTED = 2 + 2 * MAX_DEPTH;

/**
 * Reads a draft04 message that need not be deterministic (rule C2); duplicate names are refused all the same. Byte
 * strings in it are views of a copy. Throws ContentError; of a fault that only the copy shows, `offset` counts there.
 */
export function decodeRelaxed(
  bytes: Uint8Array,
  options: Omit<DecodeOptions, 'profile'> = {},
): MimiContent {
  const { maxBytes = DEFAULT_MAX_BYTES } = options;
  // The copy is never longer.
  const read = bytes.length > maxBytes ? bytes : new Transcoder(bytes).all();
  return decodeContent(read, { ...options, profile: 'draft04' });
}

/** An item of these parts. */
function compose(major: number, value: number | bigint, parts: readonly Uint8Array[]): Uint8Array {
  const writer = new CborWriter();
  writer.head(major, value);
  for (const part of parts) writer.raw(part);
  return writer.finish();
}

/** Writes well-formed CBOR anew, in deterministic form. */
class Transcoder {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The item that all of the bytes are; what follows it is left for the decoder to refuse. */
  all(): Uint8Array {
    const item = this.#item(1);
    const writer = new CborWriter();
    writer.raw(item);
    writer.raw(this.#bytes.subarray(this.#at));
    return writer.finish();
  }

  #fault(code: keyof typeof rules, offset: number, expected: string): ContentError {
    return new CborReader(this.#bytes).fault(code, offset, '', expected);
  }

  #item(level: number): Uint8Array {
    const start = this.#at;
    const first = this.#bytes[start];
    if (first === undefined) throw this.#fault('truncated', start, 'another item');
    if (level > MOST_NESTED) throw this.#fault('tooDeep', start, `at most ${MOST_NESTED} levels`);
    this.#at += 1;
    const [major, info] = [first >> 5, first & 31];
    if (info > 27 && (info < INDEFINITE || major < BYTES || major > MAP)) {
      throw this.#fault('malformed', start, 'another head');
    }
    const size = info < 24 || info === INDEFINITE ? 0 : 1 << (info - 24);
    const value = size === 0 ? info : readUint(this.#take(size, start), 0, size);
    const count = info === INDEFINITE ? Number.POSITIVE_INFINITY : Number(value);
    if (major === BYTES || major === TEXT) return this.#string(major, count, start);
    if (major === ARRAY) {
      const items = this.#items(count, 1, level);
      return compose(ARRAY, items.length, items);
    }
    if (major === MAP) return this.#map(this.#items(count, 2, level), start);
    if (major === TAG) return compose(TAG, value, [this.#item(level + 1)]);
    return major === OTHER ? this.#other(info, value, start) : compose(major, value, []);
  }

  #take(length: number, start: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) {
      throw this.#fault('truncated', start, 'the bytes that are announced');
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Whether a break ends what is of indefinite length. */
  #ends(count: number): boolean {
    if (Number.isFinite(count) || this.#bytes[this.#at] !== BREAK) return false;
    this.#at += 1;
    return true;
  }

  #items(count: number, each: number, level: number): Uint8Array[] {
    const items: Uint8Array[] = [];
    while (items.length < count * each && !this.#ends(count)) {
      for (let done = 0; done < each; done += 1) items.push(this.#item(level + 1));
    }
    return items;
  }

  #string(major: number, length: number, start: number): Uint8Array {
    let content: Uint8Array;
    if (Number.isFinite(length)) {
      content = this.#take(length, start);
    } else {
      const writer = new CborWriter();
      while (!this.#ends(length)) {
        const chunkAt = this.#at;
        const head = this.#bytes[chunkAt] ?? 0;
        if (head >> 5 !== major || (head & 31) === INDEFINITE) {
          throw this.#fault(
            chunkAt < this.#bytes.length ? 'malformed' : 'truncated',
            start,
            'chunks',
          );
        }
        this.#item(1);
        writer.raw(contentOf(this.#bytes.subarray(chunkAt, this.#at)));
      }
      content = writer.finish();
    }
    if (major === TEXT && readText(content, 0, content.length) === undefined) {
      throw this.#fault('invalidUtf8', start, 'UTF-8');
    }
    return compose(major, content.length, [content]);
  }

  #map(items: readonly Uint8Array[], start: number): Uint8Array {
    const pairs = items.flatMap((key, index) =>
      index % 2 === 0 ? [[key, items[index + 1] as Uint8Array] as const] : [],
    );
    pairs.sort(([left], [right]) => compareBytes(left, right));
    for (const [index, [key]] of pairs.entries()) {
      const last = pairs[index - 1]?.[0];
      if (last !== undefined && compareBytes(last, key) === 0) {
        throw this.#fault('duplicateKey', start, 'each key once');
      }
    }
    return compose(MAP, pairs.length, pairs.flat());
  }

  /** Simple values as they are; floats in their shortest form. */
  #other(info: number, value: number | bigint, start: number): Uint8Array {
    if (info < 25) return this.#bytes.slice(start, this.#at);
    const view = new DataView(this.#bytes.slice(start + 1, this.#at).buffer);
    const float =
      info === 25 ? halfOf(Number(value)) : info === 26 ? view.getFloat32(0) : view.getFloat64(0);
    // A payload is for the decoder to refuse.
    return Number.isNaN(float) ? this.#bytes.slice(start, this.#at) : floatBytes(float);
  }
}

/** What stands behind the head of a string. */
function contentOf(string: Uint8Array): Uint8Array {
  const info = (string[0] as number) & 31;
  return string.subarray(1 + (info < 24 ? 0 : 1 << (info - 24)));
}

function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

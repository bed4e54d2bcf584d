// What one server has of some windows: the bytes as they were recorded, what it opens of them with its own keys, and what
// it reads of their structs.

import { modeNamed } from '../../privacy/index.ts';
import { encodeHubPart, type HubPart, type RoomUri } from '../../wire/index.ts';
import { type Frame, FrameReader, sealingKeysOf } from './frames.ts';
import type { Life } from './life.ts';
import type { Recorded } from './tape.ts';

/** The row that says from which event on a device is served. */
const SUBSCRIPTION = / u$/;

/** A server's view. */
export interface View {
  readonly domain: string;
  readonly items: readonly Recorded[];
  readonly frames: readonly Frame[];
  /** What stood sealed in frames, and was opened. */
  readonly opened: readonly Uint8Array[];
  /** All bytes to search: of the items, and of what was opened. */
  readonly bytes: readonly Uint8Array[];
}

/** The views of one life. */
export class Views {
  readonly #life: Life;
  readonly #items = new Map<string, Recorded[]>();
  readonly #frames = new Map<Recorded, readonly Frame[]>();
  readonly #readers = new Map<string, FrameReader>();

  constructor(life: Life) {
    this.#life = life;
    for (const item of life.tape.recorded) {
      const known = this.#items.get(item.party);
      if (known === undefined) this.#items.set(item.party, [item]);
      else known.push(item);
    }
  }

  /** What a domain has of windows, as far as `keep` says. */
  of(
    domain: string,
    windows: readonly string[],
    keep: (item: Recorded) => boolean = () => true,
  ): View {
    const items = (this.#items.get(domain) ?? []).filter(
      (item) => windows.includes(item.window) && keep(item),
    );
    return this.#view(domain, items);
  }

  #view(domain: string, items: readonly Recorded[]): View {
    const frames = items.flatMap((item) => this.framesOf(domain, item));
    const opened = openedIn(frames);
    return {
      domain,
      items,
      frames,
      opened,
      bytes: [...items.map(({ bytes }) => bytes), ...opened],
    };
  }

  /** How many of its own devices a domain serves a room to, by the rows of the windows. */
  servedIn(domain: string, room: RoomUri, windows: readonly string[]): number {
    const { items } = this.of(domain, windows, ({ what }) => SUBSCRIPTION.test(what));
    const keys = items.map(({ bytes }) => Buffer.from(bytes).toString('latin1'));
    return new Set(keys.filter((key) => key.startsWith('u\0') && key.includes(room))).size;
  }

  /** What an item says to a domain. */
  framesOf(domain: string, item: Recorded): readonly Frame[] {
    const known = this.#frames.get(item);
    if (known !== undefined) return known;
    const frames = this.#readerOf(domain).read(item);
    this.#frames.set(item, frames);
    return frames;
  }

  #readerOf(domain: string): FrameReader {
    const known = this.#readers.get(domain);
    if (known !== undefined) return known;
    const keys = sealingKeysOf(this.#items.get(domain) ?? []);
    const reader = new FrameReader(modeNamed(this.#life.mode), keys);
    this.#readers.set(domain, reader);
    return reader;
  }
}

function openedIn(frames: readonly Frame[]): Uint8Array[] {
  return frames.flatMap(({ handshakes, slots, part }) => [
    ...handshakes.map(({ bytes }) => bytes),
    ...slots.flatMap(({ name, value }) => [name, value]),
    ...(part === undefined ? [] : partsOf(part)),
  ]);
}

const partsOf = (part: HubPart): Uint8Array[] => [encodeHubPart(part)];

// What the audit records: every byte that a server is sent, sends, stores and logs, in windows of one action each.

/** Where bytes were found. */
export type Place = 'wire request' | 'wire response' | 'store row' | 'log record' | 'log line';

export const PLACES: readonly Place[] = [
  'wire request',
  'wire response',
  'store row',
  'log record',
  'log line',
];

/** Bytes as one server had them. */
export interface Recorded {
  /** The domain of the server. */
  readonly party: string;
  /** The action during which they came. */
  readonly window: string;
  readonly place: Place;
  /** Of the wire: the other side's domain, or `device`. */
  readonly peer: string | undefined;
  /** The path of a request, the letter of a row, the shard of a record. */
  readonly what: string;
  readonly bytes: Uint8Array;
  /** Of the wire: which TCP connection it came over, each with a number of its own. */
  readonly connection?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What anybody between two providers sees of one message: TLS hides the rest. */
export interface Passed {
  readonly window: string;
  readonly from: string;
  readonly to: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly length: number;
}

/** The recording of one life. */
export class Tape {
  readonly recorded: Recorded[] = [];
  readonly passed: Passed[] = [];
  /** The windows in the order in which they began. */
  readonly windows: string[] = [];
  #window = '';

  /** What comes from now on belongs to this action. */
  enter(window: string): void {
    this.#window = window;
    if (!this.windows.includes(window)) this.windows.push(window);
  }

  /** Writes bytes down; the caller may go on using them. */
  note(item: Omit<Recorded, 'window' | 'at'>): void {
    if (item.bytes.length === 0) return;
    const { bytes } = item;
    this.recorded.push({ ...item, bytes: bytes.slice(), window: this.#window, at: Date.now() });
  }

  /** Writes down that a message passed between two providers. */
  pass(message: Omit<Passed, 'window'>): void {
    this.passed.push({ ...message, window: this.#window });
  }
}

// The run loop of fan-out: a round whenever the provider has work, when a retry is due, and on a slow tick in case
// a hint was missed. Rounds may overlap: the provider leaves alone what is under way, so that a peer that does not
// answer delays nobody else. How long to leave a failing peer alone is the provider's own affair too.
import { type Logger, loggableError } from './log.ts';

/** What the loop drives. */
export interface Delivering {
  deliver(): Promise<void>;
  /** When the next retry is due, in milliseconds since the epoch. */
  readonly nextRetryAt: number | undefined;
}

export interface DeliveryOptions {
  /** Pause between rounds that nothing asked for, in milliseconds. */
  readonly tickMs: number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly log: Logger;
}

/** Shortest pause before a retry that is due, in milliseconds: one under way counts as due until it ends. */
const MIN_PAUSE_MS = 50;

export class DeliveryLoop {
  readonly #provider: Delivering;
  readonly #options: DeliveryOptions;
  readonly #rounds = new Set<Promise<void>>();
  #soon: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(provider: Delivering, options: DeliveryOptions) {
    this.#provider = provider;
    this.#options = options;
  }

  /** Starts a round in a moment; all wakes until then are one. */
  wake(): void {
    if (this.#stopped) return;
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#start();
    });
  }

  /** Starts no more rounds; resolves when none is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearImmediate(this.#soon);
    clearTimeout(this.#timer);
    await Promise.all(this.#rounds);
  }

  #start(): void {
    const round = this.#run().finally(() => {
      this.#rounds.delete(round);
      this.#schedule();
    });
    this.#rounds.add(round);
    this.#schedule();
  }

  async #run(): Promise<void> {
    try {
      await this.#provider.deliver();
    } catch (error) {
      this.#options.log.error({ err: loggableError(error) }, 'delivery failed');
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const { tickMs, clock } = this.#options;
    const due = (this.#provider.nextRetryAt ?? Number.POSITIVE_INFINITY) - clock();
    this.#timer = setTimeout(() => this.wake(), Math.min(tickMs, Math.max(MIN_PAUSE_MS, due)));
  }
}

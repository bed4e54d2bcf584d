// Pauses between attempts: growing, with jitter, so that many devices do not come back at the same moment.

import { ClientError } from './errors.ts';

/** A number from 0 up to, not including, 1 from the device's source of randomness. */
export function fraction(random: (length: number) => Uint8Array): number {
  const [high = 0, low = 0] = random(2);
  return (high * 256 + low) / 65_536;
}

/** Milliseconds before attempt number `attempt` (from 0): 50 % to 100 % of `first` doubled each time, up to `most`. */
export function backoffMs(
  attempt: number,
  first: number,
  most: number,
  random: (length: number) => Uint8Array,
): number {
  const ceiling = Math.min(most, first * 2 ** Math.min(attempt, 20));
  return ceiling * (0.5 + fraction(random) / 2);
}

/** Waits; throws ClientError `aborted` when the signal comes first. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new ClientError('aborted'));
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(new ClientError('aborted'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

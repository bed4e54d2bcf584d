// Catches what the parts of the privacy modes refuse, and damages bytes in every way that a single bit allows.

import { PrivacyError, type PrivacyErrorCode } from '../../../../ts/privacy/errors.ts';

/** The PrivacyError that `act` throws; anything else, or nothing, fails the test. */
export function refusal(act: () => unknown): PrivacyError {
  try {
    act();
  } catch (error) {
    if (error instanceof PrivacyError) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
}

/** The code of the PrivacyError that `act` throws. */
export const codeOf = (act: () => unknown): PrivacyErrorCode => refusal(act).code;

/** Code and rule, such as `wrongContext epoch`. */
export function ruleOf(act: () => unknown): string {
  const { code, details } = refusal(act);
  return `${code} ${details.rule}`;
}

/**
 * The bytes with one bit changed: for each bit of the first `thorough` bytes, where the framing is, and for one bit
 * of each byte behind them, where there is mostly ciphertext.
 */
export function* flips(
  sample: Uint8Array,
  thorough = 160,
): Generator<{ bytes: Uint8Array; at: number }> {
  for (let at = 0; at < sample.length; at++) {
    const bits = at < thorough ? [0, 1, 2, 3, 4, 5, 6, 7] : [(at * 5) % 8];
    for (const bit of bits) {
      const bytes = sample.slice();
      bytes[at] = (bytes[at] as number) ^ (1 << bit);
      yield { bytes, at };
    }
  }
}

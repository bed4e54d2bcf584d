// Catches what an act is refused with.

import { WireError } from '../../../../ts/wire/index.ts';

/** The WireError that `act` throws; anything else, or nothing, fails the test. */
export function refusal(act: () => unknown): WireError {
  try {
    act();
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
}

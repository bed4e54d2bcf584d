// Reads what a provider has answered.

import { PrivacyError } from '../privacy/index.ts';
import { WireError } from '../wire/index.ts';
import { ClientError } from './errors.ts';

/** Runs a decoder. Throws ClientError `badAnswer` for bytes that are no such answer, or that do not open. */
export function reading<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError || error instanceof PrivacyError) {
      throw new ClientError('badAnswer', undefined, { cause: error });
    }
    throw error;
  }
}

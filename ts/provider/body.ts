// Turns what a decoder refuses into the provider's `badRequest`, with the place of the fault.

import { WireError } from '../wire/index.ts';
import { ProviderError } from './errors.ts';

/** Decodes a request's body or path. @throws ProviderError `badRequest`, with offset and path. */
export function decodeBody<Bytes, Value>(decode: (input: Bytes) => Value, input: Bytes): Value {
  try {
    return decode(input);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new ProviderError('badRequest', error.message, {
      cause: error,
      details: { offset: error.details.offset, path: error.details.path, reason: error.code },
    });
  }
}

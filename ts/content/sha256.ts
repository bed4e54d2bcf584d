// SHA-256 as the core has it.

import { hash } from '../mls/index.ts';

/** Its hash is SHA-256, as that of all suites of the core is. */
const ANY_SUITE = 1;

export const sha256 = (bytes: Uint8Array): Uint8Array => hash(ANY_SUITE, bytes);

// Random bytes of the runtime.

/** Gives so many random bytes. */
export type RandomSource = (length: number) => Uint8Array;

export const hostRandom: RandomSource = (length) => crypto.getRandomValues(new Uint8Array(length));

// The IANA Named Information Hash Algorithm registry, as far as it says how long a hash is.

export const SHA_256 = 1;

/** Bytes of each hash, by its number: none, sha-256 and five that cut it short, sha-384, sha-512, four of sha3. */
const lengths = [undefined, 32, 16, 15, 12, 8, 4, 48, 64, 28, 32, 48, 64];

/** How many bytes a hash of this algorithm has; undefined for none and for one that is not known. */
export const namedHashBytes = (algorithm: number): number | undefined => lengths[algorithm];

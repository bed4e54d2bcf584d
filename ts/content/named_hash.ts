// The IANA Named Information Hash Algorithm registry, as far as it says how long a hash is.

/** Bytes of each hash, by its number; 0 is reserved and stands for none. */
const lengths: ReadonlyMap<number, number> = new Map([
  [1, 32], // sha-256
  [2, 16], // sha-256-128
  [3, 15], // sha-256-120
  [4, 12], // sha-256-96
  [5, 8], // sha-256-64
  [6, 4], // sha-256-32
  [7, 48], // sha-384
  [8, 64], // sha-512
  [9, 28], // sha3-224
  [10, 32], // sha3-256
  [11, 48], // sha3-384
  [12, 64], // sha3-512
]);

/** How many bytes a hash of this algorithm has; undefined for none and for one that is not known. */
export const namedHashBytes = (algorithm: number): number | undefined => lengths.get(algorithm);

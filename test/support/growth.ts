// How the time that a piece of work takes grows with its input, measured so that a busy machine does not decide.

/** Runs of each work in an attempt, and attempts. */
const RUNS = 7;
const ATTEMPTS = 5;

/** The least of several runs, in milliseconds: what the work takes when nothing else disturbs it. */
export function fastest(act: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run += 1) least = Math.min(least, timeOf(act));
  return least;
}

function timeOf(act: () => unknown): number {
  const begun = performance.now();
  act();
  return performance.now() - begun;
}

/**
 * How many times longer the second work takes than the first, which counts as no less than `leastMs`. Both take turns; what
 * else the machine does can only make one seem slower, so that the least of some attempts counts, the first that is below
 * `enough`.
 */
export function growthOf(
  small: () => unknown,
  large: () => unknown,
  { leastMs, enough }: { readonly leastMs: number; readonly enough: number },
): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && least >= enough; attempt += 1) {
    let [short, long] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let run = 0; run < RUNS; run += 1) {
      short = Math.min(short, timeOf(small));
      long = Math.min(long, timeOf(large));
    }
    least = Math.min(least, long / Math.max(short, leastMs));
  }
  return least;
}

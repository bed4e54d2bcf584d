// One of the threads behind `npm run fuzz:content`: judges every so many samples of a seed, tells where it is through
// shared memory, each finding when it happens, and its tally at the end.

import { parentPort, workerData } from 'node:worker_threads';
import { judge, sampleOf } from './content_target.ts';

export interface ContentFuzzing {
  readonly seed: number;
  /** The first sample, the distance to the next, and where to stop. */
  readonly first: number;
  readonly step: number;
  readonly end: number;
  /** The sample that each thread is at. */
  readonly places: Float64Array<SharedArrayBuffer>;
}

/** Enough to see what is wrong. */
const mostFindings = 5;

// Most samples are refused, and nobody reads where.
Error.stackTraceLimit = 0;
run(workerData as ContentFuzzing);

function run({ seed, first, step, end, places }: ContentFuzzing): void {
  const tally: Record<string, number> = {};
  let findings = 0;
  for (let index = first; index < end && findings < mostFindings; index += step) {
    places[first] = index;
    const { verdict, finding } = judge(sampleOf(seed, index));
    tally[verdict] = (tally[verdict] ?? 0) + 1;
    if (finding === undefined) continue;
    findings += 1;
    parentPort?.postMessage({ index, finding });
  }
  places[first] = end;
  parentPort?.postMessage({ tally });
}

// Prints how long loading the core takes in this fresh process, in microseconds.

import { performance } from 'node:perf_hooks';
import { initSync } from '../../ts/mls/instance.ts';

const started = performance.now();
initSync();
console.log((performance.now() - started) * 1000);

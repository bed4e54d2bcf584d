// Lets Node versions without type stripping run the benchmarks' TypeScript: `node --import` this file.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);

// Messages that break one rule each, put together from hexadecimal items; and the nearest ones that break none.

import type { ContentCase } from './content_cases/build.ts';
import { encodingCases } from './content_cases/encoding.ts';
import { limitsCases } from './content_cases/limits.ts';
import { shapeCases } from './content_cases/shape.ts';
import { valuesCases } from './content_cases/values.ts';

export { type ContentCase, message04, message08 } from './content_cases/build.ts';

const byRule = { ...shapeCases, ...encodingCases, ...limitsCases, ...valuesCases };
const numberOf = (rule: string): number => Number(rule.slice(1));

/** By rule, C1 to C10. */
export const contentCases: Readonly<Record<string, readonly ContentCase[]>> = Object.fromEntries(
  Object.entries(byRule).sort(([left], [right]) => numberOf(left) - numberOf(right)),
);

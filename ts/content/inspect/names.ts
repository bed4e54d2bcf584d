// Numbers of the format as people call them.

import { Disposition } from '../model.ts';

const dispositions = new Map<number, string>(
  Object.entries(Disposition).map(([name, number]) => [number, name]),
);

export const dispositionName = (disposition: number): string =>
  dispositions.get(disposition) ?? 'unknown, to be treated as render';

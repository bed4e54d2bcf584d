// The benchmark's table for people.

import Table from 'cli-table3';
import type { Report, Result } from './result.ts';

/** The whole report as text. */
export function table({ machine, versions, commit, results }: Report): string {
  const rows = new Table({
    head: ['operation', 'members', 'median', 'p75', 'unit', 'beside', 'ratio', 'bar'],
    colAligns: ['left', 'right', 'right', 'right', 'left', 'left', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const result of results) rows.push(cells(result));
  const versionText = Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
  return [
    rows.toString(),
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${versionText}; commit ${commit}`,
    'Medians of this run on this machine; trust ratios more than absolute figures.',
    '',
  ].join('\n');
}

function cells({ name, members, ours, unit, rivals, ratio, bar, ok }: Result): string[] {
  const rival = Object.entries(rivals)
    .map(([who, { median }]) => `${who} ${figure(median)}`)
    .join('\n');
  const ratios = Object.values(ratio).map((value) => value.toFixed(2));
  const asked = bar === null ? '' : `${ok ? 'met' : 'MISSED'} ${bar}`;
  const size = members === 0 ? '' : String(members);
  return [name, size, figure(ours.median), figure(ours.p75), unit, rival, ratios.join('\n'), asked];
}

function figure(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}

// Figures as people read them, the same on the terminal and on the page.

import type { Bar } from './bars.ts';
import type { Report } from './report.ts';

/** Bytes, from 10,000 on in kB of 1,000. */
export function bytesText(bytes: number): string {
  return bytes < 10_000 ? `${grouped(bytes)} B` : `${grouped(Math.round(bytes / 1000))} kB`;
}

/** Microseconds as milliseconds, to a tenth below 100. */
export function cpuText(micros: number): string {
  const millis = micros / 1000;
  return `${millis < 100 ? millis.toFixed(1) : grouped(Math.round(millis))} ms`;
}

/** How many times as much; nothing where there is nothing to compare with. */
export function ratioText(ratio: number | null): string {
  return ratio === null ? '' : `${ratio.toFixed(ratio < 100 ? 2 : 0)}×`;
}

/** Where it was measured, and how long that took. */
export function surroundingsText({ machine, versions, commit, seconds, load }: Report): string {
  const { cpu, cores, memoryGiB } = machine;
  const versionTexts = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB`,
    versionTexts.join(', '),
    `commit ${commit}`,
    `${grouped(seconds)} s, with a load of ${load.join(' before and ')} after`,
  ].join('; ');
}

/** What became of a bar. */
export function verdictText({ value, ok }: Bar): string {
  if (value === null) return 'not measured';
  return ok ? 'met' : 'MISSED';
}

const grouped = (value: number): string => value.toLocaleString('en');

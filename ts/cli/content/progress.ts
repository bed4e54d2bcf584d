// A progress bar for work on a file whose size is known; silent where nobody looks.
import { stat } from 'node:fs/promises';
import { progressBar } from '../progress_bar.ts';
import type { Progress } from './bulk_ids.ts';

export interface FileProgress {
  readonly tell: Progress;
  /** Draws it a last time, with the rate. */
  readonly end: () => void;
}

/** A bar on a terminal; elsewhere one line at the end. */
export async function fileProgress(file: string, out: NodeJS.WriteStream): Promise<FileProgress> {
  const total = file === '-' ? undefined : (await stat(file).catch(() => undefined))?.size;
  const started = performance.now();
  const bar = progressBar(out);
  let messages = 0;
  return {
    tell: (count, bytes) => {
      messages = count;
      const part = total === undefined || total === 0 ? undefined : Math.min(1, bytes / total);
      bar.draw(part, `${count.toLocaleString('en')} messages`);
    },
    end: () => {
      const seconds = (performance.now() - started) / 1000;
      const rate = Math.round(messages / Math.max(seconds, 0.001));
      bar.end(`${messages.toLocaleString('en')} messages, ${rate.toLocaleString('en')} a second\n`);
    },
  };
}

// A progress bar for work on a file whose size is known; silent where nobody looks.
import { stat } from 'node:fs/promises';
import type { Progress } from './bulk_ids.ts';

const WIDTH = 24;
const REDRAW_MS = 100;

export interface ProgressBar {
  readonly tell: Progress;
  /** Draws it a last time, with the rate. */
  readonly end: () => void;
}

/** A bar on a terminal; elsewhere one line at the end. */
export async function progressBar(file: string, out: NodeJS.WriteStream): Promise<ProgressBar> {
  const total = file === '-' ? undefined : (await stat(file).catch(() => undefined))?.size;
  const started = performance.now();
  let drawn = 0;
  let messages = 0;
  const draw = (text: string): void => {
    out.write(out.isTTY ? `\r\x1b[2K${text}` : text);
  };
  return {
    tell: (count, bytes) => {
      messages = count;
      if (!out.isTTY || performance.now() - drawn < REDRAW_MS) return;
      drawn = performance.now();
      const part = total === undefined || total === 0 ? 0 : Math.min(1, bytes / total);
      const full = '█'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH, '░');
      draw(`${full} ${Math.round(part * 100)} %  ${count.toLocaleString('en')} messages`);
    },
    end: () => {
      const seconds = (performance.now() - started) / 1000;
      const rate = Math.round(messages / Math.max(seconds, 0.001));
      draw(`${messages.toLocaleString('en')} messages, ${rate.toLocaleString('en')} a second\n`);
    },
  };
}

// A bar on a terminal for work whose end is known: it redraws its line, and elsewhere is not there.

const WIDTH = 24;
const REDRAW_MS = 100;

export interface ProgressBar {
  /** Draws it, not too often: `part` of 1, `undefined` where the end is not known, and what to say beside it. */
  readonly draw: (part: number | undefined, text: string) => void;
  /** Leaves this text in place of the bar; elsewhere than on a terminal it is all there is. */
  readonly end: (text: string) => void;
}

export function progressBar(out: NodeJS.WriteStream): ProgressBar {
  let drawn = Number.NEGATIVE_INFINITY;
  const write = (text: string): void => {
    out.write(out.isTTY ? `\r\x1b[2K${text}` : text);
  };
  return {
    draw: (part, text) => {
      if (!out.isTTY || performance.now() - drawn < REDRAW_MS) return;
      drawn = performance.now();
      const shown = part ?? 0;
      const full = '█'.repeat(Math.round(shown * WIDTH)).padEnd(WIDTH, '░');
      write(`${full} ${Math.round(shown * 100)} %  ${text}`);
    },
    end: (text) => write(text),
  };
}

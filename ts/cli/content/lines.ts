// Lines of a stream, as JSON lines are divided: by line feeds and nothing else, each of bounded length.
import type { Readable } from 'node:stream';

/** Longer lines are not kept: in characters, enough for a message of some tens of MiB. */
export const LONGEST_LINE = 1 << 26;

/** Each line without its end; undefined for one that is too long. */
export async function* linesOf(
  input: Readable,
  longest = LONGEST_LINE,
): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let length = 0;
  const add = (part: string): void => {
    length += part.length;
    if (length <= longest) parts.push(part);
    else parts = [];
  };
  const take = (): string | undefined => {
    const line = length <= longest ? parts.join('') : undefined;
    [parts, length] = [[], 0];
    return line;
  };
  for await (const chunk of input) {
    const [first = '', ...others] = decoder
      .decode(chunk as Uint8Array, { stream: true })
      .split('\n');
    add(first);
    for (const part of others) {
      yield take();
      add(part);
    }
  }
  add(decoder.decode());
  if (length > 0) yield take();
}

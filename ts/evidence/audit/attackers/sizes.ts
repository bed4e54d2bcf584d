// What the sizes of messages tell: each content its own, or only its class.

import { messageClass } from '../../../privacy/index.ts';
import type { Frame } from '../frames.ts';

/** What a party makes of the sizes of the messages of the window. */
export interface Sizes {
  readonly tell: 'nothing' | 'classes' | 'contents';
  /** The sizes that it can tell apart, in bytes. */
  readonly seen: readonly number[];
}

/** The smallest class that there may be, in bytes: docs/modes/README.md, "Padding". */
const SMALLEST_CLASS = 256;
/** What a content is longer by before it is padded. */
const LENGTH_BYTES = 4;

/** Looks whether the sizes of application messages are those of classes, with the same framing around each. */
export function compareSizes(frames: readonly Frame[]): Sizes {
  const sizes = new Set(
    frames.filter(({ content }) => content === 'application').flatMap((frame) => frame.sizes),
  );
  const seen = [...sizes].sort((one, other) => one - other);
  if (seen.length <= 1) return { tell: 'nothing', seen };
  return { tell: areClasses(seen) ? 'classes' : 'contents', seen };
}

/** Whether one number of bytes around each leaves classes. */
function areClasses(sizes: readonly number[]): boolean {
  const [least = 0] = sizes;
  for (let first = SMALLEST_CLASS; first < least; first *= 2) {
    const around = least - first;
    if (sizes.every((size) => isClass(size - around))) return true;
  }
  return false;
}

const isClass = (size: number): boolean => messageClass(size - LENGTH_BYTES) === size;

// Waits for something to come about, by asking again and again, with a deadline.

/** Pause between two questions, in milliseconds. */
const PAUSE_MS = 10;

/** Waits until `holds`; throws with `what` when it does not within `timeoutMs`. */
export async function until(
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      const missing = typeof what === 'string' ? what : what();
      throw new Error(`not within ${timeoutMs} ms: ${missing}`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

// Reading a Retry-After header field (RFC 9110 section 10.2.3): seconds, or a date.

/** Longest wait that is believed, in milliseconds; a larger one is cut to it. */
const MAX_WAIT_MS = 3_600_000;

/** The wait in milliseconds, or undefined when the field is absent or neither seconds nor a date. */
export function parseRetryAfter(field: string | undefined, now: number): number | undefined {
  if (field === undefined) return undefined;
  const text = field.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, MAX_WAIT_MS);
  // Only the preferred date form, which alone ends in GMT: `Date.parse` takes many things that are no date here.
  const date = /^[A-Z][a-z]{2}, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - now), MAX_WAIT_MS);
}

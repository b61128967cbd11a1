/** When a peer asks to be called again: `Retry-After`, RFC 9110 section 10.2.3. */

/** RFC 9110 section 5.6.7, in all three formats. */
const HTTP_DATE = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i;

/** Seconds from now, never negative. `undefined` where the header is absent or neither seconds nor a date. */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text);
  // Left to itself Date.parse finds a year in almost any text with a number.
  const date = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

/** ULIDs (ulid/spec): milliseconds since the epoch in ten characters of Crockford's base 32, then sixteen of chance. */

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_LENGTH = 10;
const LENGTH = 26;
/** 48 bits. */
const LAST_MILLISECOND = 2 ** 48 - 1;

/** Sorts before every ULID of this millisecond, and after every one of those before it. What is no time counts as the first one. */
export function firstSequence(at: number): string {
  let left = Math.min(Math.max(0, Math.floor(at) || 0), LAST_MILLISECOND);
  let text = "";
  while (text.length < TIME_LENGTH) {
    text = (DIGITS[left % DIGITS.length] ?? "") + text;
    left = Math.floor(left / DIGITS.length);
  }
  return text;
}

/** A ULID. @param at epoch milliseconds @param random 0 to below 1 */
export function createSequence(at: number, random: () => number): string {
  let text = firstSequence(at);
  while (text.length < LENGTH) text += DIGITS[Math.floor(random() * DIGITS.length)] ?? "";
  return text;
}

/** Epoch milliseconds of a ULID. */
export function timeOf(ulid: string): number {
  let at = 0;
  for (const digit of ulid.slice(0, TIME_LENGTH)) at = at * DIGITS.length + DIGITS.indexOf(digit);
  return at;
}

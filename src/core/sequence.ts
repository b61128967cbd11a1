/** ULIDs as bounds of time: their first ten characters are milliseconds since the epoch in Crockford's base 32 (ulid/spec). */

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_LENGTH = 10;
/** 48 bits. */
const LAST_MILLISECOND = 2 ** 48 - 1;

/** Sorts before every ULID of this millisecond, and after every one of those before it. */
export function firstSequence(at: number): string {
  let left = Math.min(Math.max(0, Math.floor(at)), LAST_MILLISECOND);
  let text = "";
  while (text.length < TIME_LENGTH) {
    text = (DIGITS[left % DIGITS.length] ?? "") + text;
    left = Math.floor(left / DIGITS.length);
  }
  return text;
}

/** The time in a ULID, epoch milliseconds. */
export function timeOf(sequence: string): number {
  return Array.from(sequence.slice(0, TIME_LENGTH)).reduce(
    (time, digit) => time * DIGITS.length + DIGITS.indexOf(digit),
    0,
  );
}

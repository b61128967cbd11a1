/** The name that somebody may have meant. */

/** As the Rust compiler has it: a third of the letters may be wrong, and of the shortest names one. */
const WRONG = 1 / 3;
const SHORTEST = 3;

/**
 * Of names that are equally near the first, and where none is near one that only goes on (`timeout`: `timeoutSeconds`);
 * `undefined` where there is neither. Letters count alike in both cases.
 */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  const written = word.toLowerCase();
  let found: string | undefined;
  let least = Math.floor(Math.max(word.length, SHORTEST) * WRONG) + 1;
  for (const name of names) {
    const isLonger = word.length >= SHORTEST && name.toLowerCase().startsWith(written);
    if (isLonger) found ??= name;
    if (Math.abs(name.length - word.length) >= least) continue;
    const distance = distanceBetween(written, name.toLowerCase());
    if (distance < least) [found, least] = [name, distance];
  }
  return found;
}

/** Letters put in, left out, changed, or swapped with the next one (optimal string alignment). */
export function distanceBetween(one: string, other: string): number {
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const costs = [
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        row > 1 && column > 1 && isSwapped ? at(beforeLast, column - 2) + 1 : Infinity,
      ];
      current.push(Math.min(...costs));
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, other.length);
}

const at = (numbers: readonly number[], index: number): number => numbers[index] ?? Infinity;

/**
 * A file's id among those of its session. It names the same bytes when the session is read again, although its list of files
 * may have changed by then: what is stored under the id already is not fetched again.
 */
import { MAX_NAME } from "./limits.ts";

/** For a file that its vendor gives no id: where it is, without what is signed or otherwise new each time. */
export function idOfUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  // The end tells files apart.
  return `${origin}${pathname}`.slice(-MAX_NAME);
}

/** Only files of one and the same id are told apart by their order. One pass: a list may be as long as an answer can be. */
export function withUniqueIds<Named extends { id: string }>(entries: readonly Named[]): Named[] {
  const own = new Set(entries.map(({ id }) => id));
  const copies = new Map<string, number>();
  return entries.map((entry) => {
    const copy = nextCopy(entry.id, copies.get(entry.id), own);
    copies.set(entry.id, copy);
    return copy === 1 ? entry : { ...entry, id: `${entry.id}-${copy}` };
  });
}

/** A number that makes no other file's own id of it. */
function nextCopy(id: string, last: number | undefined, own: ReadonlySet<string>): number {
  if (last === undefined) return 1;
  let copy = last + 1;
  while (own.has(`${id}-${copy}`)) copy++;
  return copy;
}

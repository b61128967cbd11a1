/** What differs between two configuration documents, by JSON Pointer. */
import { isObject } from "../core/json.ts";
import { toPointer } from "../core/pointer.ts";

export interface Change {
  path: string;
  /** Absent where the member is new. */
  from?: unknown;
  /** Absent where the member is removed. */
  to?: unknown;
}

export function changesBetween(before: unknown, after: unknown, path: readonly string[] = []): Change[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    // Of lists that have grown or shrunk nobody can say which element is which.
    return before.flatMap((each, index) => changesBetween(each, after[index], [...path, String(index)]));
  }
  if (!isObject(before) || !isObject(after)) {
    return [
      {
        path: toPointer(path),
        ...(before === undefined ? {} : { from: before }),
        ...(after === undefined ? {} : { to: after }),
      },
    ];
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changesBetween(own(before, key), own(after, key), [...path, key]));
}

function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

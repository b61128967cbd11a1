/** Where in a JSON text a value stands that is known by its path: editors and people go there by line and column. */
import { toPointer } from "../core/pointer.ts";

export interface Place {
  /** From 1 on. */
  line: number;
  column: number;
}

export interface Places {
  /** Of the value at a path, or of what is nearest around it where there is no such value. */
  valueAt(pointer: string): Place;
  /** Of a member's name. */
  nameAt(pointer: string): Place;
}

/** A string, a bracket, or a word such as a number; what stands between is of no matter. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** @param text that can be parsed as JSON */
export function findPlaces(text: string): Places {
  const values = new Map<string, number>();
  const names = new Map<string, number>();
  const open: { isList: boolean; key: string | number }[] = [];
  let expectsName = false;
  const pathHere = () => toPointer(open.map(({ key }) => key));
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const around = open.at(-1);
    if (token === "}" || token === "]") open.pop();
    else if (token === ",") {
      expectsName = around?.isList === false;
      if (around?.isList && typeof around.key === "number") around.key++;
    } else if (token === ":") expectsName = false;
    else if (expectsName && around) {
      around.key = JSON.parse(token) as string;
      names.set(pathHere(), index);
    } else {
      values.set(pathHere(), index);
      if (token === "{" || token === "[") open.push({ isList: token === "[", key: token === "[" ? 0 : "" });
      expectsName = token === "{";
    }
  }
  const nearest = (known: ReadonlyMap<string, number>, pointer: string): number => {
    for (let path = pointer; path !== ""; path = path.slice(0, path.lastIndexOf("/"))) {
      const index = known.get(path) ?? values.get(path);
      if (index !== undefined) return index;
    }
    return values.get("") ?? 0;
  };
  return {
    valueAt: (pointer) => placeOf(text, nearest(values, pointer)),
    nameAt: (pointer) => placeOf(text, nearest(names, pointer)),
  };
}

export function placeOf(text: string, index: number): Place {
  const before = text.slice(0, index).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

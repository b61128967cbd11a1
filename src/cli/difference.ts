/**
 * The difference between two JSON documents, to be read like git's: lines of the printed document, what was there and what is
 * there now, a little around it, and above each hunk the path that it is in. By structure, so that another order of members or
 * another indentation is no difference.
 */
import { toPointer } from "../core/pointer.ts";

export interface Line {
  sign: " " | "-" | "+";
  text: string;
  /** JSON Pointer of the object or array around it. */
  within: string;
}

export interface Hunk {
  within: string;
  lines: readonly Line[];
}

/** Lines around a change. */
const CONTEXT = 3;

/** No hunk where both say the same; `undefined` is no document. */
export function hunksBetween(before: unknown, after: unknown): Hunk[] {
  const lines = [...compare("", before, after, [], "")];
  const isNear = near(lines);
  const hunks: { within: string; lines: Line[] }[] = [];
  lines.forEach((line, index) => {
    if (!isNear[index]) return;
    if (index === 0 || !isNear[index - 1]) hunks.push({ within: line.within, lines: [] });
    hunks.at(-1)?.lines.push(line);
  });
  return hunks.map(({ lines: of }) => ({ within: of.find(({ sign }) => sign !== " ")?.within ?? "", lines: of }));
}

/** Which lines are within reach of a change. */
function near(lines: readonly Line[]): boolean[] {
  const isNear = lines.map(() => false);
  lines.forEach(({ sign }, index) => {
    if (sign === " ") return;
    const [first, last] = [Math.max(0, index - CONTEXT), Math.min(lines.length - 1, index + CONTEXT)];
    for (let each = first; each <= last; each++) isNear[each] = true;
  });
  return isNear;
}

type Path = readonly (string | number)[];

/** @param lead `"name": ` of a member, or nothing @param comma what follows the value */
function* compare(lead: string, before: unknown, after: unknown, path: Path, comma: string): Generator<Line> {
  const within = toPointer(path.slice(0, -1));
  if (isSame(before, after)) return yield* print(" ", lead, after, within, path.length, comma);
  const [left, right] = [membersOf(before), membersOf(after)];
  if (!left || !right || left.isList !== right.isList) {
    if (before !== undefined) yield* print("-", lead, before, within, path.length, comma);
    if (after !== undefined) yield* print("+", lead, after, within, path.length, comma);
    return;
  }
  const [open, close] = left.isList ? "[]" : "{}";
  const inside = toPointer(path);
  yield { sign: " ", text: `${indent(path.length)}${lead}${open}`, within: inside };
  const pairs = left.isList ? pairElements(left.values, right.values) : pairMembers(left.values, right.values);
  for (const [index, { name, was, is }] of pairs.entries()) {
    const child = left.isList ? index : name;
    const end = index === pairs.length - 1 ? "" : ",";
    yield* compare(left.isList ? "" : `${JSON.stringify(name)}: `, was, is, [...path, child], end);
  }
  yield { sign: " ", text: `${indent(path.length)}${close}${comma}`, within: inside };
}

interface Pair {
  name: string;
  was: unknown;
  is: unknown;
}

type Values = ReadonlyMap<string, unknown>;

/** Members in their old order; what is new comes after the one that it follows. */
function pairMembers(left: Values, right: Values): Pair[] {
  const names = [...left.keys()];
  let place = 0;
  for (const name of right.keys()) {
    if (left.has(name)) place = names.indexOf(name) + 1;
    else names.splice(place++, 0, name);
  }
  return names.map((name) => ({ name, was: left.get(name), is: right.get(name) }));
}

/** What both begin and end with is the same; between, place by place where that says more, else all old ones and then all new ones. */
function pairElements(left: Values, right: Values): Pair[] {
  const [was, is] = [[...left.values()], [...right.values()]];
  let [head, tail] = [0, 0];
  while (head < was.length && head < is.length && isSame(was[head], is[head])) head++;
  const most = Math.min(was.length, is.length) - head;
  while (tail < most && isSame(was.at(-1 - tail), is.at(-1 - tail))) tail++;
  const pair = (old: unknown, now: unknown): Pair => ({ name: "", was: old, is: now });
  const [old, now] = [was.slice(head, was.length - tail), is.slice(head, is.length - tail)];
  const between =
    old.length === now.length && old.every(membersOf)
      ? old.map((each, index) => pair(each, now[index]))
      : [...old.map((each) => pair(each, undefined)), ...now.map((each) => pair(undefined, each))];
  const same = (each: unknown): Pair => pair(each, each);
  return [...was.slice(0, head).map(same), ...between, ...was.slice(was.length - tail).map(same)];
}

function* print(
  sign: Line["sign"],
  lead: string,
  value: unknown,
  within: string,
  depth: number,
  comma: string,
): Generator<Line> {
  const [first = "", ...rest] = JSON.stringify(value, null, 2).split("\n");
  const texts = [`${lead}${first}`, ...rest].map((text) => `${indent(depth)}${text}`);
  for (const [index, text] of texts.entries())
    yield { sign, text: index === texts.length - 1 ? `${text}${comma}` : text, within };
}

function membersOf(value: unknown): { isList: boolean; values: Values } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return { isList: Array.isArray(value), values: new Map(Object.entries(value)) };
}

function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  const [one, other] = [membersOf(left), membersOf(right)];
  if (!one || !other || one.isList !== other.isList || one.values.size !== other.values.size) return false;
  return [...one.values].every(([name, value]) => other.values.has(name) && isSame(value, other.values.get(name)));
}

const indent = (depth: number): string => "  ".repeat(depth);

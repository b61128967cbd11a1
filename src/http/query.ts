/** The query of a list: each parameter at most once, each with a meaning; what cannot be used is refused by name. */
import { readCursor, writeCursor, type Position } from "../core/cursor.ts";
import { integer, pattern as textLike, word, type Schema } from "../core/json-schema.ts";
import type { Page } from "../core/search.ts";
import { problem } from "./problem.ts";

export interface Parameter<Value> {
  /** What is allowed, in words. */
  expects: string;
  schema: Schema;
  /** `undefined` where the text is not that. */
  read(text: string): Value | undefined;
}

export type Parameters<Query> = { readonly [Name in keyof Query]-?: Parameter<NonNullable<Query[Name]>> };

export type QueryReading<Query> = { ok: true; query: Query } | { ok: false; refusal: Response };

/** Of the given parameters those that the request names. */
export function readQuery<Query extends object>(
  request: Request,
  parameters: Parameters<Query>,
): QueryReading<Partial<Query>> {
  const query: Record<string, unknown> = {};
  const known = parameters as Readonly<Record<string, Parameter<unknown>>>;
  for (const [name, text] of new URL(request.url).searchParams) {
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!parameter) return refuse({ detail: `Allowed parameters: ${Object.keys(known).join(", ") || "none"}.` });
    if (Object.hasOwn(query, name)) return refuse({ parameter: name, detail: "It may be given once." });
    const value = parameter.read(text);
    if (value === undefined) return refuse({ parameter: name, detail: `Expected ${parameter.expects}.` });
    query[name] = value;
  }
  return { ok: true, query: query as Partial<Query> };
}

const refuse = (extra: Record<string, unknown>): { ok: false; refusal: Response } => ({
  ok: false,
  refusal: problem("bad_query", extra),
});

export function oneOf<Word extends string>(words: readonly Word[]): Parameter<Word> {
  return {
    expects: `one of ${words.join(", ")}`,
    schema: word(words),
    read: (text) => words.find((each) => each === text),
  };
}

export function like(pattern: RegExp, expects: string): Parameter<string> {
  return { expects, schema: textLike(pattern), read: (text) => (pattern.test(text) ? text : undefined) };
}

/** Of the configuration. */
export const name = like(
  /^[a-z0-9][a-z0-9-]{0,62}$/,
  "a name of lower-case letters, digits and -, at most 63 characters",
);

/** Of a vendor or a customer. */
export const foreignId: Parameter<string> = {
  ...like(/^[^\0]{1,8192}$/su, "an id of 1 to 8192 characters"),
  schema: { type: "string", minLength: 1, maxLength: 8192 },
};

const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** Epoch milliseconds. */
const time: Parameter<number> = {
  expects: "a date or a time of ISO 8601 with its zone, such as 2026-02-03 or 2026-02-03T10:20:30Z",
  schema: textLike(DATE),
  read(text) {
    const at = DATE.test(text) && isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(at) ? undefined : at;
  },
};

/** The platform takes the 31st of February for the 3rd of March. */
const isDay = (day: string): boolean => {
  const at = Date.parse(day);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
};

const MOST = 200;
const DEFAULT_LIMIT = 50;

const limit: Parameter<number> = {
  expects: `a whole number from 1 to ${MOST}`,
  schema: { ...integer, minimum: 1, maximum: MOST, default: DEFAULT_LIMIT },
  read(text) {
    const number = /^\d{1,3}$/.test(text) ? Number(text) : 0;
    return number >= 1 && number <= MOST ? number : undefined;
  },
};

const cursor: Parameter<Position> = {
  expects: "the cursor of an earlier page",
  schema: { type: "string" },
  read: readCursor,
};

/** What every list takes. */
export interface Paging {
  from?: number;
  to?: number;
  limit?: number;
  cursor?: Position;
}

export const paging: Parameters<Paging> = { from: time, to: time, limit, cursor };

/** A list's query and its page, as an answer. */
export async function answerList<Query extends Paging, Item>(
  request: Request,
  parameters: Parameters<Query>,
  list: (filter: Partial<Omit<Query, "limit" | "cursor">>, limit: number, after?: Position) => Promise<Page<Item>>,
): Promise<Response> {
  const reading = readQuery<Query>(request, parameters);
  if (!reading.ok) return reading.refusal;
  const { limit: most = DEFAULT_LIMIT, cursor: after, ...filter } = reading.query;
  return answer(toJson(await list(filter, most, after)));
}

export const toJson = <Item>({ items, next }: Page<Item>) => ({
  items,
  ...(next ? { cursor: writeCursor(next) } : {}),
});

export function answer(body: object, status = 200, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}

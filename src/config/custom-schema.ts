/** What a source of a custom vendor says of that vendor: JSON Pointers, tables of words and paths with gaps; nothing is evaluated. */
import * as v from "valibot";
import { CHECK_KINDS, CHECK_RESULTS, EVENT_TYPES, type CheckResult } from "../core/event.ts";
import { FILE_KINDS } from "../core/files.ts";
import { isObject } from "../core/json.ts";
import { OUTCOMES } from "../core/outcome.ts";
import { isDateFormat } from "../vendors/custom/convert.ts";
import { TARGETS, type Target } from "../vendors/custom/rules.ts";
import { exactly, headerName, named, pointer, secret, text, url } from "./schema-parts.ts";

const list = v.pipe(v.array(pointer), v.minLength(1, "expected at least one JSON Pointer"), v.maxLength(20));
const pointers = v.lazy((input): typeof list | typeof pointer => (Array.isArray(input) ? list : pointer));

const readName = v.pipe(
  v.string(),
  v.regex(/^(?!webhook$)[A-Za-z][A-Za-z0-9_]{0,31}$/, "expected a name of letters, digits and _, other than webhook"),
);
const dateFormat = v.pipe(
  v.string(),
  v.maxLength(32),
  v.check(isDateFormat, "expected iso, seconds, milliseconds, or a pattern of YYYY, MM and DD such as DD.MM.YYYY"),
);

const has = (input: unknown, key: string): boolean => isObject(input) && Object.hasOwn(input, key);

const when = exactly({ at: pointer, equals: text() });

/** A pointer, a list of them, a constant, or a pointer with what its words mean. */
const field = <Word extends v.GenericSchema<string, string>>(word: Word, otherwise: Word = word) => {
  const constant = exactly({ constant: otherwise });
  const object = exactly({
    at: pointers,
    read: v.optional(readName),
    values: v.optional(named(text(), word)),
    default: v.optional(otherwise),
    absent: v.optional(otherwise),
    when: v.optional(when),
    date: v.optional(dateFormat),
  });
  return v.lazy((input): typeof pointers | typeof constant | typeof object => {
    if (!isObject(input)) return pointers;
    return has(input, "constant") ? constant : object;
  });
};

const anyText = field(text());
const result: v.GenericSchema<string, CheckResult> = v.picklist(CHECK_RESULTS);
const openResult: typeof result = v.picklist(CHECK_RESULTS.filter((each) => each !== "pass"));
const kind = v.picklist(CHECK_KINDS);
const fileKind = v.picklist(FILE_KINDS);
const outcome: v.GenericSchema<string, (typeof OUTCOMES)[number]> = v.picklist(OUTCOMES);
/** A word that nobody has given a meaning to never reads as approved. */
const openOutcome: typeof outcome = v.picklist(OUTCOMES.filter((each) => each !== "approved"));

const score = v.optional(
  v.lazy((input) =>
    has(input, "at")
      ? exactly({ at: pointers, outOf: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(1_000_000)), 1) })
      : pointers,
  ),
);
const values = v.optional(named(text(), result));
const oneCheck = exactly({
  kind,
  name: text(),
  at: pointers,
  read: v.optional(readName),
  values,
  default: v.optional(openResult),
  when: v.optional(when),
  score,
});
const eachCheck = exactly({
  each: pointer,
  read: v.optional(readName),
  kind: v.lazy((input) => (typeof input === "string" && !input.startsWith("/") ? kind : field(kind))),
  name: anyText,
  result: field(result, openResult),
  score,
});

const fields = Object.fromEntries(Object.keys(TARGETS).map((target) => [target, v.optional(anyText)])) as Record<
  Target,
  v.OptionalSchema<typeof anyText, undefined>
>;

export const map = exactly({
  type: v.optional(field(v.picklist(EVENT_TYPES))),
  outcome: v.optional(field(outcome, openOutcome)),
  ...fields,
  checks: v.optional(v.pipe(v.array(v.lazy((input) => (has(input, "each") ? eachCheck : oneCheck))), v.maxLength(100))),
});

export type MapDocument = v.InferInput<typeof map>;

export const webhook = exactly({
  event: v.optional(pointers),
  session: pointers,
  delivery: v.optional(pointers),
  time: v.optional(
    v.lazy((input) => (has(input, "at") ? exactly({ at: pointers, format: v.optional(dateFormat) }) : pointers)),
  ),
  about: v.optional(
    exactly({
      at: pointer,
      oneOf: v.pipe(v.array(text()), v.minLength(1, "expected at least one text"), v.maxLength(50)),
    }),
  ),
});

export type WebhookDocument = v.InferInput<typeof webhook>;

const answeredAs = { as: v.optional(v.picklist(["text", "json"]), "text"), member: v.optional(text(64)) };
export const challenge = v.variant("method", [
  v.strictObject({ method: v.literal("GET"), query: text(64), ...answeredAs }),
  v.strictObject({
    method: v.literal("POST"),
    when,
    echo: pointer,
    ...answeredAs,
  }),
]);

const auth = v.variant("type", [
  v.strictObject({
    type: v.literal("header"),
    name: headerName,
    prefix: v.optional(
      v.pipe(v.string(), v.regex(/^[ -~]{0,64}$/, "expected at most 64 printable characters of ASCII")),
      "",
    ),
    value: secret,
  }),
  v.strictObject({ type: v.literal("basic"), username: text(), password: secret }),
  v.strictObject({ type: v.literal("bearer"), token: secret }),
  v.strictObject({
    type: v.literal("oauth2"),
    tokenUrl: url,
    clientId: text(),
    clientSecret: secret,
    method: v.optional(v.picklist(["basic", "post"]), "basic"),
    scope: v.optional(text(1024)),
    audience: v.optional(text(1024)),
  }),
]);

const path = v.pipe(
  text(1024),
  v.regex(/^\/(?!\/)[!-"$-~]*$/, "expected a path such as /v1/sessions/{session}, behind the base URL"),
);

const reads = v.pipe(
  v.array(exactly({ name: readName, path, id: v.optional(pointers), optional: v.optional(v.boolean(), false) })),
  v.maxLength(10),
);

const fileList = v.pipe(
  v.array(
    exactly({
      read: v.optional(readName),
      each: v.optional(pointer),
      id: v.optional(anyText),
      kind: v.optional(
        v.lazy((input) => (typeof input === "string" && !input.startsWith("/") ? fileKind : field(fileKind))),
      ),
      url: v.optional(pointers),
      path: v.optional(path),
      action: v.optional(pointers),
      name: v.optional(pointers),
      contentType: v.optional(pointers),
      base64At: v.optional(text(128)),
      optional: v.optional(v.boolean(), false),
    }),
  ),
  v.maxLength(50),
);

/** Of `session`. */
export const customSession = { auth: v.optional(auth), reads: v.optional(reads), fileList: v.optional(fileList) };

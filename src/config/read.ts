/** An untrusted document to a configuration, or to every fault it has. */
import * as v from "valibot";
import type { Allowance } from "../core/destination.ts";
import { isTooDeep } from "../core/json.ts";
import { completeDocument } from "./complete.ts";
import type { Settings } from "./config.ts";
import { crossCheck } from "./cross-check.ts";
import { faultOf, MOST_FAULTS, toFault, type Fault } from "./faults.ts";
import { migrate } from "./migrations.ts";
import { documentSchema } from "./schema.ts";
import { keysOf, walk } from "./walk.ts";
import { warn } from "./warnings.ts";

/** Warnings are looked for by whoever reads them: an isolate that only loads a document has no use for them. */
export type ReadConfig = { ok: true; config: Settings; readonly warnings: Fault[] } | { ok: false; faults: Fault[] };

/** `ownOrigins` are the gateway's, which may not subscribe to itself. */
export function readConfig(written: unknown, allowance: Allowance, ownOrigins: readonly string[]): ReadConfig {
  if (isTooDeep(written))
    return { ok: false, faults: [{ path: "", message: "expected a document that is not nested so deep" }] };
  const document = migrate(written);
  const { issues, value } = documentSchema["~run"]({ value: document }, enough());
  const shape = issues ? checkShape(document, issues) : [];
  if (shape.length === MOST_FAULTS) return { ok: false, faults: shape };
  const reported = new Set(shape.map(({ path }) => path));
  const cross = crossCheck(document, allowance, ownOrigins).filter(({ path }) => !reported.has(path));
  const faults = [...shape, ...cross];
  if (issues || faults.length > 0) return { ok: false, faults: faults.slice(0, MOST_FAULTS) };
  const output = value;
  return {
    ok: true,
    config: completeDocument(output),
    get warnings() {
      return warn(output).slice(0, MOST_FAULTS);
    },
  };
}

/** An issue is asked about where it is found, and by each value around it. */
const MOST_QUESTIONS = 20 * MOST_FAULTS;

/** Has the library stop where no fault more would be told: five million bytes may hold a million, and each takes it microseconds. */
function enough(): v.Config<v.BaseIssue<unknown>> {
  let questions = 0;
  return {
    get abortEarly() {
      return ++questions > MOST_QUESTIONS;
    },
  };
}

/** The library names one unknown key of an object and looks no further: all of them are found beside it. */
function checkShape(document: unknown, issues: readonly v.BaseIssue<unknown>[]): Fault[] {
  const unknown = unknownKeys(document).take(MOST_FAULTS).toArray();
  const others = issues.filter((issue) => !isUnknownKey(issue)).slice(0, MOST_FAULTS - unknown.length);
  return [...unknown, ...others.map(toFault)];
}

function* unknownKeys(document: unknown): Generator<Fault> {
  for (const { schema, value, path } of walk({ schema: documentSchema, value: document, path: [] })) {
    const keys = keysOf(schema);
    if (!keys || typeof value !== "object" || value === null) continue;
    for (const key of Object.keys(value))
      if (!keys.includes(key)) yield faultOf([...path, key], "unknown key", key, keys);
  }
}

function isUnknownKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

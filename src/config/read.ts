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
  const parsed = v.safeParse(documentSchema, document);
  const shape = parsed.success ? [] : checkShape(document, parsed.issues);
  const reported = new Set(shape.map(({ path }) => path));
  const cross = crossCheck(document, allowance, ownOrigins).filter(({ path }) => !reported.has(path));
  const faults = [...shape, ...cross];
  if (!parsed.success || faults.length > 0) return { ok: false, faults: faults.slice(0, MOST_FAULTS) };
  const { output } = parsed;
  return {
    ok: true,
    config: completeDocument(output),
    get warnings() {
      return warn(output).slice(0, MOST_FAULTS);
    },
  };
}

/** The library names one unknown key of an object and looks no further: all of them are found beside it. */
function checkShape(document: unknown, issues: readonly v.BaseIssue<unknown>[]): Fault[] {
  const unknown = [...walk({ schema: documentSchema, value: document, path: [] })].flatMap(
    ({ schema, value, path }) => {
      const keys = keysOf(schema);
      if (!keys || typeof value !== "object" || value === null) return [];
      const unheard = Object.keys(value).filter((key) => !keys.includes(key));
      return unheard.map((key) => faultOf([...path, key], "unknown key", key, keys));
    },
  );
  return [...unknown, ...issues.filter((issue) => !isUnknownKey(issue)).map(toFault)];
}

function isUnknownKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

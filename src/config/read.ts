/** An untrusted document to a configuration, or to every fault it has. */
import * as v from "valibot";
import type { Allowance } from "../core/destination.ts";
import { isTooDeep } from "../core/json.ts";
import { completeDocument } from "./complete.ts";
import type { Settings } from "./config.ts";
import { crossCheck } from "./cross-check.ts";
import { toFault, type Fault } from "./faults.ts";
import { migrate } from "./migrations.ts";
import { documentSchema } from "./schema.ts";
import { warn } from "./warnings.ts";

export type ReadConfig = { ok: true; config: Settings; warnings: Fault[] } | { ok: false; faults: Fault[] };

/** `ownOrigins` are the gateway's, which may not subscribe to itself. */
export function readConfig(written: unknown, allowance: Allowance, ownOrigins: readonly string[]): ReadConfig {
  if (isTooDeep(written))
    return { ok: false, faults: [{ path: "", message: "expected a document that is not nested so deep" }] };
  const document = migrate(written);
  const parsed = v.safeParse(documentSchema, document);
  const shape = parsed.success ? [] : checkShape(document);
  const isReported = (fault: Fault) => shape.some(({ path }) => path === fault.path);
  const faults = [...shape, ...crossCheck(document, allowance, ownOrigins).filter((fault) => !isReported(fault))];
  if (!parsed.success || faults.length > 0) return { ok: false, faults };
  return { ok: true, config: completeDocument(parsed.output), warnings: warn(parsed.output) };
}

/** The library names one unknown key of an object and looks no further; without that key it names the next. */
function checkShape(document: unknown): Fault[] {
  const rest: unknown = structuredClone(document);
  const unknown: Fault[] = [];
  for (let round = 0; ; round++) {
    const issues = v.safeParse(documentSchema, rest).issues ?? [];
    const keys = issues.filter(isUnknownKey);
    if (keys.length === 0 || round === MOST_ROUNDS) return [...unknown, ...issues.map(toFault)];
    unknown.push(...keys.map(toFault));
    for (const { path = [] } of keys) {
      const last = path.at(-1);
      if (last) Reflect.deleteProperty(last.input as object, last.key as string);
    }
  }
}

const MOST_ROUNDS = 20;

function isUnknownKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

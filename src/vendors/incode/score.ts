/**
 * A session's score: sections of checks `{key, value, status}`, some sections with an `overall` of their own, and the overall
 * status that is the verdict. Sections come and go with the flow, and may be null.
 * Source: developer.incode.com/docs/fetch-scores.
 */
import { withoutAbsent } from "../../core/absent.ts";
import type { Check, CheckKind, CheckResult, Json, Scalar } from "../../core/event.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { readOutcome, type Outcome, type OutcomeTable } from "../../core/outcome.ts";
import { cut, MAX_CHECKS, MAX_EXTRACTED } from "../limits.ts";
import { createReader } from "../reader.ts";
import type { Findings } from "../reading.ts";

interface Meaning {
  result: CheckResult;
  outcome: Outcome;
  decidedBy?: "human";
}

const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ["OK", { result: "pass", outcome: "approved" }],
  ["FAIL", { result: "fail", outcome: "declined" }],
  ["WARN", { result: "review", outcome: "review" }],
  ["UNKNOWN", { result: "unknown", outcome: "unknown" }],
  ["MANUAL", { result: "review", outcome: "review" }],
  ["MANUAL_PENDING", { result: "review", outcome: "review" }],
  ["MANUAL_OK", { result: "pass", outcome: "approved", decidedBy: "human" }],
  ["MANUAL_FAIL", { result: "fail", outcome: "declined", decidedBy: "human" }],
]);

const OUTCOMES: OutcomeTable = Object.fromEntries([...MEANINGS].map(([status, { outcome }]) => [status, outcome]));

/** Sections by how they are named; the first that fits. */
const SECTION_KINDS: readonly [RegExp, CheckKind][] = [
  [/watchlist|sanction/i, "watchlist"],
  [/government|external/i, "database"],
  [/liveness/i, "liveness"],
  [/face/i, "face_match"],
  [/address/i, "proof_of_address"],
  [/risk|fraud/i, "fraud"],
  [/^id(?![a-z])|document/, "document"],
];

const MAX_PERCENT = 100;

/** What the score says of the whole session. */
export interface Verdict {
  status: string;
  outcome: Outcome;
  decidedBy?: "human" | undefined;
}

/** `undefined` where the score has no overall status; no number stands for it. */
export function readVerdict(score: JsonObject, overrides: OutcomeTable): Verdict | undefined {
  const status = createReader(score).object("overall")?.text("status");
  if (status === undefined) return undefined;
  return { status, outcome: readOutcome(status, overrides, OUTCOMES), decidedBy: MEANINGS.get(status)?.decidedBy };
}

/** Every check of every section; scalars that are none, under their dotted path. One more than may be kept shows that there were more. */
export function readScore(score: JsonObject): Findings {
  const checks: Check[] = [];
  const extracted: [string, Scalar][] = [];
  const visit = (value: Json, path: readonly string[]): void => {
    if (isCheck(value)) {
      if (checks.length <= MAX_CHECKS) checks.push(toCheck(value, path));
    } else if (typeof value === "object" && value !== null) {
      for (const [name, member] of Object.entries(value)) visit(member, [...path, cut(name)]);
    } else if (value !== null && value !== "" && extracted.length <= MAX_EXTRACTED) {
      extracted.push([cut(path.join(".")), value]);
    }
  };
  for (const [section, value] of Object.entries(score)) visit(value, [cut(section)]);
  return { checks, extracted: Object.fromEntries(extracted) };
}

function isCheck(value: Json): value is JsonObject {
  return isObject(value) && (isWord(value["status"]) || isWord(value["key"]));
}

const isWord = (value: Json | undefined): boolean => typeof value === "string" && value !== "";

/** A section's own overall is named after the section. */
function toCheck(entry: JsonObject, path: readonly string[]): Check {
  const { key, value, status, ...details } = entry;
  const member = path.at(-1) ?? "";
  const isOverall = member === "overall";
  const name = isWord(key) ? cut(String(key)) : isOverall ? (path.at(-2) ?? member) : member;
  return withoutAbsent({
    kind: kindOf(path[0] ?? ""),
    name,
    result: MEANINGS.get(String(status))?.result ?? "unknown",
    score: member.startsWith("overall") ? toScore(value) : undefined,
    vendorValue: typeof value === "object" ? undefined : value,
    details: typeof value === "object" ? { ...details, value } : details,
  }) as Check;
}

function kindOf(section: string): CheckKind {
  return SECTION_KINDS.find(([pattern]) => pattern.test(section))?.[1] ?? "other";
}

/** Of a percentage, as number or text. */
function toScore(value: Json | undefined): number | undefined {
  const isNumber = typeof value === "number" || (typeof value === "string" && /^\d{1,3}(\.\d+)?$/.test(value));
  const percent = Number(value);
  return isNumber && percent >= 0 && percent <= MAX_PERCENT ? percent / MAX_PERCENT : undefined;
}

/**
 * What was looked at, in both contracts. Whether a trust result or a risk score is good enough each company decides for
 * itself: they are told of without a result.
 * Source: developer.unico.io, pages "GetProcess" (Web & SDK) and "Get processes by id" (API).
 */
import { withoutAbsent } from "../../core/absent.ts";
import type { Check, CheckKind, CheckResult, Scalar } from "../../core/event.ts";
import type { Reader } from "../reader.ts";
import { NOT_LIVE } from "./verdict.ts";

type Results = Readonly<Record<string, CheckResult>>;

const LIVENESS: Results = {
  LIVENESS_RESULT_LIVE: "pass",
  ...Object.fromEntries([...NOT_LIVE].map((word) => [word, "fail"] as const)),
};
const AUTHENTICATION: Results = {
  AUTHENTICATION_RESULT_POSITIVE: "pass",
  AUTHENTICATION_RESULT_INCONCLUSIVE: "review",
  AUTHENTICATION_RESULT_NEGATIVE: "fail",
};
const CLIENT_LIVENESS: Results = { "1": "pass", "2": "fail" };
const CLIENT_IDENTITY: Results = { yes: "pass", no: "fail", inconclusive: "review" };
const RECOMMENDATION: Results = { approved: "pass", denied: "fail", "critical-risk": "review", "high-risk": "review" };

/** Serpro, the government's data processing service, had no face to compare with, or did not answer. */
const NOT_COMPARED: Results = { "-1": "not_performed", "-2": "not_performed" };
const SCORE_OFF: Results = { SCORE_ENABLED_FALSE: "not_performed" };

/** Of a process of the Web & SDK contract. */
export function readProcessChecks(process: Reader): Check[] {
  const info = process.object("authenticationInfo");
  const engine = info?.object("scoreEngineResult");
  return [
    ...toCheck("liveness", "livenessResult", scalarAt(info, "livenessResult"), LIVENESS),
    ...toCheck("face_match", "authenticationResult", scalarAt(info, "authenticationResult"), AUTHENTICATION),
    ...toCheck("fraud", "identityFraudstersResult", scalarAt(info, "identityFraudstersResult"), {}),
    ...toScore("fraud", "scoreEngineResult", scalarAt(engine, "score") ?? scalarAt(engine, "scoreEnabled"), SCORE_OFF),
    ...toScore("database", "serproResult", scalarAt(info?.object("serproResult"), "score"), NOT_COMPARED),
  ];
}

/** Of a process of the API contract. */
export function readClientChecks(process: Reader): Check[] {
  return [
    ...toCheck("face_match", "unicoId", scalarAt(process.object("unicoId"), "result"), CLIENT_IDENTITY),
    ...toCheck("other", "idCloud", scalarAt(process.object("idCloud"), "result"), RECOMMENDATION),
    ...toCheck("liveness", "liveness", scalarAt(process, "liveness"), CLIENT_LIVENESS),
    ...toCheck("fraud", "identityFraudsters", scalarAt(process.object("identityFraudsters"), "result"), {}),
    ...toScore("fraud", "score", scalarAt(process, "score"), {}),
    ...toScore("database", "serpro", scalarAt(process.object("government"), "serpro"), NOT_COMPARED),
  ];
}

function scalarAt(reader: Reader | undefined, name: string): Scalar | undefined {
  return reader?.number(name) ?? reader?.text(name);
}

function toCheck(kind: CheckKind, name: string, value: Scalar | undefined, results: Results, score?: number): Check[] {
  if (value === undefined) return [];
  const word = String(value);
  const result = Object.hasOwn(results, word) ? results[word] : undefined;
  return [withoutAbsent({ kind, name, result: result ?? "unknown", score, vendorValue: value }) as Check];
}

/** 0..100, and below zero whatever else the vendor has to say. */
function toScore(kind: CheckKind, name: string, value: Scalar | undefined, results: Results): Check[] {
  const isNumber = typeof value === "number" || (typeof value === "string" && /^\d{1,3}(\.\d+)?$/.test(value));
  const number = isNumber ? Number(value) : Number.NaN;
  return toCheck(kind, name, value, results, number >= 0 && number <= 100 ? number / 100 : undefined);
}

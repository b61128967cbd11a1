/**
 * The checks of Regula's demo workflow. Two of its vendors' numbers mean the opposite of each other: a document's 1 is a
 * pass, and so is a liveness's 0.
 * Source: Regula's demo workflow "General KYC" and Document Reader's check results.
 */
import { withoutAbsent } from "../../core/absent.ts";
import type { Check, CheckKind, CheckResult } from "../../core/event.ts";
import type { Reader } from "../reader.ts";

type Results = Readonly<Record<string, CheckResult>>;

const DOCUMENT_READER: Results = { "0": "fail", "1": "pass", "2": "not_performed" };
const LIVENESS: Results = { "0": "pass", "1": "fail" };

const STATUSES: readonly { name: string; kind: CheckKind; results: Results }[] = [
  { name: "FULL_AUTH_OVERALL_STATUS", kind: "document", results: DOCUMENT_READER },
  { name: "RFID_STATUS", kind: "document", results: DOCUMENT_READER },
  { name: "MRZ_STATUS", kind: "document", results: DOCUMENT_READER },
  { name: "LIVENESS_STATUS", kind: "liveness", results: LIVENESS },
];

const SIMILARITY = "LIVENESS_DOC_SIMILARITY";

export function readChecks(reader: Reader): Check[] {
  return [...STATUSES.flatMap((status) => readStatus(reader, status)), ...readSimilarity(reader)];
}

function readStatus(reader: Reader, { name, kind, results }: (typeof STATUSES)[number]): Check[] {
  const value = reader.number(name) ?? reader.text(name);
  if (value === undefined) return [];
  const result = Object.hasOwn(results, value) ? (results[value] ?? "unknown") : "unknown";
  return [{ kind, name, result, vendorValue: value }];
}

/** How alike is alike enough, each workflow decides for itself and says with the session's status: here it is not known. */
function readSimilarity(reader: Reader): Check[] {
  const value = reader.number(SIMILARITY) ?? reader.text(SIMILARITY);
  if (value === undefined) return [];
  const check = { kind: "face_match", name: SIMILARITY, result: "unknown", score: toScore(value), vendorValue: value };
  return [withoutAbsent(check) as Check];
}

function toScore(value: number | string): number | undefined {
  const isNumber = typeof value === "number" || /^\d(\.\d+)?$/.test(value);
  const score = Number(value);
  return isNumber && score >= 0 && score <= 1 ? score : undefined;
}

/** The counts that follow from a record of the log: what is counted is what is on record, and nothing is counted twice. */
import { bucketOf } from "../core/histogram.ts";
import { NOBODY, type Count, type TallyKind } from "../core/tally.ts";
import type { LogRecord } from "./log.ts";

/** What a run of the sweep took up, by the record's fields. */
const SWEPT = ["outbox", "overdue", "reconciled", "released"];

export function countsOf(record: LogRecord): Count[] {
  switch (record.stage) {
    case "receive":
      return [one("received", record["source"], wordOf(record))];
    case "process":
      return [one("processed", record["source"], record.outcome), ...saidIn(record)];
    case "deliver":
      return record["subscriber"] === undefined ? [] : attemptIn(record);
    case "sweep":
      return SWEPT.map((word) => ({ ...one("swept", undefined, word), count: Number(record[word] ?? 0) })).filter(
        ({ count }) => count > 0,
      );
    default:
      return [];
  }
}

type Field = LogRecord[string];

const one = (kind: TallyKind, source: Field, word: string): Count => ({
  kind,
  source: source === undefined ? NOBODY : String(source),
  word,
  count: 1,
});

/** Why a webhook was refused belongs to its answer. */
const wordOf = ({ outcome, reason }: LogRecord): string =>
  reason === undefined ? outcome : `${outcome}/${String(reason)}`;

function saidIn({ verdict, vendor }: LogRecord): Count[] {
  return verdict === undefined ? [] : [one("events", vendor, String(verdict))];
}

/** What was put off was not attempted, and is counted when it is. */
const PUT_OFF = ["held", "postponed"];

function attemptIn({ subscriber, outcome, reason, latencyMs }: LogRecord): Count[] {
  if (PUT_OFF.includes(outcome)) return [];
  const attempted = one("attempted", subscriber, reason === "skipped" ? `skipped/${outcome}` : outcome);
  if (typeof latencyMs !== "number") return [attempted];
  const took = Math.max(0, Math.round(latencyMs));
  return [
    attempted,
    one("latency", undefined, bucketOf(took)),
    { ...one("latency_sum", undefined, "ms"), count: took },
  ];
}

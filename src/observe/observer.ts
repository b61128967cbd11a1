/** What one invocation of the Worker does, seen from outside: a record for each unit of its work, and the counts that follow from it. */
import type { Fields } from "../core/consume.ts";
import type { Operations } from "../core/operations.ts";
import { countsOf } from "./count.ts";
import type { Log, LogRecord } from "./log.ts";
import type { TallyKeeper } from "./tallies.ts";

/** Adds to the record of the request at hand. */
export type Note = (fields: Fields) => void;

export interface ObserverDeps {
  log: Log;
  now(): number;
  /** Of this invocation, counted as they are made. */
  operations: Readonly<Operations>;
  tallies: TallyKeeper;
}

export interface Observer {
  /** One record for the request, whatever is noted of it. */
  request(answer: (note: Note) => Promise<Response>): Promise<Response>;
  /** Records as they are written, each with what all of the work took; `fields` are in each. */
  work<T>(fields: Fields, run: (log: Log) => Promise<T>): Promise<T>;
}

export function createObserver({ log, now, operations, tallies }: ObserverDeps): Observer {
  function report(record: LogRecord): void {
    log(record);
    tallies.add(countsOf(record));
  }

  return {
    async request(answer) {
      const startedAt = now();
      const noted: Record<string, Fields[string]> = {};
      const response = await answer((fields) => void Object.assign(noted, fields));
      const { status } = response;
      const record: LogRecord = { stage: "http", outcome: outcomeOf(status), ...noted };
      report({ ...record, status, ms: now() - startedAt, ...operations });
      tallies.flushSoon();
      return response;
    },
    async work(fields, run) {
      const startedAt = now();
      const result = await run((record) => report({ ...record, ...fields, ms: now() - startedAt, ...operations }));
      // The isolate may end with its batch.
      await tallies.flush();
      return result;
    },
  };
}

function outcomeOf(status: number): string {
  if (status < 400) return "answered";
  return status < 500 ? "refused" : "failed";
}

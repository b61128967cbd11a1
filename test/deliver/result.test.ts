/** Which second of a schedule follows an attempt: counted from the one that somebody asked for. */
import { describe, expect, it } from "vitest";
import type { DeliverTask } from "../../src/core/tasks.ts";
import { toResult } from "../../src/deliver/result.ts";

const POLICY = { schedule: [10, 100], accept: "2xx" } as const;
const MIDDLE = 0.5;
const AT = 1_000_000;
const ids = { delivery: "dlv", sequence: "01", event: "evt", object: "object", subscriber: "crm" };

const follow = (attempt: number, round: number | undefined) => {
  const task: DeliverTask = { v: 1, kind: "deliver", ...ids, attempt, owedAt: 0, round };
  const { state, dueAt } = toResult(task, { kind: "failure", reason: "timeout" }, POLICY, AT, MIDDLE);
  return dueAt === undefined ? state : (dueAt - AT) / 1000;
};

describe("a failed attempt", () => {
  it.each([
    [1, undefined, 10],
    [2, undefined, 100],
    [3, undefined, "dead"],
    [1, 0, 10],
    [2, 0, 100],
    [3, 0, "dead"],
    [4, 3, 10],
    [5, 3, 100],
    [6, 3, "dead"],
    [2, 1, 10],
    [250, 249, 10],
    [252, 249, "dead"],
  ])("number %i, of a round that began after %s, is followed by %s", (attempt, round, next) => {
    expect(follow(attempt, round)).toBe(next);
  });
});

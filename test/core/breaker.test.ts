import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  afterVerdict,
  FIRST_PROBE_MS,
  trendsOf,
  UNBLEMISHED,
  verdictOf,
  type Standing,
  type Verdict,
} from "../../src/core/breaker.ts";
import type { AttemptResult } from "../../src/core/tasks.ts";

const FUZZ = { seed: 20_261_121, numRuns: 300 };
const NOW = 1_000_000;

function resultOf(changes: Partial<AttemptResult>, subscriber = "crm"): AttemptResult {
  const ids = { delivery: "dlv_1", sequence: "01", event: "evt_1", object: "events/1", subscriber };
  return { task: { v: 1, kind: "deliver", ...ids, attempt: 1, owedAt: 0 }, state: "retrying", at: NOW, ...changes };
}

describe("what an attempt says of its subscriber", () => {
  it.each<[Partial<AttemptResult>, Verdict | undefined]>([
    [{ state: "delivered", status: 200 }, "success"],
    [{ reason: "timeout" }, "timeout"],
    [{ reason: "connection" }, "failure"],
    [{ reason: "reset" }, "failure"],
    [{ reason: "dns" }, "failure"],
    [{ reason: "tls" }, "failure"],
    [{ reason: "dns_or_tls" }, "failure"],
    [{ reason: "status_500", status: 500 }, "failure"],
    [{ reason: "status_429", status: 429 }, "failure"],
    [{ reason: "refused_by_body", status: 200 }, "failure"],
    [{ state: "dead", reason: "gone", status: 410 }, "failure"],
    [{ state: "dead", reason: "timeout" }, "timeout"],
    [{ reason: "skipped" }, undefined],
    [{ state: "dead", reason: "skipped" }, undefined],
    [{ reason: "secret_missing" }, undefined],
    [{ reason: "receipt_missing" }, undefined],
    [{ reason: "token_unavailable" }, undefined],
    [{ reason: "token_refused" }, undefined],
    [{ reason: "event_missing" }, undefined],
    [{ reason: "forbidden_destination" }, undefined],
    [{ reason: "subscriber_disabled" }, undefined],
    [{ state: "cancelled", reason: "no_subscriber" }, undefined],
  ])("%o: %s", (result, verdict) => {
    expect(verdictOf(resultOf(result))).toBe(verdict);
  });
});

describe("a breaker", () => {
  const after = (verdicts: readonly Verdict[], from: Standing = UNBLEMISHED) =>
    verdicts.reduce((standing, verdict) => afterVerdict(standing, verdict, NOW), from);
  const times = (count: number, verdict: Verdict) => Array.from({ length: count }, () => verdict);

  it.each<[string, readonly Verdict[], boolean]>([
    ["two timeouts", times(2, "timeout"), false],
    ["three timeouts", times(3, "timeout"), true],
    ["timeouts with an answer between them", ["timeout", "timeout", "failure", "timeout"], false],
    ["timeouts with a success between them", ["timeout", "timeout", "success", "timeout"], false],
    ["nine failures", times(9, "failure"), false],
    ["ten failures", times(10, "failure"), true],
    ["ten failures of either kind", [...times(8, "failure"), "timeout", "timeout"], true],
    ["nineteen failures with a success among them", [...times(9, "failure"), "success", ...times(9, "failure")], false],
  ])("after %s", (_what, verdicts, isOpen) => {
    expect(after(verdicts).openedAt !== undefined).toBe(isOpen);
  });

  it("that opens says when it lets one through", () => {
    expect(after(times(3, "timeout"))).toMatchObject({ openedAt: NOW, probeAt: NOW + FIRST_PROBE_MS });
  });

  it("that is open stays as it opened, and is closed by a success; a pause stays", () => {
    const open = { failures: 10, timeouts: 0, openedAt: 5, probeAt: 6, pausedAt: 7 };
    expect(afterVerdict(open, "failure", NOW)).toMatchObject({ openedAt: 5, probeAt: 6, failures: 11 });
    expect(afterVerdict(open, "success", NOW)).toEqual({ failures: 0, timeouts: 0, pausedAt: 7 });
  });
});

describe("trends", () => {
  it("add up to the same standing as the results one by one, however they are cut", () => {
    const verdict = fc.constantFrom<Verdict>("success", "timeout", "failure");
    fc.assert(
      fc.property(fc.array(verdict, { maxLength: 30 }), fc.nat(30), (verdicts, cut) => {
        const results = verdicts.map((each) =>
          resultOf(
            each === "success"
              ? { state: "delivered" }
              : {
                  reason: each === "timeout" ? "timeout" : "status_500",
                  ...(each === "failure" ? { status: 500 } : {}),
                },
          ),
        );
        let counted = { failures: 0, timeouts: 0 };
        for (const part of [results.slice(0, cut), results.slice(cut)])
          for (const trend of trendsOf(part)) {
            const from = trend.hasSucceeded ? { failures: 0, timeouts: 0 } : counted;
            counted = {
              failures: from.failures + trend.failures,
              timeouts: (trend.isTimeouts ? from.timeouts : 0) + trend.timeouts,
            };
          }
        const { failures, timeouts } = verdicts.reduce(
          (standing, each) => afterVerdict(standing, each, NOW),
          UNBLEMISHED,
        );
        expect(counted).toEqual({ failures, timeouts });
      }),
      FUZZ,
    );
  });

  it("are of each subscriber apart", () => {
    const trends = trendsOf([resultOf({ reason: "timeout" }, "a"), resultOf({ state: "delivered" }, "b")]);
    expect(trends.map(({ subscriber, failures }) => [subscriber, failures])).toEqual([
      ["a", 1],
      ["b", 0],
    ]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decide,
  MAX_DELAY_SECONDS,
  NETWORK_FAILURES,
  type Answer,
  type FailureReason,
} from "../../src/core/attempt.ts";
import { DEAD_LETTER_BACKOFF_SECONDS, queueBackoffSeconds } from "../../src/core/backoff.ts";

const NOW = Date.parse("2026-11-17T08:00:00.500Z");
const POLICY = { schedule: [10, 100], accept: "2xx" } as const;
const MIDDLE = 0.5;
const FUZZ = { seed: 20_261_117, numRuns: 500 };

const response = (status: number, retryAfter: string | null = null, body = ""): Answer => ({
  kind: "response",
  status,
  retryAfter,
  body,
});
const failure = (reason: FailureReason): Answer => ({ kind: "failure", reason });
const again = (afterSeconds: number, reason: string) => ({ kind: "again", afterSeconds, reason });

describe("what follows from an answer", () => {
  it.each([200, 201, 202, 204, 299])("%i is delivered", (status) => {
    expect(decide(response(status), POLICY, 1, NOW, MIDDLE)).toEqual({ kind: "delivered" });
  });

  it.each([100, 301, 302, 307, 308, 400, 401, 404, 408, 429, 500, 503, 599])("%i is tried again", (status) => {
    expect(decide(response(status), POLICY, 1, NOW, MIDDLE)).toEqual(again(10, `status_${status}`));
  });

  it("410 is the end of this delivery, however much of the schedule is left", () => {
    expect(decide(response(410, "5"), POLICY, 1, NOW, MIDDLE)).toEqual({ kind: "dead", reason: "gone" });
  });

  it.each<FailureReason>([
    ...NETWORK_FAILURES,
    "skipped",
    "forbidden_destination",
    "subscriber_disabled",
    "secret_missing",
    "signing_key_invalid",
    "event_missing",
  ])("%s is tried again under its name, on the schedule", (reason) => {
    expect(decide(failure(reason), POLICY, 2, NOW, MIDDLE)).toEqual(again(100, reason));
    expect(decide(failure(reason), POLICY, 3, NOW, MIDDLE)).toEqual({ kind: "dead", reason });
  });

  it("the end of the schedule is the end of the delivery, Retry-After or not", () => {
    expect(decide(response(500), POLICY, 3, NOW, MIDDLE)).toEqual({ kind: "dead", reason: "status_500" });
    expect(decide(response(503, "60"), POLICY, 3, NOW, MIDDLE)).toEqual({ kind: "dead", reason: "status_503" });
    expect(decide(failure("timeout"), { ...POLICY, schedule: [] }, 1, NOW, MIDDLE).kind).toBe("dead");
  });
});

describe("accept", () => {
  const success = { ...POLICY, accept: "success" } as const;
  it.each<[string, string, string]>([
    ["success:false", '{"success":false}', "again"],
    ["success:true", '{"success":true}', "delivered"],
    ["no word of it", '{"ok":false}', "delivered"],
    ["null", "null", "delivered"],
    ["a list", "[false]", "delivered"],
    ["nothing", "", "delivered"],
    ["no JSON", "success: false", "delivered"],
    ['the text "false"', '{"success":"false"}', "delivered"],
  ])("success: a 200 with %s is taken at its word", (_name, body, kind) => {
    expect(decide(response(200, null, body), success, 1, NOW, MIDDLE).kind).toBe(kind);
  });

  it("2xx: what the answer says does not matter", () => {
    expect(decide(response(200, null, '{"success":false}'), POLICY, 1, NOW, MIDDLE).kind).toBe("delivered");
  });

  it("success: a refusal by the body has its own reason, and success:true heals no status", () => {
    expect(decide(response(200, null, '{"success":false}'), success, 1, NOW, MIDDLE)).toEqual(
      again(10, "refused_by_body"),
    );
    expect(decide(response(500, null, '{"success":true}'), success, 1, NOW, MIDDLE)).toEqual(again(10, "status_500"));
  });
});

describe("Retry-After", () => {
  it.each<[string, string, number]>([
    ["seconds", "60", 60],
    ["seconds with space around", " 60 ", 60],
    ["less than the schedule", "3", 10],
    ["zero", "0", 10],
    ["more than a day", "90000", MAX_DELAY_SECONDS],
    ["more than a number holds", "9".repeat(400), MAX_DELAY_SECONDS],
    ["a date", "Tue, 17 Nov 2026 08:01:00 GMT", 60],
    ["a date that is past", "Tue, 17 Nov 2026 07:00:00 GMT", 10],
    ["a date in the next century", "Tue, 17 Nov 2126 08:00:00 GMT", MAX_DELAY_SECONDS],
    ["nothing", "", 10],
    ["words", "in a while", 10],
    ["a negative number", "-60", 10],
    ["a fraction", "60.5", 10],
    ["seconds with a unit", "60s", 10],
    ["words with a number among them", "at most 3000", 10],
  ])("%s", (_name, retryAfter, seconds) => {
    for (const status of [429, 503])
      expect(decide(response(status, retryAfter), POLICY, 1, NOW, MIDDLE)).toEqual(again(seconds, `status_${status}`));
  });

  it("is heeded only where the subscriber says that it is busy", () => {
    for (const status of [301, 400, 500, 502])
      expect(decide(response(status, "60"), POLICY, 1, NOW, MIDDLE)).toEqual(again(10, `status_${status}`));
  });

  it("is never undercut, and nobody waits longer than a day", () => {
    const attempts = fc.record({
      seconds: fc.nat(200_000),
      isDate: fc.boolean(),
      scheduled: fc.nat(MAX_DELAY_SECONDS),
      now: fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2060, 0) }),
      random: fc.double({ min: 0, max: 1, noNaN: true }),
      status: fc.constantFrom(429, 503),
    });
    fc.assert(
      fc.property(attempts, ({ seconds, isDate, scheduled, now, random, status }) => {
        // A date has whole seconds; the one written is the next that is not before the time meant.
        const until = Math.ceil((now + seconds * 1000) / 1000) * 1000;
        const retryAfter = isDate ? new Date(until).toUTCString() : String(seconds);
        const policy = { schedule: [scheduled], accept: "2xx" } as const;
        const decision = decide(response(status, retryAfter), policy, 1, now, random);
        if (decision.kind !== "again") throw new Error("expected another attempt");
        const asked = isDate ? (until - now) / 1000 : seconds;
        expect(decision.afterSeconds).toBeGreaterThanOrEqual(Math.min(asked, MAX_DELAY_SECONDS));
        expect(decision.afterSeconds).toBeLessThanOrEqual(MAX_DELAY_SECONDS);
        expect(Number.isInteger(decision.afterSeconds)).toBe(true);
      }),
      FUZZ,
    );
  });
});

describe("jitter", () => {
  const after = (scheduled: number, random: number) => {
    const decision = decide(response(500), { schedule: [scheduled], accept: "2xx" }, 1, NOW, random);
    return decision.kind === "again" ? decision.afterSeconds : undefined;
  };

  it("is at most a fifth, either way", () => {
    expect([after(1000, 0), after(1000, 0.5), after(1000, 1)]).toEqual([800, 1000, 1200]);
  });

  it("never passes the longest delay of a queue", () => {
    expect(after(MAX_DELAY_SECONDS, 1)).toBe(MAX_DELAY_SECONDS);
  });

  it("leaves at once as it is", () => {
    expect(after(0, 1)).toBe(0);
  });
});

describe("the backoff of a queue", () => {
  it("doubles, and is five minutes at the most", () => {
    expect([1, 2, 3, 8, 9, 10, 100].map(queueBackoffSeconds)).toEqual([2, 4, 8, 256, 300, 300, 300]);
  });

  it("lets a hundred tries of a dead letter take longer than any outage of a day", () => {
    expect(DEAD_LETTER_BACKOFF_SECONDS * 100).toBeGreaterThan(2 * 86_400);
  });
});

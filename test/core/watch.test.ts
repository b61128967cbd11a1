/** When a source is said to refuse everything, or to be silent. */
import { describe, expect, it } from "vitest";
import { watchSource, type Heard, type SourceState } from "../../src/core/watch.ts";

const MINUTE = 60_000;
const NOW = Date.parse("2026-02-03T10:20:00.000Z");

const heard = (counts: Readonly<Record<string, number>>, at = NOW): Heard =>
  Object.entries(counts).map(([word, count]) => ({ word, count, at }));

const typesFor = (known: SourceState, counts: Readonly<Record<string, number>>, silentAfterSeconds?: number) =>
  watchSource(known, heard(counts), silentAfterSeconds, NOW).found.map(({ type }) => type);

const REJECTING = ["gateway.source.rejecting"];
const BAD = "not_verified/credential_wrong";

describe("a source rejects", () => {
  it.each([
    ["refused twenty and proved none", {}, { [BAD]: 20 }, REJECTING],
    ["by whatever answer", {}, { [BAD]: 12, "refused_too_often/credential_wrong": 8 }, REJECTING],
    ["refused fewer", {}, { [BAD]: 19 }, []],
    ["accepted one between", {}, { [BAD]: 500, accepted: 1 }, []],
    ["accepted one again", {}, { [BAD]: 500, repeat: 1 }, []],
    ["ignored one that was proven", {}, { [BAD]: 500, ignored: 1 }, []],
    ["proved one and could not keep it", {}, { [BAD]: 500, not_durable: 1 }, []],
    ["was pinged between by whomever", {}, { [BAD]: 20, ping: 1 }, REJECTING],
    ["only got what is too large", {}, { too_large: 50 }, []],
    ["still does what was told", { rejectingSince: NOW - MINUTE }, { [BAD]: 20 }, []],
    ["is out of breath meanwhile", { rejectingSince: NOW - MINUTE }, {}, []],
  ])("that %s", (_, known, counts, types) => {
    expect(typesFor(known, counts)).toEqual(types);
  });

  it("until it proves more than it refuses", () => {
    const after = (counts: Readonly<Record<string, number>>) =>
      watchSource({ rejectingSince: 1 }, heard(counts), undefined, NOW).state.rejectingSince;
    expect(after({})).toBe(1);
    expect(after({ [BAD]: 30, accepted: 30 })).toBe(1);
    expect(after({ [BAD]: 29, accepted: 30 })).toBeUndefined();
    expect(after({ accepted: 1 })).toBeUndefined();
  });

  it("with the reasons counted, and when it last did not", () => {
    const counts = { [BAD]: 15, "not_verified/credential_missing": 2, "refused_too_often/credential_wrong": 7 };
    expect(watchSource({ heardAt: NOW - 30 * MINUTE }, heard(counts), undefined, NOW).found).toEqual([
      {
        type: "gateway.source.rejecting",
        data: {
          count: 24,
          reasons: { credential_wrong: 22, credential_missing: 2 },
          lastAcceptedAt: "2026-02-03T09:50:00.000Z",
        },
      },
    ]);
  });
});

describe("a source is silent", () => {
  const HOUR = 3600;
  it.each([
    ["was heard longer ago", { heardAt: NOW - 65 * MINUTE }, {}, HOUR, ["gateway.source.silent"]],
    ["was heard not so long ago", { heardAt: NOW - 64 * MINUTE }, {}, HOUR, []],
    ["is refused everything", { heardAt: NOW - 65 * MINUTE }, { [BAD]: 5 }, HOUR, ["gateway.source.silent"]],
    ["is only pinged", { heardAt: NOW - 65 * MINUTE }, { ping: 5 }, HOUR, ["gateway.source.silent"]],
    ["was heard just now", { heardAt: NOW - 65 * MINUTE }, { accepted: 1 }, HOUR, []],
    ["was never heard", {}, {}, HOUR, []],
    ["may be", { heardAt: 1 }, {}, undefined, []],
    ["was said to be", { heardAt: 1, silentSince: NOW - MINUTE }, {}, HOUR, []],
  ])("that %s", (_, known, counts, silentAfterSeconds, types) => {
    expect(typesFor(known, counts, silentAfterSeconds)).toEqual(types);
  });

  it("never sooner than it may be, though not each webhook is written down", () => {
    let known: SourceState = {};
    let last = 0;
    for (let minute = 0; minute < 40; minute++) {
      const at = NOW + minute * MINUTE;
      const isHeard = minute % 3 === 0 && minute < 20;
      if (isHeard) last = at;
      const { state, found } = watchSource(known, isHeard ? heard({ accepted: 1 }, at) : [], 600, at);
      if (found.length > 0) expect(at - last).toBeGreaterThanOrEqual(600_000);
      known = state;
    }
    expect(known.silentSince).toBeLessThanOrEqual(last + 16 * MINUTE);
  });
});

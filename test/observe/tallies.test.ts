/** Counts on their way from the isolate's memory to the ledger. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Count } from "../../src/core/tally.ts";
import { createTallyKeeper, createTallyMemory, type TallyMemory } from "../../src/observe/tallies.ts";

/** Milliseconds after which counts are written down. */
const GATHERED = 10_000;

const one = (word: string): Count => ({ kind: "received", source: "-", word, count: 1 });

let now: number;
let memory: TallyMemory;
let written: Count[][];
let waiting: { until: number; go: () => void }[];
let isOut: boolean;

beforeEach(() => {
  now = 1_000_000;
  memory = createTallyMemory();
  written = [];
  waiting = [];
  isOut = false;
});

/** What one invocation has; all share the isolate's memory. */
function invocation() {
  const afterwards: Promise<unknown>[] = [];
  const keeper = createTallyKeeper({
    memory,
    write: (counts) => {
      if (isOut) return Promise.reject(new Error("out of reach"));
      written.push(structuredClone([...counts]));
      return Promise.resolve();
    },
    now: () => now,
    pause: (milliseconds) => new Promise((go) => void waiting.push({ until: now + milliseconds, go })),
    afterwards: (work) => void afterwards.push(work),
  });
  return { keeper, afterwards };
}

async function pass(milliseconds: number): Promise<void> {
  now += milliseconds;
  for (const { go } of waiting.filter(({ until }) => until <= now)) go();
  waiting = waiting.filter(({ until }) => until > now);
  await scheduler.wait(0);
}

function request(word: string): void {
  const { keeper } = invocation();
  keeper.add([one(word)]);
  keeper.flushSoon();
}

describe("counts", () => {
  it("of an attack are one write in ten seconds, however many requests it makes", async () => {
    for (let each = 0; each < 10_000; each++) {
      request("not_verified/no_signature");
      if (each % 1000 === 999) await pass(GATHERED / 4);
    }
    expect(written.map((counts) => counts.map(({ count }) => count))).toEqual([[4000], [4000]]);
    await pass(GATHERED);
    expect(written.flat().reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
  });

  it("are written only where there are any", async () => {
    const { keeper, afterwards } = invocation();
    keeper.flushSoon();
    await keeper.flush();
    expect([written, afterwards]).toEqual([[], []]);
  });

  it("that could not be written wait for the next time, and fail nobody", async () => {
    const { keeper } = invocation();
    isOut = true;
    keeper.add([one("accepted")]);
    await keeper.flush();
    keeper.add([one("accepted"), one("repeat")]);
    isOut = false;
    await keeper.flush();
    await keeper.flush();
    expect(written).toEqual([[{ ...one("accepted"), count: 2 }, one("repeat")]]);
  });

  it("that come while others are written are not lost", async () => {
    const { keeper } = invocation();
    keeper.add([one("accepted")]);
    const flushing = keeper.flush();
    keeper.add([one("accepted")]);
    await flushing;
    await keeper.flush();
    expect(written.flat().map(({ count }) => count)).toEqual([1, 1]);
  });

  it("whose writer was cut off are written by another one", async () => {
    request("accepted");
    waiting = [];
    now += 2500;
    request("accepted");
    expect(waiting).toEqual([]);
    now += GATHERED;
    request("accepted");
    await pass(GATHERED);
    expect(written).toEqual([[{ ...one("accepted"), count: 3 }]]);
  });

  it("of ever new names take a bounded memory", () => {
    const { keeper } = invocation();
    keeper.add(Array.from({ length: 100_000 }, (_, index) => one(`word-${index}`)));
    expect(memory.tally.size).toBe(5000);
  });
});

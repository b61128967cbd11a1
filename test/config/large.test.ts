/** Whatever five million bytes of a stranger say, judging them takes little of an isolate's time. */
import { describe, expect, it } from "vitest";
import { MOST_FAULTS } from "../../src/config/faults.ts";
import { read } from "./documents.ts";

const BYTES = 5 * 1024 * 1024;
/** Of a machine that does much else meanwhile; what is quadratic takes twice as long and more. */
const MOST_MS = 12_000;

const SOURCE = { vendor: "seon", verify: [{ scheme: "none" }], events: { "*": "deliver" } };
const SUBSCRIBER = { url: "https://subscriber.example", signing: [{ secret: "signing" }] };

/** As many as fit. */
function many<Item>(one: (index: number) => Item, part = 1): Item[] {
  const length = Math.floor((part * BYTES) / (JSON.stringify(one(100_000)).length + 1));
  return Array.from({ length }, (_, index) => one(index));
}
/** Members `n0`, `n1`, …, as many as fit. */
const members = (one: (index: number) => unknown, part = 1) =>
  Object.fromEntries(many((index) => [`n${index}`, one(index)] as const, part));
const source = (more: object) => ({ sources: { acme: { ...SOURCE, vendor: "custom", ...more } } });
const reading = (session: object, more: object = {}) =>
  source({ session: { baseUrl: "https://vendor.example", ...session }, ...more });

describe("five million bytes are judged at once", () => {
  it.each<[string, () => unknown]>([
    ["of reads", () => reading({ reads: many((index) => ({ name: `n${index}`, path: "/a" })) })],
    ["of reads of one name", () => reading({ reads: many(() => ({ name: "n", path: "/{n:/a}" })) })],
    ["of reads that are none", () => reading({ reads: many(() => ({ name: "" })) })],
    ["of gaps in a path", () => reading({ reads: [{ name: "n", path: `/${"{webhook:/a}".repeat(BYTES / 12)}` }] })],
    [
      "of files of many reads",
      () =>
        reading({
          reads: many((index) => ({ name: `n${index}`, path: "/" }), 0.5),
          fileList: many((index) => ({ read: `m${index}`, path: "/{m:/a}" }), 0.5),
        }),
    ],
    ["of hosts that are none", () => reading({ hosts: many(() => "") })],
    ["of unknown keys", () => source({ map: members(() => 0) })],
    ["of schemes", () => source({ verify: many(() => ({ scheme: "none" })) })],
    ["of schemes that are none", () => source({ verify: many(() => ({})) })],
    [
      "of events whose names have hundreds of parts",
      () => source({ events: Object.fromEntries(many((index) => [`${"/".repeat(500)}${index}`, "deliver"])) }),
    ],
    ["of sources", () => ({ sources: members(() => SOURCE) })],
    ["of nothing", () => ({ sources: members(() => null), subscribers: {} })],
    [
      "of sources and subscribers that hear none of them",
      () => ({
        sources: members(() => ({ ...SOURCE, environment: "test" }), 0.5),
        subscribers: members(() => SUBSCRIBER, 0.5),
      }),
    ],
    [
      "of subscribers to sources that are none",
      () => ({
        sources: members(() => SOURCE, 0.5),
        subscribers: members((index) => ({ ...SUBSCRIBER, filter: { source: `m${index}` } }), 0.5),
      }),
    ],
    [
      "of names in a filter",
      () => ({
        sources: members(() => SOURCE, 0.5),
        subscribers: { all: { ...SUBSCRIBER, filter: { source: { $in: many((index) => `m${index}`, 0.5) } } } },
      }),
    ],
  ])("%s", (_what, make) => {
    const document = make();
    const start = performance.now();
    const judged = read(document);
    const told = JSON.stringify(judged.ok ? judged.warnings : judged.faults);
    expect(performance.now() - start).toBeLessThan(MOST_MS);
    expect(told.length).toBeGreaterThan(0);
    expect((JSON.parse(told) as unknown[]).length).toBeLessThanOrEqual(MOST_FAULTS);
  });
});

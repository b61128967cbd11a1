/** Nobody takes the gateway down with a document: whatever is put, webhooks of a source that it leaves alone arrive. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parsePointer } from "../../src/core/pointer.ts";
import { leadsSomewhere, mutate, mutationsOf } from "../config/mutations.ts";
import { RICH } from "../config/rich.ts";
import { createSeon } from "../simulators/seon/seon.ts";
import { openGateway, type Gateway } from "./gateway.ts";

const KEY = "license-key";
const FUZZ = { seed: 20_261_123, numRuns: 1000 };
/** A webhook comes after every so many documents. */
const EVERY = 10;
const LANES = 8;

/** A source and its subscriber that stay as they are, whatever else is put. */
const steadySource = {
  vendor: "seon",
  verify: [{ scheme: "hmac", secrets: [{ secret: "key" }] }],
  events: { "*": "deliver" },
};
const steadySubscriber = (url: string) => ({
  url: `${url}/steady`,
  signing: [{ secret: "signing" }],
  filter: { source: "steady" },
});

let gateway: Gateway;
let seon: ReturnType<typeof createSeon>;

beforeAll(async () => {
  gateway = await openGateway(
    (url) => ({ sources: { steady: steadySource }, subscribers: { steady: steadySubscriber(url) } }),
    { key: KEY },
  );
  seon = createSeon({ ...gateway.account("steady"), licenseKey: KEY, encoding: "hex" });
});
afterAll(() => gateway.close());

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The document with the pair that stays, unless there is no place left for it; then it cannot be accepted. */
function withSteady(document: unknown): unknown {
  if (!isObject(document)) return document;
  const { sources = {}, subscribers = {} } = document as { sources?: unknown; subscribers?: unknown };
  return {
    ...document,
    sources: isObject(sources) ? { ...sources, steady: steadySource } : sources,
    subscribers: isObject(subscribers)
      ? { ...subscribers, steady: steadySubscriber(gateway.subscriber.url) }
      : subscribers,
  };
}

interface Refusal {
  errors?: { path: string; message: string; expected?: string[]; suggestion?: string }[];
}

/** The status of the answer, once the answer is as it must be. */
async function judge(document: unknown): Promise<number> {
  const response = await gateway.admin.call("/api/config", "PUT", document);
  const { errors = [] } = (await response.json()) as Refusal;
  expect([200, 422]).toContain(response.status);
  expect(errors.length > 0).toBe(response.status === 422);
  const sent = JSON.parse(JSON.stringify(document)) as unknown;
  for (const { path, message, suggestion, expected } of errors) {
    const leads = leadsSomewhere(sent, parsePointer(path) ?? ["not a pointer"], message);
    expect([path, message, leads]).toEqual([path, message, true]);
    if (suggestion !== undefined && expected) expect(expected).toContain(suggestion);
  }
  return response.status;
}

it("of 1,000 documents changed at random each is taken, or refused by paths that lead somewhere, and no webhook is lost", async () => {
  const waiting = fc.sample(mutationsOf(RICH), FUZZ);
  const answers: number[] = [];
  const sent: string[] = [];
  const send = async () => {
    const payload = seon.payloads.onTheWire();
    const { answer } = await seon.send(payload);
    expect(answer).toMatchObject({ status: 200, json: { success: true } });
    sent.push(payload.details.sessionId);
  };
  const lane = async () => {
    for (let mutations = waiting.pop(); mutations; mutations = waiting.pop()) {
      const document = withSteady(mutate(RICH, mutations));
      const status = await judge(document).catch((cause: unknown) => {
        throw new Error(`changed by ${JSON.stringify(mutations)}`, { cause });
      });
      if (answers.push(status) % EVERY === 0) await send();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const count = (status: number) => answers.filter((each) => each === status).length;
  expect([answers.length, sent.length]).toEqual([FUZZ.numRuns, FUZZ.numRuns / EVERY]);
  expect(Math.min(count(200), count(422))).toBeGreaterThan(100);

  for (const subject of sent) {
    const arrived = (await gateway.delivered(subject)).filter(({ path }) => path === "/steady");
    expect(arrived.map(({ event }) => event.source)).toEqual(["/in/steady"]);
  }
}, 180_000);

/**
 * Two thousand events for subscribers that do whatever subscribers do, in an order that a seed decides: each event ends delivered or
 * dead exactly as the rules say, none is lost, and the record of attempts is what the subscribers saw.
 */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mapLimited } from "../../src/core/limit.ts";
import type { Behaviour, Delivery } from "../simulators/subscriber.ts";
import { openGateway, type Gateway } from "./gateway.ts";

const EVENTS = 2000;
const SEED = 20_261_121;
const NAMES = ["one", "two", "three", "four", "five"];
/** Seconds; so short that a fifth more or less is none. */
const RETRY = [1, 1, 2];
const BUSY_SECONDS = 2;
const LARGE = "x".repeat(10 * 1024 * 1024);

/** What a subscriber does, how often in a thousand, and what the record says of it. */
const KINDS = {
  takes: { share: 690, behaviour: {}, recorded: { status: 200 } },
  takesAtLength: { share: 20, behaviour: { body: LARGE }, recorded: { status: 200 } },
  fails: { share: 130, behaviour: { status: 500 }, recorded: { status: 500, reason: "status_500" } },
  redirects: {
    share: 70,
    behaviour: { status: 301, headers: { location: "/elsewhere" } },
    recorded: { status: 301, reason: "status_301" },
  },
  isBusy: {
    share: 50,
    behaviour: { status: 429, headers: { "retry-after": String(BUSY_SECONDS) } },
    recorded: { status: 429, reason: "status_429" },
  },
  resets: { share: 30, behaviour: { instead: "reset" }, recorded: { reason: "connection" } },
  hangs: { share: 7, behaviour: { instead: "hang" }, recorded: { reason: "timeout" } },
  isGone: { share: 3, behaviour: { status: 410 }, recorded: { status: 410, reason: "gone" } },
} as const satisfies Record<string, { share: number; behaviour: Behaviour; recorded: object }>;

type Kind = keyof typeof KINDS;

interface Seen {
  kind: Kind;
  at: number;
}

/** By event and subscriber. */
const seen = new Map<string, Seen[]>();

/** The same for the same attempt of the same event, whenever it comes. */
function choose({ id, path, receivedAt }: Delivery): Behaviour {
  const key = `${id} ${path.slice(1)}`;
  const earlier = seen.get(key) ?? [];
  const kind = kindOf(hash(`${SEED} ${key} ${earlier.length}`) % 1000);
  seen.set(key, [...earlier, { kind, at: receivedAt }]);
  return KINDS[kind].behaviour;
}

function kindOf(number: number): Kind {
  let upTo = 0;
  for (const [kind, { share }] of Object.entries(KINDS)) if (number < (upTo += share)) return kind as Kind;
  throw new Error("the shares do not add up to a thousand");
}

/** FNV-1a, stirred (murmur3's finalizer), so that neighbours are no neighbours. */
function hash(text: string): number {
  let value = 2_166_136_261;
  for (const char of text) value = Math.imul(value ^ char.charCodeAt(0), 16_777_619);
  value = Math.imul(value ^ (value >>> 16), 2_246_822_507);
  value = Math.imul(value ^ (value >>> 13), 3_266_489_909);
  return (value ^ (value >>> 16)) >>> 0;
}

let gateway: Gateway;

beforeAll(async () => {
  const header = { scheme: "header", name: "X-Gateway-Secret", values: [{ secret: "hook" }] };
  gateway = await openGateway(
    (url) => ({
      sources: Object.fromEntries(
        NAMES.map((name) => [name, { vendor: "regula", verify: [header], events: { "*": "deliver" } }]),
      ),
      subscribers: Object.fromEntries(
        NAMES.map((name) => [
          name,
          {
            url: `${url}/${name}`,
            filter: { source: name },
            signing: [{ secret: "signing" }],
            retry: RETRY,
            timeoutSeconds: 3,
          },
        ]),
      ),
    }),
    { hook: "shared-secret" },
  );
  for (const name of NAMES) gateway.subscriber.meet(`/${name}`, choose);
});

afterAll(() => gateway.close());

async function sendAll(): Promise<void> {
  await mapLimited(
    Array.from({ length: EVENTS }, (_, index) => index),
    8,
    async (index) => {
      const response = await fetch(`${gateway.url}/in/${NAMES[index % NAMES.length]}`, {
        method: "POST",
        headers: { "x-gateway-secret": "shared-secret", "content-type": "application/json" },
        body: JSON.stringify({ sessionId: `session-${index}`, event: "session.finished" }),
      });
      if (response.status !== 200) throw new Error(`a webhook was answered ${response.status}`);
      await response.text();
    },
  );
}

interface Standing {
  name: string;
  state: string;
  pausedWhy?: string;
  owed: number;
  held: number;
}

/** Resumes whoever is paused once that holds something back, until nothing is owed. Returns each pause, and what its end released. */
async function untilSettled(): Promise<{ name: string; why: string | undefined; released: number }[]> {
  const pauses = [];
  for (;;) {
    const response = await gateway.admin.call("/api/subscribers");
    const { items } = (await response.json()) as { items: Standing[] };
    for (const { name, state, pausedWhy, owed, held } of items) {
      if (state !== "paused" || (held === 0 && owed > 0)) continue;
      const resumed = await gateway.admin.call(`/api/subscribers/${name}/resume`, "POST");
      const { released } = (await resumed.json()) as { released: number };
      pauses.push({ name, why: pausedWhy, released });
    }
    const [row] = await gateway.query(
      "SELECT count(*) AS made, sum(state IN ('delivered', 'dead')) AS settled FROM deliveries WHERE object LIKE 'events/%'",
    );
    if (row?.["made"] === EVENTS && row["settled"] === EVENTS) return pauses;
    // Held by a batch that was under way when its subscriber was resumed: that is the sweep's.
    if (items.every(({ owed }) => owed === 0) && items.some(({ held }) => held > 0)) await gateway.sweep();
    await pause(500);
  }
}

interface Logged {
  attempt: number;
  status?: number;
  reason?: string;
}

interface Row {
  event: string;
  subscriber: string;
  state: string;
  attempts: number;
  status: number | null;
  reason: string | null;
  log: string;
}

describe("two thousand events, and subscribers that do what subscribers do", () => {
  it("end as the rules say, and the record is what was seen", { timeout: 240_000 }, async ({ annotate }) => {
    const [, pauses] = await Promise.all([sendAll(), untilSettled()]);

    const [events] = await gateway.query(
      "SELECT count(*) AS made, count(DISTINCT subject) AS told FROM events WHERE vendor = 'regula'",
    );
    expect(events, "none is lost, and none made twice").toEqual({ made: EVENTS, told: EVENTS });
    const rows = (await gateway.query(
      "SELECT event, subscriber, state, attempts, status, reason, log FROM deliveries WHERE object LIKE 'events/%'",
    )) as unknown as Row[];
    expect(new Set(rows.map(({ event }) => event)).size).toBe(EVENTS);
    const skipped = rows.map(checkDelivery).reduce((sum, each) => sum + each, 0);

    const requests = [...seen.values()].flat();
    expect(requests.length + skipped, "nobody was asked but for what is on record").toBe(
      rows.reduce((sum, { attempts }) => sum + attempts, 0),
    );
    const { deliveries } = gateway.subscriber;
    expect(deliveries.filter(({ event }) => !event)).toEqual([]);
    expect(new Set(deliveries.map(({ path }) => path)), "no redirect is followed").toEqual(
      new Set(NAMES.map((name) => `/${name}`)),
    );

    const gone = [...seen].filter(([, each]) => each.some(({ kind }) => kind === "isGone")).map(([key]) => key);
    const pausedNames = new Set(pauses.map(({ name }) => name));
    expect(pausedNames, "who answers 410 is paused").toEqual(new Set(gone.map((key) => key.split(" ")[1])));
    expect(new Set(pauses.map(({ why }) => why))).toEqual(new Set(["gone"]));
    expect(pauses.reduce((sum, { released }) => sum + released, 0)).toBeGreaterThan(0);

    const kinds = Map.groupBy(requests, ({ kind }) => kind);
    expect(new Set(kinds.keys())).toEqual(new Set(Object.keys(KINDS)));
    const dead = rows.filter(({ state }) => state === "dead").length;
    await annotate(`${requests.length} attempts, ${skipped} skipped, ${dead} dead, ${pauses.length} pauses`);
    await annotate([...kinds].map(([kind, { length }]) => `${kind} ${length}`).join(", "));
  });
});

/** Returns how many of its attempts were skipped. */
function checkDelivery({ event, subscriber, log: text, ...row }: Row): number {
  const requests = seen.get(`${event} ${subscriber}`) ?? [];
  const log = JSON.parse(text) as Logged[];
  expect(log.map(({ attempt }) => attempt)).toEqual(log.map((_, index) => index + 1));
  const made = log.filter(({ reason }) => reason !== "skipped");
  expect(made.map(({ status, reason }) => ({ status, reason }))).toEqual(
    requests.map(({ kind }) => ({ status: undefined, reason: undefined, ...KINDS[kind].recorded })),
  );
  const ends = log.map((_, index) => endAfter(log.slice(0, index + 1)));
  expect(ends.slice(0, -1), "what has ended is not attempted again").toEqual(log.slice(1).map(() => undefined));
  const { status = null, reason = null } = log.at(-1) ?? {};
  expect(row).toEqual({ state: ends.at(-1), attempts: log.length, status, reason });

  for (const [index, { kind, at }] of requests.entries()) {
    const [next, from, to] = [requests[index + 1], made[index], made[index + 1]];
    if (!next || !from || !to) continue;
    const scheduled = RETRY.slice(from.attempt - 1, to.attempt - 1).reduce((sum, seconds) => sum + seconds, 0);
    const asked = kind === "isBusy" ? BUSY_SECONDS : 0;
    expect(next.at - at, "never before its time").toBeGreaterThanOrEqual(Math.max(scheduled, asked) * 1000 - 50);
  }
  return log.length - made.length;
}

/** What a delivery has come to, by the rules of delivery alone; `undefined` while it is owed. */
function endAfter(log: readonly Logged[]): "delivered" | "dead" | undefined {
  const last = log.at(-1);
  if (last?.status === 200) return "delivered";
  return last?.status === 410 || log.length === RETRY.length + 1 ? "dead" : undefined;
}

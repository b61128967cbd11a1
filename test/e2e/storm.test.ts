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
            timeoutSeconds: 1,
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

/** Resumes whoever is paused, until nothing is owed. Returns how often. */
async function untilSettled(): Promise<number> {
  let resumed = 0;
  for (;;) {
    const { items } = (await (await gateway.admin.call("/api/subscribers")).json()) as {
      items: { name: string; state: string; owed: number; held: number }[];
    };
    for (const { name } of items.filter(({ state }) => state === "paused")) {
      await gateway.admin.call(`/api/subscribers/${name}/resume`, "POST");
      resumed++;
    }
    const [row] = await gateway.query(
      "SELECT count(*) AS made, sum(state IN ('delivered', 'dead')) AS settled FROM deliveries WHERE object LIKE 'events/%'",
    );
    if (row?.["made"] === EVENTS && row["settled"] === EVENTS) return resumed;
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

describe("two thousand events, and subscribers that do what subscribers do", () => {
  it("end as the rules say, and the record is what was seen", { timeout: 240_000 }, async () => {
    const [, resumed] = await Promise.all([sendAll(), untilSettled()]);
    const rows = await gateway.query(
      "SELECT event, subscriber, state, attempts, reason, log FROM deliveries WHERE object LIKE 'events/%'",
    );
    expect(rows).toHaveLength(EVENTS);
    const skipped = { attempts: 0 };
    for (const row of rows) {
      const requests = seen.get(`${String(row["event"])} ${String(row["subscriber"])}`) ?? [];
      const log = JSON.parse(String(row["log"])) as Logged[];
      expect(log.map(({ attempt }) => attempt)).toEqual(log.map((_, index) => index + 1));
      const made = log.filter(({ reason }) => reason !== "skipped");
      skipped.attempts += log.length - made.length;
      expect(made.map(({ status, reason }) => ({ status, reason }))).toEqual(
        requests.map(({ kind }) => ({ status: undefined, reason: undefined, ...KINDS[kind].recorded })),
      );
      expect({ state: row["state"], attempts: row["attempts"] }).toEqual({ state: endOf(log), attempts: log.length });
      for (const [index, { kind, at }] of requests.entries()) {
        const next = requests[index + 1];
        if (kind === "isBusy" && next) expect(next.at - at).toBeGreaterThanOrEqual(BUSY_SECONDS * 1000 - 50);
      }
    }
    expect([...seen.values()].flat().length + skipped.attempts).toBe(
      rows.reduce((sum, { attempts }) => sum + Number(attempts), 0),
    );
    const kinds = new Set([...seen.values()].flat().map(({ kind }) => kind));
    expect(kinds.size).toBe(Object.keys(KINDS).length);
    expect(resumed).toBeGreaterThan(0);
  });
});

/** What a delivery comes to, by the rules of delivery alone. */
function endOf(log: readonly Logged[]): string {
  const last = log.at(-1);
  if (last?.status === 200) return "delivered";
  if (last?.status === 410 || log.length === RETRY.length + 1) return "dead";
  return "still owed";
}

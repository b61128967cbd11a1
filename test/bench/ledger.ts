/**
 * `node test/bench/ledger.ts`: what the admin API's searches take with ten thousand events in the ledger, and with a million: the
 * first page each, through the Worker, over local D1. Ends with 1 where a search takes twice as long in the longer past.
 *
 *     node test/bench/ledger.ts [--rounds 40] [--events 1000000] [--json]
 */
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { firstSequence } from "../../src/core/sequence.ts";
import { bundle, startLocalWorker, type LocalWorker } from "../local-worker.ts";
import { fillLedger, type Known } from "./past.ts";
import { median } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "40" },
    events: { type: "string", default: "1000000" },
    json: { type: "boolean", default: false },
  },
});
const [rounds, most] = [Number(values.rounds), Number(values.events)];
if (![rounds, most].every((number) => Number.isInteger(number) && number >= 1))
  throw new Error("--rounds and --events take a whole number from 1 on");
process.env["WRANGLER_LOG"] ??= "error";

const FEW = 10_000;
const WARM_UPS = 5;
const TOLERATED = 2;
const ADMIN_TOKEN = "an-admin-token-of-the-benchmark-0123456789";
const VARIABLES = { ADMIN_TOKEN, MASTER_KEY: "YmVuY2htYXJrLW1hc3Rlci1rZXktMzItYnl0ZXMhISE=" };

/** What is asked for, by what it is called. */
const pathsOf = ({ event, receipt, from, to }: Known): Record<string, string> => ({
  "events, newest": "/api/events",
  "events of a source": "/api/events?source=source-1",
  "events by outcome": "/api/events?outcome=approved",
  "events by an outcome that none has": "/api/events?outcome=review",
  "events of a session": "/api/events?session=session-17",
  "events of a person": "/api/events?externalId=person-17",
  "events of a subscriber": "/api/events?subscriber=crm",
  "events with a dead delivery": "/api/events?state=dead",
  "events with a delivered one": "/api/events?state=delivered",
  "events of a period": `/api/events?from=${from}&to=${to}`,
  "one event": `/api/events/${event}`,
  "receipts, newest": "/api/receipts",
  "receipts that are dead": "/api/receipts?state=dead",
  "one receipt": `/api/receipts/${receipt}`,
  "deliveries, newest": "/api/deliveries",
  "deliveries that are dead": "/api/deliveries?state=dead",
  "deliveries of a subscriber": "/api/deliveries?subscriber=crm",
  "deliveries of nobody": "/api/deliveries?subscriber=nobody",
  "deliveries that are pending, of which there are none": "/api/deliveries?state=pending",
  "events with a cancelled delivery": "/api/events?state=cancelled",
  "events of nobody, with a delivered one": "/api/events?subscriber=nobody&state=delivered",
  "receipts of a session": "/api/receipts?session=session-17",
  "receipts of a person": "/api/receipts?externalId=person-17",
  "one session": "/api/sessions/source-1/session-17",
});

/** As the gateway's `shortHash`, which needs what Node does not have yet. */
function hashOf(...parts: string[]): string {
  const text = parts.map((part) => `${part.length}:${part}`).join("\n");
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

const say = (step: string) => process.stderr.write(`${step} …\n`);

async function ask(worker: LocalWorker, path: string): Promise<number> {
  const started = performance.now();
  const response = await fetch(`${worker.url}${path}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
  return performance.now() - started;
}

/** Medians in milliseconds, by what was asked for. */
async function measure(script: string, events: number): Promise<Map<string, number>> {
  const worker = await startLocalWorker(script, { variables: VARIABLES, consumes: false });
  try {
    // Applies the schema.
    await ask(worker, "/api/events");
    say(`filling a ledger with ${events} events`);
    const known = await fillLedger(worker.stores, events, {
      external: hashOf("external", "person-17"),
      session: hashOf("session", "source-1", "session-17"),
      subscriber: hashOf("subscriber", "crm"),
      sequenceAt: firstSequence,
    });
    say("searching");
    const medians = new Map<string, number>();
    for (const [name, path] of Object.entries(pathsOf(known))) {
      const times: number[] = [];
      for (let round = 0; round < WARM_UPS + rounds; round++) times.push(await ask(worker, path));
      medians.set(name, median(times.slice(WARM_UPS)));
    }
    return medians;
  } finally {
    await worker.close();
  }
}

const bundled = await bundle("src/index.ts");
let isTooSlow = false;
try {
  const [few, many] = [await measure(bundled.script, FEW), await measure(bundled.script, most)];
  const rows = [...few].map(([search, before]) => {
    const after = many.get(search) ?? Number.NaN;
    return { search, few: before, many: after, ratio: after / before };
  });
  isTooSlow = rows.some(({ ratio }) => !(ratio < TOLERATED));
  const table = rows.map(
    ({ search, few: before, many: after, ratio }) =>
      `| ${search} | ${before.toFixed(2)} | ${after.toFixed(2)} | ${ratio.toFixed(2)} |`,
  );
  const head = `| first page, ms | ${FEW} events | ${most} events | ratio |\n| --- | ---: | ---: | ---: |`;
  process.stdout.write(`${values.json ? JSON.stringify(rows, undefined, 2) : [head, ...table].join("\n")}\n`);
} finally {
  bundled.remove();
}
process.exit(isTooSlow ? 1 : 0);

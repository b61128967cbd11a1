/**
 * `npm run bench:config`: what a large configuration costs a webhook. Two gateways take the same load in turn, one with a document of
 * one source and one subscriber, one with 500 and 2,000; both look at the store every 30 seconds meanwhile. Then how long workerd
 * takes to read such a document, which happens once in a cold isolate, and after the answer wherever it has changed. Ends with 1
 * where the median of the large one's times is more than a tenth above the small one's.
 *
 *     npm run bench:config -- [--rounds 21] [--sources 500] [--subscribers 2000] [--json]
 */
import { parseArgs } from "node:util";
import { bundle, startLocalWorker } from "../local-worker.ts";
import { EXAMPLE } from "../config/example.ts";
import { createAdmin } from "../simulators/admin.ts";
import { send } from "./load.ts";
import { ADMIN_TOKEN, bundleAll, type Bundles, type Running } from "./start.ts";
import { compare, median, type Comparison, type Figures } from "./statistics.ts";
import { signedWebhooks, SOURCE } from "./webhooks.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "21" },
    sources: { type: "string", default: "500" },
    subscribers: { type: "string", default: "2000" },
    json: { type: "boolean", default: false },
  },
});
const [rounds, sources, subscribers] = [Number(values.rounds), Number(values.sources), Number(values.subscribers)];
if (![rounds, sources, subscribers].every((number) => Number.isInteger(number) && number >= 1))
  throw new Error("--rounds, --sources and --subscribers take a whole number from 1 on");
process.env["WRANGLER_LOG"] ??= "error";

const TOLERATED = 1.1;
const WARM_UP = 600;
const LOADS = [
  { connections: 16, webhooks: 400 },
  { connections: 1, webhooks: 150 },
];
const READS = 10;

const own = {
  vendor: "seon",
  verify: [{ scheme: "hmac", secrets: [{ secret: "webhook" }] }],
  events: { "*": "deliver" },
};

const another = {
  ...EXAMPLE.sources.unico,
  verify: [{ scheme: "basic", username: "unico", passwords: [{ secret: "unico-basic" }, { secret: "unico-new" }] }],
  retention: { receipts: 365, events: 365, files: 90 },
};

const subscriber = {
  filter: { type: "idv.session.finished", outcome: { $in: ["approved", "declined"] }, source: { $ne: "acme" } },
  signing: [{ secret: "signing" }],
  include: ["person", "document", "checks", "files"],
  redact: ["/data/document/number"],
  auth: {
    type: "oauth2",
    tokenUrl: "https://identity.example.com/token",
    clientId: "gateway",
    clientSecret: { secret: "client" },
    scope: "events",
  },
  retry: [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400],
  ratePerSecond: 50,
};

/** The source that is sent to in the midst of the others. */
function largeDocument(): object {
  const others = Array.from({ length: sources - 1 }, (_, index) => [`unico-${index}`, another]);
  const middle = Math.floor(others.length / 2);
  const everybody = Array.from({ length: subscribers }, (_, index) => [
    `subscriber-${index}`,
    { ...subscriber, url: `https://subscriber-${index}.example.com/hooks` },
  ]);
  return {
    sources: Object.fromEntries([...others.slice(0, middle), [SOURCE, own], ...others.slice(middle)]) as object,
    subscribers: Object.fromEntries(everybody) as object,
  };
}

async function startWith(bundles: Bundles, document?: object): Promise<Running> {
  const setting = { consumes: false, subscribers: { url: "http://127.0.0.1:9", count: 1 } };
  const running = await bundles.start("gateway", setting);
  if (document) await createAdmin(running.url, ADMIN_TOKEN, fetch).putConfig(document);
  return running;
}

let seed = 0;

async function receive(bundles: Bundles, document: object, load: (typeof LOADS)[number]): Promise<Comparison> {
  const [large, small] = [await startWith(bundles, document), await startWith(bundles)];
  try {
    for (const each of [large, small]) await send(each.inbound, signedWebhooks(WARM_UP, ++seed), load.connections);
    const results: Record<"gateway" | "floor", Figures>[] = [];
    for (let round = 0; round < rounds; round++) {
      const webhooks = signedWebhooks(load.webhooks, ++seed);
      const run = ({ inbound }: Running) => send(inbound, webhooks, load.connections);
      const first = await run(round % 2 === 0 ? large : small);
      const second = await run(round % 2 === 0 ? small : large);
      results.push(round % 2 === 0 ? { gateway: first, floor: second } : { gateway: second, floor: first });
    }
    return compare(results);
  } finally {
    await Promise.all([large.close(), small.close()]);
  }
}

/** Milliseconds in workerd, seen from outside: its own clock stands still while it computes. */
async function readingTime(text: string): Promise<number> {
  const bundled = await bundle("test/bench/workers/reading.ts");
  const worker = await startLocalWorker(bundled.script, { variables: {}, consumes: false });
  const time = async (times: number) => {
    const startedAt = performance.now();
    const answer = await fetch(`${worker.url}/?times=${times}`, { method: "POST", body: text });
    const read = (await answer.json()) as { sources: number };
    if (times > 0 && read.sources !== sources) throw new Error("the document was not read");
    return performance.now() - startedAt;
  };
  try {
    await time(READS);
    const each: number[] = [];
    for (let round = 0; round < rounds; round++) each.push(((await time(READS + 1)) - (await time(1))) / READS);
    return median(each);
  } finally {
    await worker.close();
    bundled.remove();
  }
}

const say = (step: string) => process.stderr.write(`${step} …\n`);

async function measure() {
  const document = largeDocument();
  const text = JSON.stringify(document);
  const bundles = await bundleAll();
  try {
    const receiving: Comparison[] = [];
    for (const load of LOADS) {
      say(`receiving over ${load.connections} connections, ${rounds} rounds`);
      receiving.push(await receive(bundles, document, load));
    }
    say("reading the document");
    return { receiving, documentKiB: text.length / 1024, readMs: await readingTime(text) };
  } finally {
    bundles.remove();
  }
}

const results = await measure();

function report({ receiving, documentKiB, readMs }: typeof results): string {
  const row = (name: string, { rps, p50, p99 }: Figures) =>
    `| ${name} | ${rps.toFixed(2)} | ${p50.toFixed(2)} | ${p99.toFixed(2)} |`;
  const rows = receiving.flatMap(({ gateway, floor, ratio }, index) => {
    const connections = `${LOADS[index]?.connections} connections`;
    return [row(`small, ${connections}`, floor), row(`large, ${connections}`, gateway), row("large by small", ratio)];
  });
  return [
    `Receiving by a document of ${sources} sources and ${subscribers} subscribers (${documentKiB.toFixed(0)} KiB), medians of ${rounds}`,
    "",
    "| configuration | webhooks/s | p50, ms | p99, ms |",
    "| --- | ---: | ---: | ---: |",
    ...rows,
    "",
    `reading it in workerd: ${readMs.toFixed(0)} ms`,
    "",
  ].join("\n");
}

process.stdout.write(values.json ? `${JSON.stringify(results, undefined, 2)}\n` : report(results));
process.exit(results.receiving.every(({ ratio }) => ratio.p50 <= TOLERATED) ? 0 : 1);

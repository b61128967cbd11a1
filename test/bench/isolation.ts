/**
 * `npm run bench:isolation`: what nine subscribers notice of a tenth that never answers. Webhooks come at a steady rate; measured is
 * how long each takes to reach the nine, while all ten are well, while the tenth's breaker is not open yet, and once it is. The local
 * queues hand out one batch at a time each, so whatever holds up a batch here holds up everybody. Ends with 1 where the nine's 99th
 * percentile is more than twice that of the healthy run once the breaker is open, or anything of theirs is lost.
 *
 *     npm run bench:isolation -- [--rounds 3] [--webhooks 200] [--rate 5] [--json]
 */
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createAdmin, type Admin } from "../simulators/admin.ts";
import { startSink, type Sink } from "./sink.ts";
import { ADMIN_TOKEN, bundleAll, type Running } from "./start.ts";
import { median, summarize } from "./statistics.ts";
import { signedWebhooks, type SignedWebhook } from "./webhooks.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    webhooks: { type: "string", default: "200" },
    rate: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const [rounds, count, rate] = [Number(values.rounds), Number(values.webhooks), Number(values.rate)];
if (![rounds, count, rate].every((number) => Number.isInteger(number) && number >= 1))
  throw new Error("--rounds, --webhooks and --rate take a whole number from 1 on");
process.env["WRANGLER_LOG"] ??= "error";

const SUBSCRIBERS = 10;
const DEAD = "subscriber-0";
const DEAD_PATH = "/0";
const TOLERATED = 2;
/** The longest that the last delivery of a phase may take, milliseconds. */
const ARRIVES_WITHIN = 120_000;

interface Phase {
  /** Milliseconds, of the nine. */
  p50: number;
  p99: number;
  lost: number;
  /** Requests to the tenth that it did not answer. */
  unanswered: number;
}

let seed = 0;

async function sendOne(url: string, body: Buffer, headers: Record<string, string>): Promise<void> {
  const response = await fetch(url, { method: "POST", body: new Uint8Array(body), headers });
  await response.text();
  if (response.status !== 200) throw new Error(`a webhook was answered ${response.status}`);
}

async function sendSteadily(running: Running, webhooks: readonly SignedWebhook[]): Promise<Map<string, number>> {
  const sentAt = new Map<string, number>();
  const answers: Promise<void>[] = [];
  const startedAt = Date.now();
  for (const [index, { session, body, headers }] of webhooks.entries()) {
    await pause(Math.max(0, startedAt + (index * 1000) / rate - Date.now()));
    sentAt.set(session, Date.now());
    answers.push(sendOne(running.inbound, body, headers));
  }
  await Promise.all(answers);
  return sentAt;
}

/** Sends webhooks and waits until the nine have all of them. */
async function measure(running: Running, sink: Sink, amount: number): Promise<Phase> {
  const before = sink.unanswered();
  sink.clear();
  const sentAt = await sendSteadily(running, signedWebhooks(amount, ++seed, "news only"));
  const expected = [...sentAt].flatMap(([session, at]) =>
    Array.from({ length: SUBSCRIBERS - 1 }, (_, index) => ({ key: `${index + 1} ${session}`, at })),
  );
  const timesSoFar = () =>
    expected.flatMap(({ key, at }) => {
      const [arrivedAt] = sink.arrivals.get(key) ?? [];
      return arrivedAt === undefined ? [] : [arrivedAt - at];
    });
  for (const start = Date.now(); Date.now() - start < ARRIVES_WITHIN; await pause(50))
    if (timesSoFar().length === expected.length) break;
  const times = timesSoFar();
  const { p50, p99 } = summarize(times, 1);
  return { p50, p99, lost: expected.length - times.length, unanswered: sink.unanswered() - before };
}

async function breakerOf(admin: Admin): Promise<string> {
  const { items } = (await (await admin.call("/api/subscribers")).json()) as {
    items: { name: string; breaker: string }[];
  };
  return items.find(({ name }) => name === DEAD)?.breaker ?? "";
}

/** The tenth stops answering, and webhooks come as before until its breaker is open. */
async function untilOpen(running: Running, sink: Sink, admin: Admin): Promise<Phase & { seconds: number }> {
  const startedAt = Date.now();
  sink.silence(DEAD_PATH);
  const phase = await measure(running, sink, rate * 10);
  while ((await breakerOf(admin)) !== "open") await pause(200);
  return { ...phase, seconds: (Date.now() - startedAt) / 1000 };
}

async function run() {
  const bundles = await bundleAll();
  const sink = await startSink();
  const running = await bundles.start("gateway", {
    consumes: true,
    subscribers: { url: sink.url, count: SUBSCRIBERS },
  });
  const admin = createAdmin(running.url, ADMIN_TOKEN, fetch);
  try {
    await measure(running, sink, rate * 5);
    const measured = [];
    for (let round = 0; round < rounds; round++) {
      const healthy = await measure(running, sink, count);
      const opening = await untilOpen(running, sink, admin);
      const open = await measure(running, sink, count);
      measured.push({ healthy, opening, open, ratio: open.p99 / healthy.p99 });
      sink.silence();
      await admin.call(`/api/subscribers/${DEAD}/resume`, "POST");
      process.stderr.write(`round ${round + 1}: p99 of the nine ${healthy.p99} ms, then ${open.p99} ms …\n`);
    }
    return measured;
  } finally {
    await running.close();
    await sink.close();
    bundles.remove();
  }
}

function report(measured: Awaited<ReturnType<typeof run>>, ratio: number, lost: number): string {
  const row = (name: string, pick: (round: (typeof measured)[number]) => Phase) => {
    const middle = (key: keyof Phase) => median(measured.map((round) => pick(round)[key])).toFixed(0);
    return `| ${name} | ${middle("p50")} | ${middle("p99")} | ${middle("unanswered")} |`;
  };
  return [
    `Nine of ten subscribers, ${count} webhooks at ${rate} a second, medians of ${rounds}`,
    "",
    "| the tenth | p50, ms | p99, ms | its requests |",
    "| --- | ---: | ---: | ---: |",
    row("is well", ({ healthy }) => healthy),
    row("hangs, breaker not open", ({ opening }) => opening),
    row("hangs, breaker open", ({ open }) => open),
    "",
    `p99, open by well: ${ratio.toFixed(2)} (at most ${TOLERATED}); lost: ${lost}`,
    "",
  ].join("\n");
}

const measured = await run();
const ratio = median(measured.map((round) => round.ratio));
const lost = measured.reduce((sum, { healthy, opening, open }) => sum + healthy.lost + opening.lost + open.lost, 0);
process.stdout.write(
  values.json ? `${JSON.stringify({ measured, ratio, lost }, null, 2)}\n` : report(measured, ratio, lost),
);
process.exitCode = ratio <= TOLERATED && lost === 0 ? 0 : 1;

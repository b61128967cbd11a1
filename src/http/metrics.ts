/** `GET /metrics`: all that has ever been counted, and what waits now, for Prometheus. */
import type { Backlog } from "../core/backlog.ts";
import { EXPOSITION_TYPE, writeExposition, writeNumber, type Family, type Sample } from "../core/exposition.ts";
import { cumulate } from "../core/histogram.ts";
import { attemptsOf, bucketsOf, nested, pick } from "../core/stats.ts";
import { text } from "../core/json-schema.ts";
import type { Count } from "../core/tally.ts";
import type { Route } from "./route.ts";
import { describeBacklog, type StatsDeps } from "./stats.ts";

export async function getMetrics(deps: StatsDeps & { version: string }): Promise<Response> {
  const [counts, backlog] = await Promise.all([
    deps.tallies.sum("ever", 0),
    // A gauge that cannot be read is left out; the counters are there all the same.
    deps.backlog().catch(() => undefined),
  ]);
  const gauges = backlog ? gaugesOf(backlog, deps.now) : [];
  const info: Family = {
    name: "gatepost_info",
    help: "The version that answers.",
    type: "gauge",
    samples: [{ labels: { version: deps.version }, value: 1 }],
  };
  const exposition = writeExposition([info, ...countersOf(counts), latencyOf(counts), ...gauges]);
  return new Response(exposition, { headers: { "content-type": EXPOSITION_TYPE, "cache-control": "no-store" } });
}

const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name: `gatepost_${name}_total`,
  help,
  type: "counter",
  samples,
});

function countersOf(counts: readonly Count[]): Family[] {
  const ofSubscribers = Object.entries(nested(pick(counts, "attempted"))).map(([subscriber, words]) => ({
    subscriber,
    ...attemptsOf(words),
  }));
  return [
    counter(
      "received",
      "Webhooks by how they were answered.",
      pick(counts, "received").map(({ source, word, count }) => {
        const [answer = "", reason] = word.split("/");
        return { labels: { source, answer, ...(reason === undefined ? {} : { reason }) }, value: count };
      }),
    ),
    counter("processed", "Messages about receipts by what came of them.", labelled(counts, "processed", "state")),
    counter(
      "events",
      "Events by what they say.",
      pick(counts, "events").map(({ source, word, count }) => ({
        labels: { vendor: source, outcome: word },
        value: count,
      })),
    ),
    counter(
      "deliveries",
      "Deliveries that came to an end.",
      ofSubscribers.flatMap(({ subscriber, delivered, dead }) => [
        { labels: { subscriber, state: "delivered" }, value: delivered },
        { labels: { subscriber, state: "dead" }, value: dead },
      ]),
    ),
    counter(
      "attempts",
      "Attempts to deliver.",
      ofSubscribers.map(({ subscriber, attempts }) => ({ labels: { subscriber }, value: attempts })),
    ),
    counter(
      "retries",
      "Attempts after which another one was due.",
      ofSubscribers.map(({ subscriber, retries }) => ({ labels: { subscriber }, value: retries })),
    ),
    counter(
      "swept",
      "What had lost its message and was taken up by the sweep.",
      pick(counts, "swept").map(({ word, count }) => ({ labels: { what: word }, value: count })),
    ),
  ];
}

const labelled = (counts: readonly Count[], kind: Count["kind"], word: string): Sample[] =>
  pick(counts, kind).map((each) => ({ labels: { source: each.source, [word]: each.word }, value: each.count }));

/** Base unit of Prometheus: seconds. */
function latencyOf(counts: readonly Count[]): Family {
  const buckets = cumulate(bucketsOf(counts));
  const [sum] = pick(counts, "latency_sum");
  return {
    name: "gatepost_delivery_seconds",
    help: "From receipt of a webhook to its delivery.",
    type: "histogram",
    samples: [
      ...buckets.map(({ bound, count }) => ({
        suffix: "_bucket",
        labels: { le: writeNumber(bound / 1000) },
        value: count,
      })),
      { suffix: "_sum", value: (sum?.count ?? 0) / 1000 },
      { suffix: "_count", value: buckets.at(-1)?.count ?? 0 },
    ],
  };
}

function gaugesOf(backlog: Backlog, now: number): Family[] {
  const { due, oldestDueSeconds, waiting, held, outbox, queues } = describeBacklog(backlog, now);
  const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
    name: `gatepost_${name}`,
    help,
    type: "gauge",
    samples,
  });
  return [
    gauge("due_deliveries", "Deliveries whose time has come.", [{ value: due }]),
    gauge("oldest_due_seconds", "How long the oldest of them has been due.", [{ value: oldestDueSeconds }]),
    gauge("waiting_receipts", "Receipts whose vendor will be asked again.", [{ value: waiting }]),
    gauge("held_receipts", "Receipts that wait for somebody to look.", [{ value: held }]),
    gauge("outbox", "Messages that their queue has not taken yet.", [{ value: outbox }]),
    gauge(
      "queue_messages",
      "Messages ready in a queue.",
      Object.entries(queues).map(([queue, value]) => ({ labels: { queue }, value })),
    ),
  ];
}

export const metricsRoutes: readonly Route<{ health: StatsDeps & { version: string } }>[] = [
  {
    method: "GET",
    path: "/metrics",
    allow: "viewer",
    id: "getMetrics",
    summary: "All that has been counted, and what waits now, for Prometheus",
    answers: { 200: { type: "text/plain", schema: text } },
    handle: ({ deps }) => getMetrics(deps.health),
  },
];

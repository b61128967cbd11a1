/** wrangler.toml: what `wrangler deploy` does not check and a deployment would only notice when it is too late. */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";

const config = unstable_readConfig({ config: fileURLToPath(new URL("../wrangler.toml", import.meta.url)) });

interface Consumer {
  queue: string;
  max_batch_size?: number;
  max_batch_timeout?: number;
  max_retries?: number;
  retry_delay?: number;
  max_concurrency?: number;
  dead_letter_queue?: string;
}

const producers = (config.queues.producers ?? []) as { queue: string }[];
const consumers = (config.queues.consumers ?? []) as Consumer[];
const live = ["inbound", "sessions", "deliveries", "retries"].map((name) => `gatepost-${name}`);

describe("queues", () => {
  it("are the four lanes and a dead-letter queue for each, all of them produced to and consumed", () => {
    const names = [...live, ...live.map((name) => `${name}-dead`)].sort();
    expect(producers.map(({ queue }) => queue).sort()).toEqual(names);
    expect(consumers.map(({ queue }) => queue).sort()).toEqual(names);
  });

  it.each(consumers)("$queue has every option written out, within the platform's limits", (consumer) => {
    expect(consumer.max_batch_size).toBeGreaterThanOrEqual(1);
    expect(consumer.max_batch_size).toBeLessThanOrEqual(100);
    expect(consumer.max_batch_timeout).toBeLessThanOrEqual(60);
    expect(consumer.max_retries).toBeLessThanOrEqual(100);
    expect(consumer.retry_delay).toBeLessThanOrEqual(86_400);
    expect(consumer.max_concurrency).toBeGreaterThanOrEqual(1);
  });

  it.each(live)("%s ends in its dead-letter queue, which tries a hundred times", (queue) => {
    const dead = consumers.find((consumer) => consumer.queue === queue)?.dead_letter_queue;
    expect(dead).toBe(`${queue}-dead`);
    expect(consumers.find((consumer) => consumer.queue === dead)).toMatchObject({ max_retries: 100 });
  });
});

describe("the Worker", () => {
  it("cannot be tricked into its own zone, and keeps no URLs in its logs", () => {
    expect(config.compatibility_flags).toContain("global_fetch_strictly_public");
    expect(config.observability).toMatchObject({
      enabled: true,
      redact_query_string: true,
      logs: { invocation_logs: false },
    });
  });

  it("sweeps each minute", () => {
    expect(config.triggers.crons).toEqual(["* * * * *"]);
  });
});

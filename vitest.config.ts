import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** The longest a queue gathers messages in a test; deployed values stand in wrangler.toml. */
const QUEUE_SECONDS = 0.05;

const queues = ["inbound", "sessions", "deliveries", "retries"].flatMap((name) => [name, `${name}-dead`]);

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                ADMIN_TOKEN: "an-admin-token-for-the-tests-only-0123456789",
                MASTER_KEY: "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
                RECONCILE_AFTER_SECONDS: "300",
              },
              queueConsumers: Object.fromEntries(
                queues.map((name) => [`gatepost-${name}`, { maxBatchTimeout: QUEUE_SECONDS }]),
              ),
              // No test reaches the network: what is not answered by a test's own subscriber is refused here.
              outboundService: () => new Response("no network in tests", { status: 599 }),
            },
          }),
        ],
        test: {
          name: "workerd",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/architecture.test.ts", "test/deployment.test.ts"],
        },
      },
      {
        test: {
          name: "node",
          include: ["test/e2e/**/*.test.ts", "test/architecture.test.ts", "test/deployment.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

import { availableParallelism } from "node:os";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The longest a queue gathers messages in a test; deployed values stand in wrangler.toml. */
const QUEUE_SECONDS = 0.05;

/** One more than there are cores: what runs against a whole gateway mostly waits. */
const MAX_WORKERS = availableParallelism() + 1;

const queues = ["inbound", "sessions", "deliveries", "retries"].flatMap((name) => [name, `${name}-dead`]);

/** Nothing of a store or a queue is touched here, so files may share what is expensive to start: an isolate of workerd. */
const PURE = ["test/core/**/*.test.ts", "test/vendors/**/*.test.ts", "test/verify/**/*.test.ts"];
const NODE = ["test/e2e/**/*.test.ts", "test/cli/**/*.test.ts", "test/architecture.test.ts", "test/deployment.test.ts"];
/** Measures what it does against itself a moment before, so nothing else may begin or end meanwhile. */
const UNDISTURBED = ["test/e2e/outage.test.ts"];

/** Those that wait among those that compute, from first to last. */
class Mixed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const byProject = Map.groupBy(await super.sort(files), ({ project }) => project.name);
    const places = [...byProject.values()].flatMap((each) =>
      each.map((file, index) => ({ file, place: index / each.length })),
    );
    return places.sort((one, other) => one.place - other.place).map(({ file }) => file);
  }
}

const inWorkerd = () =>
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
  });

export default defineConfig({
  test: {
    sequence: { sequencer: Mixed },
    projects: [
      {
        plugins: [inWorkerd()],
        test: {
          name: "workerd",
          include: ["test/**/*.test.ts"],
          exclude: [...NODE, ...PURE],
          testTimeout: 20_000,
          maxWorkers: MAX_WORKERS,
        },
      },
      {
        plugins: [inWorkerd()],
        test: {
          name: "workerd-pure",
          include: PURE,
          isolate: false,
          testTimeout: 20_000,
          maxWorkers: MAX_WORKERS,
        },
      },
      {
        test: {
          name: "node",
          include: NODE,
          exclude: UNDISTURBED,
          globalSetup: "test/e2e/shared-bundles.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: MAX_WORKERS,
        },
      },
      {
        test: {
          name: "undisturbed",
          include: UNDISTURBED,
          globalSetup: "test/e2e/shared-bundles.ts",
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
    ],
  },
});

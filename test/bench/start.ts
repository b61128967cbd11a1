/** Workers under the benchmark: the bundles that would be deployed, in workerd with local storage and nothing in between. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { projectFolder, runWrangler } from "../../src/cli/wrangler.ts";
import { createAdmin } from "../simulators/admin.ts";
import { SIGNING_SECRET, SOURCE, WEBHOOK_SECRET } from "./webhooks.ts";

export type Contender = "gateway" | "floor";

export interface Setting {
  /** Without consumers a queue only takes messages, and what is measured is receiving. */
  consumes: boolean;
  /** Each at a path of its own below `url`. */
  subscribers: { url: string; count: number };
  /** With bindings that count; slower. */
  isCounted?: boolean;
}

export interface Running {
  url: string;
  /** Where webhooks are sent. */
  inbound: string;
  /** WebSocket of the inspector of the Worker's isolate. */
  inspector(): Promise<URL>;
  /** Lines of its log so far. */
  logged(): number;
  close(): Promise<void>;
}

const ENTRIES = {
  gateway: "src/index.ts",
  floor: "test/bench/workers/floor.ts",
  "counted-gateway": "test/bench/workers/counted-gateway.ts",
  "counted-floor": "test/bench/workers/counted-floor.ts",
};

const WORKER = "worker";
const ADMIN_TOKEN = "an-admin-token-of-the-benchmark-0123456789";
const MASTER_KEY = "YmVuY2htYXJrLW1hc3Rlci1rZXktMzItYnl0ZXMhISE=";

export interface Bundles {
  start(contender: Contender, setting: Setting): Promise<Running>;
  remove(): void;
}

export async function bundle(): Promise<Bundles> {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-bench-"));
  for (const [name, entry] of Object.entries(ENTRIES)) {
    // Not minified, so that a profile names functions.
    await runWrangler(["deploy", entry, "--dry-run", "--minify=false", "--outdir", join(folder, name)]);
  }
  return {
    async start(contender, setting) {
      const name = setting.isCounted ? (`counted-${contender}` as const) : contender;
      const script = join(folder, name, basename(ENTRIES[name]).replace(/ts$/, "js"));
      const running = await startWorker(script, setting);
      if (contender === "gateway") await configure(running.url, setting);
      return running;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

async function startWorker(script: string, { consumes, subscribers }: Setting): Promise<Running> {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(projectFolder, "wrangler.toml"));
  const bindings = {
    ADMIN_TOKEN,
    MASTER_KEY,
    EGRESS_ALLOW: "127.0.0.1",
    WEBHOOK_SECRET,
    SIGNING_SECRET,
    SUBSCRIBER_URL: subscribers.url,
    SUBSCRIBERS: String(subscribers.count),
  };
  let logged = 0;
  const options = convertV4MiniflareOptions({
    ...workerOptions,
    ...(consumes ? {} : { queueConsumers: {} }),
    name: WORKER,
    bindings,
    modules: [{ type: "ESModule", path: script }],
    modulesRoot: dirname(script),
    host: "127.0.0.1",
    port: 0,
    inspectorPort: 0,
    cf: false,
    handleStructuredLogs: () => void logged++,
  });
  const miniflare = new Miniflare(options);
  const { origin } = await miniflare.ready;
  return {
    url: origin,
    inbound: `${origin}/in/${SOURCE}`,
    inspector: async () => new URL(`/core:user:${WORKER}`, await miniflare.getInspectorURL()),
    logged: () => logged,
    close: () => miniflare.dispose(),
  };
}

async function configure(url: string, { subscribers }: Setting): Promise<void> {
  const admin = createAdmin(url, ADMIN_TOKEN, fetch);
  await admin.putSecret("webhook", WEBHOOK_SECRET);
  await admin.putSecret("signing", SIGNING_SECRET);
  const each = Array.from({ length: subscribers.count }, (_, index) => [
    `subscriber-${index}`,
    { url: `${subscribers.url}/${index}`, signing: [{ secret: "signing" }] },
  ]);
  await admin.putConfig({
    sources: {
      [SOURCE]: {
        vendor: "seon",
        verify: [{ scheme: "hmac", secrets: [{ secret: "webhook" }] }],
        events: { "*": "deliver" },
      },
    },
    subscribers: Object.fromEntries(each) as object,
  });
}

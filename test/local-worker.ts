/**
 * A Worker on this machine as it would be deployed: wrangler's bundle, in workerd with local KV, R2, D1 and Queues, on the
 * loopback and with nothing in between, so that its own requests go out as they are.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { projectFolder, runWrangler } from "../src/cli/wrangler.ts";

export interface Bundle {
  script: string;
  remove(): void;
}

/** @param entry from the project's folder. Not minified, so that a profile or a stack names functions. */
export async function bundle(entry: string): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-"));
  await runWrangler(["deploy", entry, "--dry-run", "--minify=false", "--outdir", folder]);
  const script = join(folder, basename(entry).replace(/ts$/, "js"));
  return { script, remove: () => rmSync(folder, { recursive: true }) };
}

export interface LocalWorker {
  /** Origin. */
  url: string;
  archive: Awaited<ReturnType<Miniflare["getR2Bucket"]>>;
  ledger: Awaited<ReturnType<Miniflare["getD1Database"]>>;
  namespaces: Readonly<Record<string, Awaited<ReturnType<Miniflare["getKVNamespace"]>>>>;
  /** What cron does. */
  scheduled(): Promise<void>;
  /** WebSocket of the inspector of the Worker's isolate. */
  inspector(): Promise<URL>;
  /** Lines of its log so far. */
  logged(): number;
  close(): Promise<void>;
}

const NAME = "worker";
const NAMESPACES = ["CONFIG", "IDEMPOTENCY", "TOKENS"];

/**
 * @param settings `variables` and secrets alike; without consumers a queue only takes messages; without a folder all is forgotten
 * in the end, and with one only what the queues hold
 */
export async function startLocalWorker(
  script: string,
  settings: { variables: Readonly<Record<string, string>>; consumes?: boolean; persistTo?: string },
): Promise<LocalWorker> {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(projectFolder, "wrangler.toml"));
  let logged = 0;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...workerOptions,
      ...(settings.consumes === false ? { queueConsumers: {} } : {}),
      ...(settings.persistTo === undefined ? {} : { resourcePersistencePath: settings.persistTo }),
      name: NAME,
      bindings: { ...settings.variables },
      modules: [{ type: "ESModule", path: script }],
      modulesRoot: dirname(script),
      host: "127.0.0.1",
      port: 0,
      inspectorPort: 0,
      cf: false,
      handleStructuredLogs: () => void logged++,
    }),
  );
  const { origin } = await miniflare.ready;
  const worker = await miniflare.getWorker();
  const namespaces = NAMESPACES.map(async (name) => [name, await miniflare.getKVNamespace(name)] as const);
  return {
    url: origin,
    archive: await miniflare.getR2Bucket("ARCHIVE"),
    ledger: await miniflare.getD1Database("LEDGER"),
    namespaces: Object.fromEntries(await Promise.all(namespaces)),
    async scheduled() {
      await worker.scheduled({ cron: "* * * * *" });
    },
    inspector: async () => new URL(`/core:user:${NAME}`, await miniflare.getInspectorURL()),
    logged: () => logged,
    close: () => miniflare.dispose(),
  };
}

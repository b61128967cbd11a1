/**
 * A Worker on this machine as it would be deployed: wrangler's bundle, in workerd with local KV, R2, D1 and Queues, on the
 * loopback and with nothing in between, so that its own requests go out as they are.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { projectFolder, runWrangler } from "../src/cli/wrangler.ts";
import type { StoresQuestion } from "./workers/stores-question.ts";

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
  stores: Stores;
  /** What cron does. */
  scheduled(): Promise<void>;
  /** WebSocket of the inspector of the Worker's isolate. */
  inspector(): Promise<URL>;
  /** Lines of its log so far. */
  logged(): number;
  close(): Promise<void>;
}

export interface Stores {
  /** Keys in the archive, as many as one listing has. */
  keys(prefix: string): Promise<string[]>;
  /** Of the archive. */
  read(key: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Where any of these texts stands, in whatever store. */
  traces(...needles: readonly string[]): Promise<string[]>;
  query<Row = Record<string, unknown>>(sql: string, ...values: unknown[]): Promise<Row[]>;
  batch(statements: readonly string[]): Promise<void>;
}

const NAME = "worker";
const STORES = "stores";

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
      ...(settings.persistTo === undefined ? {} : { resourcePersistencePath: settings.persistTo }),
      host: "127.0.0.1",
      port: 0,
      inspectorPort: 0,
      cf: false,
      handleStructuredLogs: () => void logged++,
      workers: [
        {
          ...workerOptions,
          ...(settings.consumes === false ? { queueConsumers: {} } : {}),
          name: NAME,
          bindings: { ...settings.variables },
          modules: [{ type: "ESModule", path: script }],
          modulesRoot: dirname(script),
        },
        {
          ...workerOptions,
          queueConsumers: {},
          name: STORES,
          compatibilityFlags: ["service_binding_extra_handlers"],
          serviceBindings: { WORKER: NAME },
          modules: ["workers/stores.ts", "traces.ts"].map(plainModule),
          unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
        },
      ],
    }),
  );
  const { origin } = await miniflare.ready;
  const beside = await miniflare.unsafeGetDirectURL(STORES);
  const ask = async (question: StoresQuestion) => {
    const answer = await fetch(beside, { method: "POST", body: JSON.stringify(question) });
    if (!answer.ok) throw new Error(`${question.what}: ${await answer.text()}`);
    return answer;
  };
  const tell = async (question: StoresQuestion) => (await ask(question)).json();
  return {
    url: origin,
    stores: {
      keys: async (prefix) => (await tell({ what: "keys", prefix })) as string[],
      read: async (key) => new Uint8Array(await (await ask({ what: "object", key })).arrayBuffer()),
      traces: async (...needles) => (await tell({ what: "traces", needles })) as string[],
      query: async <Row>(sql: string, ...values: unknown[]) => (await tell({ what: "query", sql, values })) as Row[],
      batch: async (statements) => void (await ask({ what: "batch", statements })),
    },
    async scheduled() {
      await ask({ what: "sweep" });
    },
    inspector: async () => new URL(`/core:user:${NAME}`, await miniflare.getInspectorURL()),
    logged: () => logged,
    close: () => miniflare.dispose(),
  };
}

/** @param path of a module in this folder, which workerd reads without its types */
function plainModule(path: string) {
  const contents = stripTypeScriptTypes(readFileSync(join(import.meta.dirname, path), "utf8"));
  return { type: "ESModule" as const, path, contents };
}

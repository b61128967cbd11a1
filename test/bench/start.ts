/** Workers under the benchmark. */
import { bundle, startLocalWorker, type Bundle, type LocalWorker } from "../local-worker.ts";
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

export type Running = LocalWorker & {
  /** Where webhooks are sent. */
  inbound: string;
};

const ENTRIES = {
  gateway: "src/index.ts",
  floor: "test/bench/workers/floor.ts",
  "counted-gateway": "test/bench/workers/counted-gateway.ts",
  "counted-floor": "test/bench/workers/counted-floor.ts",
};

export const ADMIN_TOKEN = "an-admin-token-of-the-benchmark-0123456789";
const MASTER_KEY = "YmVuY2htYXJrLW1hc3Rlci1rZXktMzItYnl0ZXMhISE=";

export interface Bundles {
  start(contender: Contender, setting: Setting): Promise<Running>;
  remove(): void;
}

export async function bundleAll(): Promise<Bundles> {
  const bundled = new Map<string, Bundle>();
  for (const [name, entry] of Object.entries(ENTRIES)) bundled.set(name, await bundle(entry));
  return {
    async start(contender, setting) {
      const { script = "" } = bundled.get(setting.isCounted ? `counted-${contender}` : contender) ?? {};
      const worker = await startLocalWorker(script, { variables: variablesOf(setting), consumes: setting.consumes });
      if (contender === "gateway") await configure(worker.url, setting);
      return { ...worker, inbound: `${worker.url}/in/${SOURCE}` };
    },
    remove: () => bundled.forEach((each) => each.remove()),
  };
}

/** The gateway's and the floor's. */
function variablesOf({ subscribers }: Setting): Record<string, string> {
  return {
    ADMIN_TOKEN,
    MASTER_KEY,
    EGRESS_ALLOW: "127.0.0.1",
    WEBHOOK_SECRET,
    SIGNING_SECRET,
    SUBSCRIBER_URL: subscribers.url,
    SUBSCRIBERS: String(subscribers.count),
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

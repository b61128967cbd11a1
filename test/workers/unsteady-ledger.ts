/** The gateway over a D1 that a test can break and mend: `POST /ledger/fails`, `/ledger/hangs`, `/ledger/works`. */
import gateway from "../../src/index.ts";
import type { GatewayEnv } from "../../src/env.ts";
import { faulty } from "../faults.ts";

/** Longer than any of the gateway's own patience. */
const HANGS_MS = 120_000;

let ledger = "works";
let calls = 0;

async function call(): Promise<never> {
  calls++;
  if (ledger === "hangs") await scheduler.wait(HANGS_MS);
  throw new Error("D1_ERROR: injected failure");
}

const brokenStatement = { bind: () => brokenStatement, run: call, all: call, first: call, raw: call };

function unsteady(env: GatewayEnv): GatewayEnv {
  if (ledger === "works") return env;
  return { ...env, LEDGER: faulty(env.LEDGER, { prepare: () => brokenStatement, batch: call, exec: call }) };
}

export default {
  fetch(request, env, context) {
    const [, what] = /^\/ledger\/(fails|hangs|works)$/.exec(new URL(request.url).pathname) ?? [];
    if (what === undefined) return gateway.fetch(request, unsteady(env), context);
    ledger = what;
    return Response.json({ calls });
  },
  queue: (batch, env, context) => gateway.queue(batch, unsteady(env), context),
  scheduled: (controller, env, context) => gateway.scheduled(controller, unsteady(env), context),
} satisfies ExportedHandler<GatewayEnv>;

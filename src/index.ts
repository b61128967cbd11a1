/** The Worker's entry. */
import { checkEnv, type GatewayEnv } from "./env.ts";
import { problem } from "./http/problem.ts";
import { createIsolateMemory, type Clock } from "./isolate.ts";
import { logToConsole } from "./observe/log.ts";
import { wire } from "./wiring/wire.ts";

const memory = createIsolateMemory();

const clock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  uniqueId: () => crypto.randomUUID(),
  pause: (milliseconds) => scheduler.wait(milliseconds),
};

function gateway(env: GatewayEnv, context: ExecutionContext) {
  return wire({ env, memory, clock, log: logToConsole, afterwards: (work) => context.waitUntil(work) });
}

export default {
  fetch(request, env, context) {
    const missing = checkEnv(env);
    if (missing.length > 0) return problem("not_set_up", { missing });
    return gateway(env, context).fetch(request);
  },
  async queue(batch, env, context) {
    if (checkEnv(env).length > 0) throw new Error("the gateway is not set up");
    await gateway(env, context).queue(batch.queue, batch.messages);
  },
  async scheduled(_controller, env, context) {
    if (checkEnv(env).length > 0) throw new Error("the gateway is not set up");
    await gateway(env, context).scheduled();
  },
} satisfies ExportedHandler<GatewayEnv>;

/** The gateway as it is wired, over the real local bindings, with an injected clock, log and, where wanted, bindings. */
import { env } from "cloudflare:workers";
import type { GatewayEnv } from "../../src/env.ts";
import type { LogRecord } from "../../src/observe/log.ts";
import { createIsolateMemory } from "../../src/isolate.ts";
import { wire } from "../../src/wiring/wire.ts";

export const ORIGIN = "https://gateway.example";
export const ADMIN_TOKEN = (env as GatewayEnv).ADMIN_TOKEN;

export type Bindings = Partial<Record<keyof GatewayEnv, unknown>>;

/** What a queue takes is not handed out: these tests end where the answer is given. */
const silentQueue = { send: () => Promise.resolve(), sendBatch: () => Promise.resolve() };

export function createGateway(bindings: Bindings = {}) {
  // KV expires keys by the real clock, so the injected one starts there.
  const clock = { at: Math.floor(Date.now() / 1000) * 1000 };
  const logs: LogRecord[] = [];
  const world = { bindings, memory: createIsolateMemory() };
  let unique = 0;

  async function request(path: string, init: RequestInit = {}, origin = ORIGIN): Promise<Response> {
    const afterwards: Promise<unknown>[] = [];
    const wired = wire({
      env: { ...env, INBOUND: silentQueue, SESSIONS: silentQueue, ...world.bindings } as unknown as GatewayEnv,
      memory: world.memory,
      clock: {
        now: () => clock.at,
        random: () => 0.5,
        uniqueId: () => `unique-${++unique}`,
        pause: () => Promise.resolve(),
      },
      log: (record) => void logs.push(record),
      afterwards: (work) => void afterwards.push(work),
    });
    const response = await wired.fetch(new Request(`${origin}${path}`, init));
    await Promise.allSettled(afterwards);
    return response;
  }

  const gateway = {
    clock,
    logs,
    world,
    request,
    /** Forgets everything that an isolate remembers. */
    coolDown: (): void => void (world.memory = createIsolateMemory()),
    admin: (path: string, method = "GET", body?: unknown, headers: Record<string, string> = {}) =>
      request(path, {
        method,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    async put(path: string, body: unknown): Promise<void> {
      const response = await gateway.admin(path, "PUT", body);
      if (response.status !== 200) throw new Error(`refused: ${await response.text()}`);
    },
  };
  return gateway;
}

export type Gateway = ReturnType<typeof createGateway>;

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: { path: string; message: string }[];
  missing?: { name: string; message: string }[];
}

/** The problem of an answer, after a look at what every problem has. */
export async function problemOf(response: Response): Promise<ProblemBody> {
  const body = await response.clone().json<ProblemBody>();
  const isProblem =
    response.headers.get("content-type") === "application/problem+json" &&
    response.headers.get("cache-control") === "no-store" &&
    body.status === response.status &&
    body.type.startsWith("urn:gatepost:problem:");
  if (!isProblem) throw new Error(`no problem: ${response.status} ${JSON.stringify(body)}`);
  return body;
}

/**
 * The whole road with the hand on the clock: the gateway as it is wired, over the real local KV, R2 and D1, with queues that hand
 * out their messages when a test says so, at least once, a subscriber that remembers, and vendors that a test answers for. The queues of the platform
 * itself are met in the end-to-end tests.
 */
import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { vi } from "vitest";
import type { QueueMessage } from "../src/core/consume.ts";
import { parseJson } from "../src/core/json.ts";
import { QUEUES, type QueueName } from "../src/core/tasks.ts";
import type { GatewayEnv } from "../src/env.ts";
import type { LogRecord } from "../src/observe/log.ts";
import { createIsolateMemory } from "../src/isolate.ts";
import { wire } from "../src/wiring/wire.ts";

export const START = Date.parse("2026-02-03T10:20:30.000Z");
export const SUBSCRIBER_URL = "https://subscriber.example.com/hooks";
const SUBSCRIBER_HOST = new URL(SUBSCRIBER_URL).host;
export const SIGNING_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

interface Held {
  id: string;
  body: unknown;
  dueAt: number;
  attempts: number;
}

export interface Posted {
  id: string;
  headers: Headers;
  redirect: string;
  url: string;
  body: Uint8Array;
  /** Empty where the body is no JSON. */
  event: { readonly [member: string]: unknown };
}

/** What a vendor answers; `undefined` where the request is not for it. */
export type VendorHandler = (request: Request) => Response | undefined | Promise<Response | undefined>;

export type Bindings = Partial<Record<keyof GatewayEnv, unknown>>;

/** A message larger than this is refused by the platform, bytes. */
const MAX_MESSAGE_BYTES = 128_000;

export async function openRoad(configuration: object, secrets: Readonly<Record<string, string>>) {
  await reset();
  const clock = { at: START };
  const queues = new Map<string, Held[]>();
  const logs: LogRecord[] = [];
  const posted: Posted[] = [];
  const answers: (Response | Error | "hang")[] = [];
  const world = { bindings: {} as Bindings, memory: createIsolateMemory(), isDead: () => false };
  let sent = 0;

  const heldQueue = (name: string) => {
    const put = async (body: unknown, options?: { delaySeconds?: number; contentType?: string }) => {
      const copy: unknown = options?.contentType === "v8" ? structuredClone(body) : JSON.parse(JSON.stringify(body));
      if (sizeOf(copy) > MAX_MESSAGE_BYTES) throw new Error("message too large");
      const held = queues.get(name) ?? [];
      held.push({
        id: `message-${++sent}`,
        body: copy,
        dueAt: clock.at + (options?.delaySeconds ?? 0) * 1000,
        attempts: 0,
      });
      queues.set(name, held);
    };
    return {
      send: put,
      sendBatch: async (messages: Iterable<{ body: unknown; delaySeconds?: number; contentType?: string }>) => {
        for (const { body, ...options } of messages) await put(body, options);
      },
    };
  };

  const names = [...QUEUES, ...QUEUES.map((name) => `${name}-dead`)];
  const queueBindings = Object.fromEntries(
    names.map((name) => [name.toUpperCase().replace("-", "_"), heldQueue(name)] as const),
  );

  function gateway() {
    const afterwards: Promise<unknown>[] = [];
    const wired = wire({
      env: { ...env, ...queueBindings, ...world.bindings } as unknown as GatewayEnv,
      memory: world.memory,
      clock: {
        now: () => clock.at,
        random: () => 0.5,
        uniqueId: () => `unique-${++sent}`,
        // Whoever polls must let the one in whose stead he waits go on.
        pause: () => scheduler.wait(0),
      },
      log: (record) => void logs.push(record),
      afterwards: (work) => void afterwards.push(work),
    });
    return { wired, afterwards };
  }

  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    if (world.isDead()) throw new Error("the consumer is dead");
    const delivery = new Request(input, init);
    if (new URL(delivery.url).host !== SUBSCRIBER_HOST) {
      const answer = await road.vendors?.(delivery.clone());
      if (answer) return answer;
    }
    const body = await delivery.bytes();
    const parsed = parseJson(body);
    posted.push({
      id: delivery.headers.get("webhook-id") ?? "",
      headers: delivery.headers,
      redirect: delivery.redirect,
      url: delivery.url,
      body,
      event: parsed.ok ? (parsed.value as Posted["event"]) : {},
    });
    const answer = answers.shift();
    if (answer === "hang") await untilAborted(delivery.signal);
    if (answer instanceof Error) throw answer;
    return answer instanceof Response ? answer : new Response("{}");
  });

  async function request(
    path: string,
    init: RequestInit = {},
    origin = "https://gatepost.example.com",
  ): Promise<Response> {
    const { wired, afterwards } = gateway();
    const response = await wired.fetch(new Request(`${origin}${path}`, init));
    await Promise.allSettled(afterwards);
    return response;
  }

  function dueIn(name: string): QueueMessage[] {
    const due = (queues.get(name) ?? []).filter(({ dueAt }) => dueAt <= clock.at);
    return due.map((held): QueueMessage => {
      held.attempts++;
      return {
        id: held.id,
        attempts: held.attempts,
        body: held.body,
        ack: () =>
          void queues.set(
            name,
            (queues.get(name) ?? []).filter((each) => each !== held),
          ),
        retry: ({ delaySeconds }) => void (held.dueAt = clock.at + delaySeconds * 1000),
      };
    });
  }

  const admin = { authorization: `Bearer ${env.ADMIN_TOKEN}` };

  const road = {
    /** Asked first for what does not go to the subscriber. */
    vendors: undefined as VendorHandler | undefined,
    clock,
    world,
    logs,
    posted,
    answers,
    queues,
    queueBindings,
    request,
    admin: (path: string, method = "GET", body?: unknown) =>
      request(path, { method, headers: admin, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
    pass(milliseconds: number): void {
      clock.at += milliseconds;
    },
    waiting: (name: QueueName | `${QueueName}-dead`): number => queues.get(name)?.length ?? 0,

    /** Hands out what is due in one queue, once; what is not acknowledged stays. Returns how many were handed out. */
    async handOut(name: string, bindings?: Bindings): Promise<number> {
      const due = dueIn(name);
      if (due.length === 0) return 0;
      const before = world.bindings;
      world.bindings = { ...before, ...bindings };
      const { wired } = gateway();
      world.bindings = before;
      await wired.queue(`gatepost-${name}`, due);
      return due.length;
    },

    /** The same with a consumer for each message, all at once. */
    async handOutAtOnce(name: string): Promise<void> {
      await Promise.all(dueIn(name).map((message) => gateway().wired.queue(`gatepost-${name}`, [message])));
    },

    /** Hands out until nothing is due. */
    async drain(): Promise<void> {
      for (let round = 0; round < 50; round++) {
        let handed = 0;
        for (const name of names) handed += await road.handOut(name);
        if (handed === 0) return;
      }
      throw new Error("the queues never run dry");
    },

    sweep: () => gateway().wired.scheduled(),
    /** The events that the subscriber has taken, each once, in order of their first coming. */
    events: () => [...new Map(posted.map((each) => [each.id, each.event])).values()],
    async receipts(): Promise<string[]> {
      return (await env.ARCHIVE.list({ prefix: "receipts/" })).objects.map(({ key }) => key);
    },
  };

  for (const [name, value] of Object.entries({ "decisioning-signing": SIGNING_SECRET, ...secrets })) {
    await road.admin(`/api/secrets/${name}`, "PUT", { value });
  }
  const put = await road.admin("/api/config", "PUT", configuration);
  if (put.status !== 200) throw new Error(`the configuration was refused: ${await put.text()}`);
  return road;
}

export type Road = Awaited<ReturnType<typeof openRoad>>;

/** As a subscriber that never answers. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")));
  });
}

/** Timeouts take no time: they are over as soon as everything else that is under way has had its turn. */
export function hurryTimeouts(): void {
  vi.spyOn(AbortSignal, "timeout").mockImplementation(() => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    return controller.signal;
  });
}

function sizeOf(body: unknown): number {
  let bytes = 0;
  const text = JSON.stringify(body, (_key, value: unknown) => {
    if (!(value instanceof Uint8Array)) return value;
    bytes += value.length;
    return "";
  });
  return text.length + bytes;
}

/** Faults put around the real local bindings. */
import { env } from "cloudflare:workers";
import type { Bindings } from "./road.ts";

type Method = (...parameters: unknown[]) => unknown;

/** The binding, with some of its methods replaced. */
export function faulty<T extends object>(binding: T, faults: Readonly<Record<string, Method>>): T {
  return new Proxy(binding, {
    get(target, name) {
      const fault = typeof name === "string" && Object.hasOwn(faults, name) ? faults[name] : undefined;
      const member: unknown = fault ?? Reflect.get(target, name, target);
      return typeof member === "function" && !fault ? member.bind(target) : member;
    },
  });
}

export const fails: Method = () => Promise.reject(new Error("injected failure"));
export const hangs: Method = () => new Promise(() => undefined);

export const brokenKv = (binding: KVNamespace) =>
  faulty(binding, { get: fails, getWithMetadata: fails, put: fails, list: fails, delete: fails });
export const brokenR2 = (binding: R2Bucket) =>
  faulty(binding, { get: fails, head: fails, put: fails, list: fails, delete: fails });
export const brokenD1 = (binding: D1Database) =>
  faulty(binding, {
    batch: fails,
    prepare: () => {
      throw new Error("injected failure");
    },
  });
export const brokenQueue = { send: fails, sendBatch: fails };
export const hangingQueue = { send: hangs, sendBatch: hangs };

/**
 * Bindings of a consumer that dies before its call number `survives` (from 0) to any store or queue: that call and all
 * after it fail. `calls` tells how many there have been.
 */
export function dyingBindings(queues: Bindings, survives: number) {
  let calls = 0;
  const isDead = () => calls > survives;
  const step = (call: Method): Method =>
    function (...parameters) {
      calls++;
      if (isDead()) throw new Error("the consumer is dead");
      return call(...parameters);
    };
  const dying = (binding: object, methods: readonly string[]) =>
    faulty(
      binding,
      Object.fromEntries(
        methods.map((name) => [
          name,
          step((...parameters) => (Reflect.get(binding, name) as Method).apply(binding, parameters)),
        ]),
      ),
    );
  const kv = ["get", "getWithMetadata", "put", "list", "delete"];
  const bindings: Bindings = {
    CONFIG: dying(env.CONFIG, kv),
    IDEMPOTENCY: dying(env.IDEMPOTENCY, kv),
    TOKENS: dying(env.TOKENS, kv),
    ARCHIVE: dying(env.ARCHIVE, ["get", "head", "put", "list", "delete"]),
    LEDGER: dying(env.LEDGER, ["batch", "prepare"]),
    ...Object.fromEntries(
      Object.entries(queues).map(([name, queue]) => [name, dying(queue as object, ["send", "sendBatch"])]),
    ),
  };
  return { bindings, isDead, calls: () => calls };
}

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

const KV_METHODS = ["get", "getWithMetadata", "put", "list", "delete"];
const R2_METHODS = ["get", "head", "put", "list", "delete", "createMultipartUpload"];
const QUEUE_METHODS = ["send", "sendBatch"];

/** The bindings, with something done before a call. @param before is told how many calls there have been, this one included */
function stepwise(queues: Bindings, ledger: readonly string[], before: (call: number) => unknown): Bindings {
  let calls = 0;
  const watched = (binding: object, methods: readonly string[]) =>
    faulty(
      binding,
      Object.fromEntries(
        methods.map((name): [string, Method] => [
          name,
          (...parameters) => {
            const go = () => (Reflect.get(binding, name) as Method).apply(binding, parameters);
            const waiting = before(++calls);
            return waiting instanceof Promise ? waiting.then(go) : go();
          },
        ]),
      ),
    );
  return {
    CONFIG: watched(env.CONFIG, KV_METHODS),
    IDEMPOTENCY: watched(env.IDEMPOTENCY, KV_METHODS),
    TOKENS: watched(env.TOKENS, KV_METHODS),
    ARCHIVE: watched(env.ARCHIVE, R2_METHODS),
    LEDGER: watched(env.LEDGER, ledger),
    ...Object.fromEntries(
      Object.entries(queues).map(([name, queue]) => [name, watched(queue as object, QUEUE_METHODS)]),
    ),
  };
}

/**
 * Bindings of a consumer that dies before its call number `survives` (from 0) to any store or queue: that call and all
 * after it fail. `calls` tells how many there have been.
 */
export function dyingBindings(queues: Bindings, survives: number) {
  let calls = 0;
  const isDead = () => calls > survives;
  const bindings = stepwise(queues, ["batch", "prepare"], (call) => {
    calls = call;
    if (isDead()) throw new Error("the consumer is dead");
  });
  return { bindings, isDead, calls: () => calls };
}

/** Something happens before a consumer's call number `step` (from 0), and the consumer goes on as if it had not. */
export function interruptedBindings(queues: Bindings, step: number, happens: () => Promise<unknown>) {
  let calls = 0;
  const bindings = stepwise(queues, ["batch"], (call) => {
    calls = call;
    return call === step + 1 ? happens() : undefined;
  });
  return { bindings, hasHappened: () => calls > step };
}

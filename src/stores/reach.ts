/** Calls to bindings: every failure of one is the same kind of failure to those who called. */
import { Unavailable } from "../core/unavailable.ts";

/** Runs one call to a store; whatever it throws is that the store is unavailable. */
export async function reaching<T>(store: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw new Unavailable(store, cause);
  }
}

/** The same, given up after `milliseconds`: a queue has been seen to hang for 57 s before it failed. */
export async function reachingWithin<T>(store: string, milliseconds: number, call: () => Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("deadline")), milliseconds);
  });
  try {
    return await reaching(store, () => Promise.race([call(), deadline]));
  } finally {
    clearTimeout(timer);
  }
}

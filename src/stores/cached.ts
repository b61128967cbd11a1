/**
 * Values that an isolate keeps between requests: values only, never a promise (a promise of one request must not be awaited
 * by another on this platform). A stale value is used when a fresh one cannot be had.
 */
export interface Cache<T> {
  get(key: string): { value: T; storedAt: number } | undefined;
  set(key: string, value: T, storedAt: number): void;
}

const MAX_ENTRIES = 2000;
const RETRY_MS = 5000;

export function createCache<T>(): Cache<T> {
  const entries = new Map<string, { value: T; storedAt: number }>();
  return {
    get: (key) => entries.get(key),
    set(key, value, storedAt) {
      entries.delete(key);
      entries.set(key, { value, storedAt });
      const oldest = entries.size > MAX_ENTRIES ? entries.keys().next().value : undefined;
      if (oldest !== undefined) entries.delete(oldest);
    },
  };
}

/** The cached value while it is younger than `maxAgeMs`, else a fresh one, else the stale one. */
export async function readThrough<T>(
  cache: Cache<T>,
  key: string,
  now: number,
  maxAgeMs: number,
  read: () => Promise<T>,
): Promise<T> {
  const cached = cache.get(key);
  if (cached && now - cached.storedAt < maxAgeMs) return cached.value;
  try {
    const value = await read();
    cache.set(key, value, now);
    return value;
  } catch (error) {
    if (!cached) throw error;
    // A store that hangs is not waited for again and again.
    cache.set(key, cached.value, now - maxAgeMs + RETRY_MS);
    return cached.value;
  }
}

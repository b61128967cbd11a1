/** What one unit of work asked of others, counted: calls made, whatever came of them. */
export const STORES = ["kv", "r2", "d1", "queue", "fetch"] as const;

export type Operations = Record<(typeof STORES)[number], number>;

export const createOperations = (): Operations => ({ kv: 0, r2: 0, d1: 0, queue: 0, fetch: 0 });

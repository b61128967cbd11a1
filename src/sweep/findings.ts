/** What is amiss and no one thing that happened says so: looked for each minute, and told once. */
import { shortHash } from "../core/digest.ts";
import type { Notice } from "../core/notice.ts";

/** @param invalid the configuration in the store, where it cannot be used and an older one is. One notice for each such document */
export async function findAmiss(invalid: string | undefined, now: number): Promise<Notice[]> {
  if (invalid === undefined) return [];
  return [{ key: await shortHash("config", invalid), type: "gateway.config.invalid", at: now, data: {} }];
}

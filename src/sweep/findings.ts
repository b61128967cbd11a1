/** What is amiss and no one thing that happened says so: looked for each minute, and told once. */
import { shortHash } from "../core/digest.ts";
import type { Notice } from "../core/notice.ts";

/** @param passedOver the configuration in the store, where it is not valid and an older one is used. One notice for each such document */
export async function findAmiss(passedOver: string | undefined, now: number): Promise<Notice[]> {
  if (passedOver === undefined) return [];
  return [{ key: await shortHash("config", passedOver), type: "gateway.config.invalid", at: now, data: {} }];
}

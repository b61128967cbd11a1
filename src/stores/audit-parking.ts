/** Entries of the audit that the ledger could not take, in R2 until the sweep brings them there. */
import type { AuditEntry, AuditParking } from "../core/audit.ts";
import { isObject, parseText } from "../core/json.ts";
import { archiveKeys } from "./keys.ts";
import { reaching, reachingWithin } from "./reach.ts";

const PARK_MS = 2000;

export function createAuditParking(bucket: R2Bucket): AuditParking {
  return {
    park: (entry) =>
      reachingWithin("archive", PARK_MS, async () => {
        await bucket.put(archiveKeys.audit(entry.id), JSON.stringify({ v: 1, ...entry }));
      }),
    parked: (limit) =>
      reaching("archive", async () => {
        const { objects } = await bucket.list({ prefix: archiveKeys.allAudit, limit });
        return objects.map(({ key }) => key);
      }),
    async read(key) {
      const text = await reaching("archive", async () => (await bucket.get(key))?.text());
      const entry = text === undefined ? undefined : parseText(text);
      return isObject(entry) ? (entry as unknown as AuditEntry) : undefined;
    },
    unpark: (keys) => reaching("archive", () => bucket.delete([...keys])),
  };
}

/** Every configuration document that was ever in force, in R2 under its version. */
import { archiveKeys } from "./keys.ts";
import { reaching } from "./reach.ts";

export interface ConfigVersionStore {
  keep(version: string, text: string): Promise<void>;
  read(version: string): Promise<string | undefined>;
}

export function createConfigVersionStore(bucket: R2Bucket): ConfigVersionStore {
  return {
    keep: (version, text) =>
      reaching("archive", async () => {
        const key = archiveKeys.configVersion(version);
        // Asked first: each new isolate comes by here, and to look is cheaper than to write in vain.
        if (await bucket.head(key)) return;
        const httpMetadata = { contentType: "application/json" };
        await bucket.put(key, text, { onlyIf: { etagDoesNotMatch: "*" }, httpMetadata });
      }),
    read: (version) => reaching("archive", async () => (await bucket.get(archiveKeys.configVersion(version)))?.text()),
  };
}

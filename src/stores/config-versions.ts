/**
 * Every configuration document that was ever in force, in R2: its text under its hash, and for each accepted version a record, created
 * if absent, which decides who has a number. KV alone could not: of two who change it at once both would believe it.
 */
import type { ConfigRecords, ConfigVersion } from "../core/config-version.ts";
import { archiveKeys, versionOfKey } from "./keys.ts";
import { reaching } from "./reach.ts";

/** More writes to one key in a second than R2 takes: somebody else is creating it right now. */
const TOO_MANY_REQUESTS = /\(10058\)/;

export function createConfigVersionStore(bucket: R2Bucket): ConfigRecords {
  const httpMetadata = { contentType: "application/json" };
  const ifAbsent = { onlyIf: { etagDoesNotMatch: "*" }, httpMetadata };

  async function list(limit: number, before?: number) {
    const startAfter = before === undefined ? {} : { startAfter: archiveKeys.configRecord(before) };
    const prefix = archiveKeys.configRecords;
    const page = await bucket.list({ prefix, limit, include: ["customMetadata"], ...startAfter });
    return { versions: page.objects.flatMap(readRecord), isLast: !page.truncated };
  }

  return {
    newest: () => reaching("archive", async () => (await list(1)).versions[0]),
    list: (limit, before) => reaching("archive", () => list(limit, before)),
    find: (version) =>
      reaching("archive", async () => {
        const object = await bucket.head(archiveKeys.configRecord(version));
        return object ? readRecord(object)[0] : undefined;
      }),
    create: ({ version, ...record }) =>
      reaching("archive", async () => {
        const options = { ...ifAbsent, customMetadata: { record: encodeURIComponent(JSON.stringify(record)) } };
        try {
          return (await bucket.put(archiveKeys.configRecord(version), "", options)) !== null;
        } catch (error) {
          if (error instanceof Error && TOO_MANY_REQUESTS.test(error.message)) return false;
          throw error;
        }
      }),
    keep: (hash, text) =>
      reaching("archive", async () => {
        const key = archiveKeys.configText(hash);
        // Asked first: each new isolate comes by here, and to look is cheaper than to write in vain.
        const kept = await bucket.get(key);
        if (!kept) await bucket.put(key, text, ifAbsent);
        // A key has 64 bits of the hash, for which somebody can find two texts: one would be judged by the other.
        else if ((await kept.text()) !== text) throw new Error("another text has this hash");
      }),
    read: (hash) => reaching("archive", async () => (await bucket.get(archiveKeys.configText(hash)))?.text()),
  };
}

/** Metadata is ASCII: a message need not be. */
function readRecord({ key, customMetadata }: R2Object): ConfigVersion[] {
  const version = versionOfKey(key);
  const record = customMetadata?.["record"];
  if (version === undefined || record === undefined) return [];
  return [{ version, ...(JSON.parse(decodeURIComponent(record)) as Omit<ConfigVersion, "version">) }];
}

/** Size of what `wrangler deploy` would upload. */
import { runWrangler } from "./wrangler.ts";

/** KiB, gzipped, as Cloudflare counts it. */
export async function measureBundle(): Promise<number> {
  return Number(/gzip: ([\d.]+) KiB/.exec(await runWrangler(["deploy", "--dry-run"]))?.[1] ?? Number.NaN);
}

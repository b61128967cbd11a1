/** The part of `npm run check` that asks wrangler: generated types are fresh, the Worker bundles, and within its budget. */
import { once } from "node:events";
import { devNull } from "node:os";
import { text } from "node:stream/consumers";
import { startWrangler } from "./wrangler.ts";

/** KiB, gzipped, as Cloudflare counts it. */
const BUNDLE_BUDGET = 60;

async function run(...flags: string[]): Promise<string> {
  const wrangler = startWrangler(flags, "pipe");
  const output = Promise.all([wrangler.stdout, wrangler.stderr].map(async (stream) => (stream ? text(stream) : "")));
  const [code] = (await once(wrangler, "exit")) as [number | null];
  const printed = (await output).join("");
  if (code === 0) return printed;
  console.error(printed);
  process.exit(1);
}

// Without this machine's own .dev.vars, which would add to the types what a clean clone does not have.
const withoutSecrets = ["--env-file", devNull];
await run(
  "types",
  "src/worker-configuration.d.ts",
  "--include-runtime=false",
  "--strict-vars=false",
  ...withoutSecrets,
  "--check",
);
const bundled = await run("deploy", "--dry-run");
const size = Number(/gzip: ([\d.]+) KiB/.exec(bundled)?.[1] ?? Number.NaN);
console.log(`bundle: ${size} KiB gzipped, budget ${BUNDLE_BUDGET} KiB`);
if (!(size <= BUNDLE_BUDGET)) process.exit(1);

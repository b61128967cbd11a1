/** The part of `npm run check` that asks wrangler: generated types are fresh; the Worker bundles, and starts, within its budgets. */
import { devNull } from "node:os";
import { measureBundle } from "./bundle.ts";
import { measureStartup } from "./startup.ts";
import { runWrangler } from "./wrangler.ts";

/** KiB, gzipped. */
const BUNDLE_BUDGET = 149;
/** Times what an app of the same framework takes that does nothing. */
const STARTUP_BUDGET = 2;
/** What else the machine does falls on one of the two. */
const ATTEMPTS = 3;
const BARE_APP = "test/bench/workers/bare.ts";

// Without this machine's own .dev.vars, which would add to the types what a clean clone does not have.
await runWrangler([
  "types",
  "src/worker-configuration.d.ts",
  "--include-runtime=false",
  "--strict-vars=false",
  "--env-file",
  devNull,
  "--check",
]);

const size = await measureBundle();
console.log(`bundle: ${size} KiB gzipped, budget ${BUNDLE_BUDGET} KiB`);
let isQuick = false;
for (let attempt = 0; attempt < ATTEMPTS && !isQuick; attempt++) {
  const [startup, bare] = [await measureStartup(), await measureStartup(BARE_APP)];
  console.log(`start-up: ${startup} ms of CPU, a bare Hono app ${bare} ms, budget ${STARTUP_BUDGET} times that`);
  isQuick = startup <= STARTUP_BUDGET * bare;
}
if (!(size <= BUNDLE_BUDGET && isQuick)) process.exit(1);

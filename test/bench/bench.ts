/**
 * `npm run bench`: the gateway against the least that could do its work (`workers/floor.ts`), on this machine and in this
 * run. Absolute figures are the machine's; the ratios are the gateway's. Ends with 1 where anything was lost or delivered twice.
 *
 *     npm run bench -- [--rounds 5] [--json]
 */
import { parseArgs } from "node:util";
import { measureBundle } from "../../src/cli/bundle.ts";
import { measureStartup } from "../../src/cli/startup.ts";
import { costsOf, total } from "./costs.ts";
import { profileReceiving, profileWhole, receivingOperations, wholeOperations } from "./measurements.ts";
import { report, type Results } from "./report.ts";
import { endToEnd, receiving } from "./scenarios.ts";
import { startSink } from "./sink.ts";
import { bundleAll } from "./start.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, json: { type: "boolean", default: false } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds takes a whole number from 1 on");
process.env["WRANGLER_LOG"] ??= "error";

const say = (step: string) => process.stderr.write(`${step} …\n`);

async function measure(): Promise<Results> {
  const bundles = await bundleAll();
  const sink = await startSink();
  try {
    say(`receiving, ${rounds} rounds of gateway and floor`);
    const receive = { c16: await receiving(bundles, rounds, 16), c1: await receiving(bundles, rounds, 1) };
    say(`end to end, ${rounds} rounds of gateway and floor`);
    const s1 = await endToEnd(bundles, rounds, 1, sink);
    const s10 = await endToEnd(bundles, rounds, 10, sink);
    say("counting operations");
    const receivingCounts = {
      gateway: await receivingOperations(bundles, "gateway"),
      floor: await receivingOperations(bundles, "floor"),
    };
    const [one, five] = [1, 5];
    const whole = {
      s1: await wholeOperations(bundles, "gateway", one, sink),
      s5: await wholeOperations(bundles, "gateway", five, sink),
    };
    say("profiling");
    const profiles = {
      receive: { gateway: await profileReceiving(bundles, "gateway"), floor: await profileReceiving(bundles, "floor") },
      whole: { s1: await profileWhole(bundles, one, sink), s5: await profileWhole(bundles, five, sink) },
    };
    const costs = {
      s1: costsOf({ ...whole.s1, cpuMs: profiles.whole.s1.activeMs }),
      s5: costsOf({ ...whole.s5, cpuMs: profiles.whole.s5.activeMs }),
    };
    say("bundle and start-up");
    return {
      receive,
      endToEnd: { s1: s1.comparison, s10: s10.comparison },
      lost: s1.lost + s10.lost,
      duplicated: s1.duplicated + s10.duplicated,
      usdPerMillion: { s1: total(costs.s1), s5: total(costs.s5) },
      costs,
      operations: { receive: receivingCounts, whole },
      cpuMs: { receive: profiles.receive.gateway.activeMs, whole: profiles.whole.s1.activeMs },
      profiles,
      bundleKiB: await measureBundle(),
      startupMs: await measureStartup(),
      bareStartupMs: await measureStartup("test/bench/workers/bare.ts"),
    };
  } finally {
    await sink.close();
    bundles.remove();
  }
}

const results = await measure();
process.stdout.write(values.json ? `${JSON.stringify(results, undefined, 2)}\n` : report(results));
process.exit(results.lost + results.duplicated > 0 ? 1 : 0);

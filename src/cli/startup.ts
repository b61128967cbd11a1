/** CPU time that a Worker takes to start, as `wrangler check startup` samples it in workerd on this machine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runWrangler } from "./wrangler.ts";

/** Its samples are a millisecond apart, and some runs catch none. */
const RUNS = 5;

/** Median, milliseconds. @param entry another Worker than the gateway */
export async function measureStartup(entry?: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-startup-"));
  const outfile = join(folder, "startup.cpuprofile");
  const measured: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const printed = await runWrangler([
      "check",
      "startup",
      "--outfile",
      outfile,
      ...(entry ? [`--args=${entry}`] : []),
    ]);
    const active = Number(/Active: ([\d.]+) ms/.exec(printed)?.[1]);
    if (active > 0) measured.push(active);
  }
  rmSync(folder, { recursive: true });
  return measured.sort((left, right) => left - right)[Math.floor(measured.length / 2)] ?? Number.NaN;
}

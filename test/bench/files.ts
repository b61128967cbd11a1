/**
 * `node test/bench/files.ts`: what memory a file takes on its way into storage. If a file were ever whole in memory, a large
 * one would take more of it by its whole size. Measured is what all of workerd grows by, once with a bucket that keeps nothing
 * (so it is the gateway's own) and once with the local stand-in for R2, which runs in the same process and writes to disk.
 * Ends with 1 where, by itself, a large file takes much more than a small one. Linux only.
 *
 *     node test/bench/files.ts [--rounds 3]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { runWrangler } from "../../src/cli/wrangler.ts";
import { findWorkerd, watchMemory } from "./memory.ts";
import { startOrigin, type Origin } from "./origin.ts";
import { median } from "./statistics.ts";
import { SMALL_AND_LARGE, TARGETS, type Case, type Target } from "./transfers.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds takes a whole number from 1 on");
process.env["WRANGLER_LOG"] = "error";

const print = (line: string) => process.stdout.write(`${line}\n`);

const MIB = 1024 * 1024;
/** For garbage not yet collected; less than the smallest of the large files. */
const TOLERATED_BYTES = 32 * MIB;

interface Measured {
  growth: number;
  ms: number;
}

/** A workerd of its own each time: one that has once grown does not shrink, and so would not grow again. */
async function measure(folder: string, origin: Origin, of: Case, into: Target): Promise<Measured> {
  const persist = mkdtempSync(join(folder, "r2-"));
  const options = convertV4MiniflareOptions({
    modules: [{ type: "ESModule", path: join(folder, "files.js") }],
    modulesRoot: folder,
    compatibilityDate: "2026-11-02",
    r2Buckets: ["ARCHIVE"],
    r2Persist: persist,
    host: "127.0.0.1",
    port: 0,
    cf: false,
  });
  const miniflare = new Miniflare(options);
  try {
    const url = await miniflare.ready;
    const send = async (what: Case) => {
      const response = await fetch(url, { method: "POST", body: JSON.stringify(origin.transfer(what, into)) });
      return (await response.json()) as { ok: boolean; size?: number };
    };
    // So that what is loaded at the first use is not taken for the file's.
    await send({ ...of, bytes: 100_000 });
    const watch = watchMemory(findWorkerd());
    const started = performance.now();
    const stored = await send(of);
    const ms = performance.now() - started;
    const grown = watch.stop();
    if (!stored.ok || stored.size !== of.bytes) throw new Error(`${of.name}: ${JSON.stringify(stored)}`);
    return { growth: grown, ms };
  } finally {
    await miniflare.dispose();
    rmSync(persist, { recursive: true });
  }
}

/** The median of the rounds, printed. */
async function growth(of: Case, into: Target): Promise<number> {
  const measured: Measured[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await measure(folder, origin, of, into));
  const result = median(measured.map((one) => one.growth));
  const each = measured.map((one) => Math.round(one.growth / MIB)).join(", ");
  const seconds = (median(measured.map(({ ms }) => ms)) / 1000).toFixed(1);
  print(`| ${of.name} | ${into} | ${Math.round(result / MIB)} | ${each} | ${seconds} |`);
  return result;
}

const folder = mkdtempSync(join(tmpdir(), "gatepost-bench-"));
const origin = await startOrigin();
let isTooMuch = false;
try {
  await runWrangler(["deploy", "test/bench/workers/files.ts", "--dry-run", "--minify=false", "--outdir", folder]);
  print("| file | into | workerd grows by, MiB | each round | s |\n| --- | --- | ---: | --- | ---: |");
  for (const into of TARGETS) {
    for (const [small, large] of SMALL_AND_LARGE) {
      const growths = { small: await growth(small, into), large: await growth(large, into) };
      if (into === "nothing" && growths.large - growths.small > TOLERATED_BYTES) isTooMuch = true;
    }
  }
} finally {
  await origin.close();
  rmSync(folder, { recursive: true });
}
process.exit(isTooMuch ? 1 : 0);

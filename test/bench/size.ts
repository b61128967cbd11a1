/**
 * `npm run bench:size`: where the bundle's size goes. A part weighs what the gzipped bundle loses when the part's own text
 * is cut out of it; what it shares with others is in nobody's weight, so that the parts add up to a little less than the whole.
 *
 *     node test/bench/size.ts [--files 25]
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { runWrangler } from "../../src/cli/wrangler.ts";

const { values } = parseArgs({ options: { files: { type: "string", default: "25" } } });

/** A stretch of the bundle that comes from one file. */
interface Stretch {
  file: string;
  text: string;
}

function stretchesOf(bundle: string, map: SourceMap): Stretch[] {
  const stretches: Stretch[] = [];
  for (const [line, text] of bundle.split("\n").entries()) {
    for (let column = 0; column < text.length; column++) {
      const entry = map.findEntry(line, column);
      const file = "originalSource" in entry ? nameOf(entry.originalSource) : "";
      const last = stretches.at(-1);
      if (last?.file === file) last.text += text[column];
      else stretches.push({ file, text: text[column] ?? "" });
    }
  }
  return stretches;
}

/** From the project's folder, or the packages', wherever those are. */
const nameOf = (path: string): string => path.replace(/^.*?(?=(?:node_modules|src)\/)/, "");

/** A package, a vendor, else a folder of `src`. */
const partOf = (file: string): string =>
  /^(?:node_modules\/[^/]+|src\/vendors\/\w+(?=\/)|src\/[^/]+)/.exec(file)?.[0] ?? file;

const sizeOf = (stretches: readonly Stretch[]): number => gzipSync(stretches.map(({ text }) => text).join("")).length;

/** KiB by name, heaviest first. */
function weigh(stretches: readonly Stretch[], nameIn: (file: string) => string): [string, number][] {
  const whole = sizeOf(stretches);
  const names = [...new Set(stretches.map(({ file }) => nameIn(file)))];
  return names
    .map((name): [string, number] => [name, whole - sizeOf(stretches.filter(({ file }) => nameIn(file) !== name))])
    .sort(([, left], [, right]) => right - left);
}

const print = (line: string) => process.stdout.write(`${line}\n`);

function table(title: string, bytesByName: readonly [string, number][]): void {
  print(`\n${title}, KiB gzipped`);
  for (const [name, bytes] of bytesByName) print(`${(bytes / 1024).toFixed(2).padStart(8)}  ${name}`);
}

const folder = mkdtempSync(join(tmpdir(), "gatepost-size-"));
await runWrangler(["deploy", "--dry-run", "--outdir", folder]);
const bundle = readFileSync(join(folder, "index.js"), "utf8");
const map = JSON.parse(readFileSync(join(folder, "index.js.map"), "utf8")) as SourceMapPayload;
rmSync(folder, { recursive: true });

const stretches = stretchesOf(bundle, new SourceMap(map));
table("the bundle", [["all", sizeOf(stretches)]]);
table("parts", weigh(stretches, partOf));
table("dearest files", weigh(stretches, (file) => file).slice(0, Number(values.files)));

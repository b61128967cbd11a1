/** The house keeps its shape: who may import whom, who may touch what, every vendor complete. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const files = globSync("src/**/*.ts", { cwd: root, exclude: ["src/worker-configuration.d.ts"] })
  .map(normalize)
  .sort();
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));

function importsOf(file: string): string[] {
  const statements = (sources.get(file) ?? "").matchAll(/^(?:import|export)\s(?:[^;"]*?\sfrom\s)?\s*"([^"]+)";/gm);
  return [...statements].map(([, specifier = ""]) =>
    specifier.startsWith(".") ? join(dirname(file), specifier) : specifier,
  );
}

/** `src/core/ids.ts` is of `core`, `src/env.ts` of `env.ts`. */
const partOf = (file: string): string => file.split("/")[1] ?? "";

const STAGE = ["core", "config", "verify", "vendors"];

/** Which other parts of `src` a part may import, and which packages. */
const MAY_IMPORT: Readonly<Record<string, { parts: readonly string[]; packages: readonly string[] }>> = {
  core: { parts: [], packages: [] },
  vendors: { parts: ["core"], packages: ["jose"] },
  config: { parts: ["core", "vendors"], packages: ["valibot"] },
  verify: { parts: ["core", "config"], packages: ["jose", "jose/errors"] },
  receive: { parts: STAGE, packages: [] },
  process: { parts: STAGE, packages: [] },
  deliver: { parts: STAGE, packages: [] },
  sweep: { parts: STAGE, packages: [] },
  erase: { parts: ["core"], packages: [] },
  egress: { parts: ["core"], packages: [] },
  stores: { parts: ["core"], packages: [] },
  observe: { parts: ["core"], packages: [] },
  http: { parts: [...STAGE, "receive", "erase", "observe"], packages: ["hono/tiny", "valibot"] },
  cli: { parts: ["core", "config", "vendors"], packages: ["commander", "@clack/prompts"] },
  "env.ts": { parts: ["core"], packages: [] },
  "isolate.ts": { parts: ["config", "core", "egress", "observe", "stores"], packages: [] },
  "index.ts": { parts: ["env.ts", "http", "isolate.ts", "observe", "wiring"], packages: [] },
};

describe("imports", () => {
  it.each(files.filter((file) => partOf(file) !== "wiring"))("%s keeps to what its part may know", (file) => {
    const rule = MAY_IMPORT[partOf(file)];
    expect(rule, "a new part of src needs its rule here").toBeDefined();
    const forbidden = importsOf(file).filter((imported) => {
      if (imported.startsWith("node:")) return partOf(file) !== "cli";
      if (!imported.startsWith("src/")) return !rule?.packages.includes(imported);
      return partOf(imported) !== partOf(file) && !rule?.parts.includes(partOf(imported));
    });
    expect(forbidden).toEqual([]);
  });

  it("form no cycle", () => {
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): string[] => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
      if (done.has(file)) return [];
      const cycle = importsOf(file)
        .filter((each) => sources.has(each))
        .flatMap((each) => visit(each, [...path, file]));
      done.add(file);
      return cycle;
    };
    expect(files.flatMap((file) => visit(file, []))).toEqual([]);
  });

  it("have no barrels: no file only re-exports", () => {
    expect(files.filter((file) => /^export \*|^export \{[^}]*\} from/m.test(sources.get(file) ?? ""))).toEqual([]);
  });
});

/** Which parts alone may hold a text. */
const RESERVED: readonly { what: string; pattern: RegExp; parts: readonly string[] }[] = [
  { what: "a call of the network", pattern: /(?:await|return|=|\()\s*fetch\(/, parts: ["egress", "cli"] },
  {
    what: "a binding's type",
    pattern: /\b(KVNamespace|R2Bucket|D1Database|Queue|RateLimit)\b(?!Message)/,
    parts: ["stores"],
  },
  { what: "the clock", pattern: /Date\.now\(|new Date\(\)|performance\.now/, parts: ["index.ts", "cli"] },
  { what: "chance", pattern: /Math\.random|randomUUID/, parts: ["index.ts", "cli"] },
  { what: "console", pattern: /console\./, parts: ["observe", "cli"] },
];

describe("only one part", () => {
  it.each(RESERVED)("holds $what", ({ pattern, parts }) => {
    const holders = files.filter((file) => pattern.test(withoutComments(sources.get(file) ?? "")));
    expect(holders.filter((file) => !parts.includes(partOf(file)))).toEqual([]);
    expect(holders).not.toEqual([]);
  });
});

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}

describe("files", () => {
  it.each(files)("%s has no more than 250 lines", (file) => {
    const source = sources.get(file) ?? "";
    expect(source.split("\n").length).toBeLessThanOrEqual(251);
  });
});

describe("vendors", () => {
  const folders = readdirSync(join(root, "src/vendors"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  it.each(folders)("%s is registered, and has fixtures and the common suite", (vendor) => {
    expect(sources.get("src/vendors/registry.ts")).toContain(`./${vendor}/adapter.ts`);
    expect(globSync(`test/vendors/fixtures/${vendor}.ts`, { cwd: root })).toHaveLength(1);
    expect(readFileSync(join(root, `test/vendors/${vendor}.test.ts`), "utf8")).toContain("adapter.suite.ts");
  });

  const presets = readdirSync(join(root, "src/config/presets")).filter((file) => !/^presets?\.ts$/.test(file));

  it.each(presets)("the preset %s is in the list, and says itself where its facts are from", (file) => {
    expect(sources.get("src/config/presets/presets.ts")).toContain(`"./${file}"`);
    expect(sources.get(`src/config/presets/${file}`)).toMatch(/^\/\*\*[^]*?\b[a-z]+\.[a-z.]+[^]*?\*\//);
  });
});

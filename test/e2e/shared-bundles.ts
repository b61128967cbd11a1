/** A Worker is bundled once for all files that start it: that takes longer than most of their tests. */
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { TestProject } from "vitest/node";
import { inject } from "vitest";
import { bundle } from "../local-worker.ts";

declare module "vitest" {
  interface ProvidedContext {
    bundles: string;
  }
}

/** Vitest's own: before the first file, and after the last. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-bundles-"));
  project.provide("bundles", folder);
  return () => rmSync(folder, { recursive: true });
}

/** @param entry from the project's folder. Of two files that ask at the same time each makes one, and the first one's stays. */
export async function sharedBundle(entry: string): Promise<string> {
  const folder = join(inject("bundles"), basename(entry, ".ts"));
  const script = join(folder, `${basename(entry, ".ts")}.js`);
  if (existsSync(script)) return script;
  const made = await bundle(entry);
  try {
    renameSync(dirname(made.script), folder);
  } catch {
    made.remove();
  }
  return script;
}

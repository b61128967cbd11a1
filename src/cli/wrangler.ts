/** Running wrangler as this project runs it: no questions, no metrics, no record of URLs and log lines beside the local storage. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

const QUIET = {
  CI: "1",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_LOG: "log",
  X_LOCAL_OBSERVABILITY: "false",
};

export function startWrangler(flags: readonly string[], output: "inherit" | "pipe"): ChildProcess {
  const wrangler = fileURLToPath(new URL("../../node_modules/wrangler/bin/wrangler.js", import.meta.url));
  return spawn(process.execPath, [wrangler, ...flags], {
    cwd: projectFolder,
    env: { ...process.env, ...QUIET },
    stdio: ["inherit", output, output],
  });
}

/** Runs it to its end and returns what it printed; ends this process where wrangler fails. */
export async function runWrangler(flags: readonly string[]): Promise<string> {
  const wrangler = startWrangler(flags, "pipe");
  const output = Promise.all([wrangler.stdout, wrangler.stderr].map(async (stream) => (stream ? text(stream) : "")));
  const [code] = (await once(wrangler, "exit")) as [number | null];
  const printed = (await output).join("");
  if (code === 0) return printed;
  console.error(printed);
  process.exit(1);
}

const LOOK_MS = 500;

/**
 * Calls `end` once when this process is asked to end, or when whoever started it is gone: npm runs scripts in a shell, and a
 * signal to npm ends that shell without telling its child, which would go on holding the port.
 */
export function onEnd(end: (signal: NodeJS.Signals) => void): void {
  const parent = process.ppid;
  let hasEnded = false;
  const endOnce = (signal: NodeJS.Signals) => {
    if (!hasEnded) end(signal);
    hasEnded = true;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, endOnce);
  const looking = setInterval(() => {
    if (process.ppid !== parent) endOnce("SIGTERM");
  }, LOOK_MS);
  looking.unref();
}

/** Local secrets, random, once; git ignores the file. */
export function ensureLocalSecrets(): void {
  const file = `${projectFolder}.dev.vars`;
  if (existsSync(file)) return;
  const [token, key] = [randomBytes(32).toString("hex"), randomBytes(32).toString("base64")];
  writeFileSync(file, `ADMIN_TOKEN=${token}\nMASTER_KEY=${key}\n`, { mode: 0o600 });
}

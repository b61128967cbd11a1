/** Running wrangler as this project runs it: no questions, no metrics, no record of URLs and log lines beside the local storage. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

const QUIET = {
  CI: "1",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
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

/** `npm run dev -- [wrangler dev flags]`: the bare gateway on this machine. */
import { ensureLocalSecrets, startWrangler } from "./wrangler.ts";

ensureLocalSecrets();
const wrangler = startWrangler(["dev", ...process.argv.slice(2)], "inherit");
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => wrangler.kill(signal));
wrangler.on("exit", (code) => process.exit(code ?? 1));

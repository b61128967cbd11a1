/** `npm run dev -- [wrangler dev flags]`: the bare gateway on this machine. */
import { ensureLocalSecrets, onEnd, startWrangler } from "./wrangler.ts";

ensureLocalSecrets();
const wrangler = startWrangler(["dev", ...process.argv.slice(2)], "inherit");
onEnd((signal) => wrangler.kill(signal));
wrangler.on("exit", (code) => process.exit(code ?? 1));

/** A gateway of one's own on this machine: `wrangler dev` as a child process, quiet unless it fails. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { startWrangler } from "../../src/cli/wrangler.ts";

export interface LocalGateway {
  url: string;
  /** It answers. */
  ready: Promise<void>;
  /** Ends well when it is stopped, and throws what it said last when it dies by itself. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** Milliseconds. */
const START_WITHIN = 60_000;
const POLL = 100;
const STOP_WITHIN = 5000;

/** What is shown of the output of a wrangler that died. */
const LAST_CHARACTERS = 4000;

export async function startLocalGateway(options: { port: number; isVerbose: boolean }): Promise<LocalGateway> {
  const { port, isVerbose } = options;
  const url = `http://localhost:${port}`;
  await refuseTakenPort(port);
  const flags = ["dev", "--port", String(port), "--persist-to", ".wrangler/start"];
  const variables = ["EGRESS_ALLOW:localhost,127.0.0.1", "RECONCILE_AFTER_SECONDS:20"];
  const wrangler = startWrangler([...flags, ...variables.flatMap((each) => ["--var", each])], "pipe");
  process.on("exit", () => wrangler.kill());
  const output = remember(wrangler, isVerbose);

  let isStopping = false;
  const ended = untilEnded();
  async function untilEnded(): Promise<void> {
    await once(wrangler, "exit");
    if (!isStopping) throw new Error(`wrangler ended by itself; the last it said was:\n\n${output()}`);
  }

  return {
    url,
    ready: Promise.race([untilAnswers(url, output), ended]),
    ended,
    async stop() {
      isStopping = true;
      wrangler.kill();
      await Promise.race([ended.catch(() => undefined), pause(STOP_WITHIN)]);
    },
  };
}

async function untilAnswers(url: string, output: () => string): Promise<void> {
  for (const start = Date.now(); Date.now() - start < START_WITHIN; await pause(POLL)) {
    const response = await fetch(`${url}/healthz`).catch(() => undefined);
    if (response?.ok) return;
  }
  throw new Error(`the gateway did not start within ${START_WITHIN / 1000} seconds:\n\n${output()}`);
}

/** Asked beforehand: wrangler would take another port, and nobody would find the gateway. */
async function refuseTakenPort(port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, "127.0.0.1");
    await once(probe, "listening");
  } catch {
    throw new Error(`port ${port} is taken; choose another one: npm start -- --port ${port + 1}`);
  }
  probe.close();
  await once(probe, "close");
}

function remember(wrangler: ChildProcess, isVerbose: boolean): () => string {
  let last = "";
  for (const stream of [wrangler.stdout, wrangler.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      if (isVerbose) process.stdout.write(chunk);
      last = `${last}${chunk.toString()}`.slice(-LAST_CHARACTERS);
    });
  }
  return () => last.trim();
}

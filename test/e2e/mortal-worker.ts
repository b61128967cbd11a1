/**
 * A Worker in processes of its own, with its state in a folder, so that it can die as a machine dies: at once, wherever it is, and
 * whatever its queues held is forgotten.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export type Question = { what: "sweep" } | { what: "query"; sql: string };

export interface MortalWorker {
  /** Origin; another one after each start. */
  url: string;
  /** What cron does each minute. */
  sweep(): Promise<void>;
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Returns when nothing of it runs any more. */
  kill(): Promise<void>;
}

const STARTS_WITHIN = 30_000;
const PROGRAM = fileURLToPath(new URL("mortal-process.ts", import.meta.url));

interface Said {
  url?: string;
  number?: number;
  result?: unknown;
  failure?: string;
}

/** @param folder its state; what it leaves behind besides is in there too */
export async function startMortalWorker(
  script: string,
  folder: string,
  variables: Readonly<Record<string, string>>,
): Promise<MortalWorker> {
  // A group of its own: workerd is to die in the same moment.
  const child = fork(PROGRAM, [script, folder, JSON.stringify(variables)], {
    detached: true,
    execArgv: [],
    env: { ...process.env, TMPDIR: folder },
  });
  const url = await urlOf(child).catch((error: unknown) => {
    killGroup(child);
    throw error;
  });
  let asked = 0;
  const ask = (question: Question) => answerTo(child, asked++, question);
  return {
    url,
    sweep: async () => void (await ask({ what: "sweep" })),
    query: async (sql) => (await ask({ what: "query", sql })) as Record<string, unknown>[],
    async kill() {
      killGroup(child);
      while (await listens(url)) await pause(10);
    },
  };
}

async function urlOf(child: ChildProcess): Promise<string> {
  const died = once(child, "exit").then(() => Promise.reject(new Error("the Worker's process ended by itself")));
  const [said] = (await Promise.race([
    once(child, "message", { signal: AbortSignal.timeout(STARTS_WITHIN) }),
    died,
  ])) as Said[];
  died.catch(() => undefined);
  if (said?.url === undefined) throw new Error("the Worker's process said something else first");
  return said.url;
}

/** Rejects where it dies before it answers. */
function answerTo(child: ChildProcess, number: number, question: Question): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error("the Worker is dead"));
    const onMessage = (said: Said) => {
      if (said.number !== number) return;
      child.off("message", onMessage).off("exit", onExit);
      if (said.failure === undefined) resolve(said.result);
      else reject(new Error(said.failure));
    };
    child.on("message", onMessage).on("exit", onExit);
    child.send({ number, question });
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Dead already.
  }
}

/** What a dead process had open is closed by the system, files and sockets alike. */
async function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const isOpen = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

/**
 * Where a Worker's CPU time goes, from V8's sampling profiler in workerd (Chrome DevTools protocol, domain Profiler). The
 * profiler sees the isolate's thread; the local stores run in isolates of their own and are not in it.
 */
import { once } from "node:events";

export interface Profile {
  /** Milliseconds of CPU for one webhook, all but idle. */
  activeMs: number;
  /** Where most of it went, by function, dearest first. */
  dearest: { name: string; ms: number }[];
}

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; lineNumber: number; columnNumber: number } }[];
  samples: number[];
  /** Microseconds. */
  timeDeltas: number[];
}

const SAMPLE_MICROSECONDS = 200;
/** The sampler sleeps while the isolate waits: after a longer gap than this a sample stands for one interval only. */
const WAITED_MICROSECONDS = 2 * SAMPLE_MICROSECONDS;
const SHOWN = 12;

/**
 * @param inspector WebSocket URL of the isolate's inspector
 * @param webhooks how many of them the work handles; the figures are for one
 */
export async function profile(inspector: URL, webhooks: number, work: () => Promise<unknown>): Promise<Profile> {
  const socket = new WebSocket(String(inspector));
  await once(socket, "open");
  let id = 0;
  const ask = (method: string, params: object = {}) =>
    new Promise<unknown>((resolve) => {
      const asked = ++id;
      socket.addEventListener("message", function answered({ data }) {
        const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
        if (message.id !== asked) return;
        socket.removeEventListener("message", answered);
        resolve(message.result);
      });
      socket.send(JSON.stringify({ id: asked, method, params }));
    });
  await ask("Profiler.enable");
  await ask("Profiler.setSamplingInterval", { interval: SAMPLE_MICROSECONDS });
  await ask("Profiler.start");
  await work();
  const { profile: recorded } = (await ask("Profiler.stop")) as { profile: CpuProfile };
  socket.close();
  return summarizeProfile(recorded, webhooks);
}

function summarizeProfile({ nodes, samples, timeDeltas }: CpuProfile, webhooks: number): Profile {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, lineNumber, columnNumber } }) => [
      id,
      functionName.startsWith("(")
        ? functionName
        : `${functionName || "anonymous"} ${lineNumber + 1}:${columnNumber + 1}`,
    ]),
  );
  const byName = new Map<string, number>();
  samples.forEach((sample, index) => {
    const name = names.get(sample) ?? "";
    const gap = timeDeltas[index] ?? 0;
    const spent = gap > WAITED_MICROSECONDS ? SAMPLE_MICROSECONDS : gap;
    byName.set(name, (byName.get(name) ?? 0) + spent / 1000 / webhooks);
  });
  byName.delete("(idle)");
  const dearest = [...byName].map(([name, ms]) => ({ name, ms })).sort((left, right) => right.ms - left.ms);
  return { activeMs: dearest.reduce((total, { ms }) => total + ms, 0), dearest: dearest.slice(0, SHOWN) };
}

/** The resident memory of workerd, from /proc: Linux only. */
import { readFileSync, readdirSync } from "node:fs";

export interface Watch {
  /** Most there was since the watch began, beyond what there was then, in bytes. */
  stop(): number;
}

const SAMPLE_MS = 50;

export function watchMemory(pid: number): Watch {
  const before = residentBytes(pid);
  let most = before;
  const look = () => (most = Math.max(most, residentBytes(pid)));
  const looking = setInterval(look, SAMPLE_MS);
  return {
    stop() {
      clearInterval(looking);
      return look() - before;
    },
  };
}

/** Of this process or of its children, theirs too. */
export function findWorkerd(): number {
  const found = descendants(process.pid).filter((pid) => read(pid, "comm").trim() === "workerd");
  const [pid] = found;
  if (pid === undefined || found.length > 1) throw new Error(`${found.length} processes of workerd instead of one`);
  return pid;
}

function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    read(pid, `task/${task}/children`).split(" ").filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(pid, "status"))?.[1]) * 1024;
}

const read = (pid: number, file: string): string => readFileSync(`/proc/${pid}/${file}`, "utf8");

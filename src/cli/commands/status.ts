/** `gatepost status`: whether the gateway can do its work, what that rests on, and what waits. */
import type { Command } from "commander";
import { notAGateway } from "../api.ts";
import { describe, type Act } from "../command.ts";
import { Silent } from "../failure.ts";
import type { Session } from "../session.ts";
import { styled, type Cell } from "../table.ts";
import { howLong } from "../times.ts";

/** As `GET /readyz` tells it to whoever is signed in. */
interface Readiness {
  status: "ready" | "not_ready";
  version?: string;
  bindings?: Record<string, "reached" | "unreachable">;
  ledger?: "current" | "behind";
  configuration?: { state: "current" | "last_good" | "none"; version?: string | number };
  missing?: { secrets: string[]; bindings: string[] };
  backlog?: {
    due: number;
    oldestDueSeconds: number;
    waiting: number;
    held: number;
    outbox: number;
    queues: Record<string, number>;
  };
}

const REMEDIES = {
  behind: "behind: nothing further is taken up before POST /api/reindex",
  last_good: "the newest document is not valid, so the last good one is used",
  none: "none: gatepost config push <file>",
} as const;

export function addStatus(program: Command, act: Act): void {
  describe(
    program.command("status"),
    "say whether the gateway can do its work, and what waits",
    ["status", "status --json --url https://gatepost.example.com"],
    "Ends with 1 where it cannot.",
  ).action(act<object, []>(status));
}

async function status({ api, printer }: Session): Promise<void> {
  const { body } = await api.call<Readiness>("GET", "/readyz", {}, [200, 503]);
  if (!["ready", "not_ready"].includes(body.status)) throw notAGateway(api);
  if (printer.isJson) printer.record(body);
  else printer.table(rowsOf(body, api.url));
  if (body.status !== "ready") throw new Silent("not ready");
}

function rowsOf(
  { status: state, version, bindings = {}, ledger, configuration, missing, backlog }: Readiness,
  url: string,
): Cell[][] {
  const unreachable = Object.keys(bindings).filter((name) => bindings[name] === "unreachable");
  const row = (name: string, fault: string | undefined, fine: string): Cell[] => [
    styled("bold", name),
    fault === undefined ? fine : styled("red", fault),
  ];
  const remedy = configuration && configuration.state !== "current" ? REMEDIES[configuration.state] : undefined;
  return [
    row(
      "gateway",
      state === "ready" ? undefined : "not ready",
      `ready  ${url}${version === undefined ? "" : `  ${version}`}`,
    ),
    row("stores", unreachable.length > 0 ? `unreachable: ${unreachable.join(", ")}` : undefined, "reached"),
    row("ledger", ledger === "behind" ? REMEDIES.behind : undefined, ledger ?? "unknown"),
    row("configuration", remedy, `version ${configuration?.version ?? "?"}`),
    ...(missing?.secrets.length ? [row("secrets", `not set: ${missing.secrets.join(", ")}`, "")] : []),
    ...(missing?.bindings.length ? [[styled("bold", "not bound"), missing.bindings.join(", ")]] : []),
    ...(backlog ? backlogRows(backlog) : []),
  ];
}

function backlogRows({
  due,
  oldestDueSeconds,
  waiting,
  held,
  outbox,
  queues,
}: NonNullable<Readiness["backlog"]>): Cell[][] {
  const oldest = due > 0 ? `, the oldest for ${howLong(oldestDueSeconds * 1000)}` : "";
  const queued = Object.entries(queues).filter(([, length]) => length > 0);
  return [
    [
      styled("bold", "waits"),
      `${due} due${oldest}; ${waiting} for their vendor, ${held} held, ${outbox} in the outbox`,
    ],
    ...queued.map(([name, length]): Cell[] => ["", `${length} in ${name}`]),
  ];
}

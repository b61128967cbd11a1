/** The benchmark's results as tables. */
import type { Cost } from "./costs.ts";
import type { Profile } from "./profile.ts";
import type { Comparison, Figures } from "./statistics.ts";
import type { Operations } from "./operations.ts";

export interface Results {
  receive: { c16: Comparison; c1: Comparison };
  endToEnd: { s1: Comparison; s10: Comparison };
  lost: number;
  duplicated: number;
  usdPerMillion: { s1: number; s5: number };
  costs: { s1: Cost[]; s5: Cost[] };
  operations: { receive: { gateway: Operations; floor: Operations }; whole: { s1: Operations; s5: Operations } };
  cpuMs: { receive: number; whole: number };
  profiles: { receive: { gateway: Profile; floor: Profile }; whole: { s1: Profile; s5: Profile } };
  bundleKiB: number;
  startupMs: number;
  bareStartupMs: number;
}

type Row = readonly (string | number)[];

export function report(results: Results): string {
  const { receive, endToEnd, operations, costs, usdPerMillion, cpuMs, profiles } = results;
  const compared: Row[] = [
    ...rowsOf("receive, 16 connections", receive.c16),
    ...rowsOf("receive, 1 connection", receive.c1),
    ...rowsOf("end to end, 1 subscriber", endToEnd.s1),
    ...rowsOf("end to end, 10 subscribers", endToEnd.s10),
  ];
  const storage = (Object.keys(operations.receive.floor) as (keyof Operations)[]).map((name): Row => [
    name,
    digits(operations.receive.gateway[name]),
    digits(operations.receive.floor[name]),
    digits(operations.whole.s1[name]),
    digits(operations.whole.s5[name]),
  ]);
  const dollars = costs.s1.map(({ operation, usdPerMillion: usd }): Row => [
    operation,
    digits(usd),
    digits(costs.s5.find((cost) => cost.operation === operation)?.usdPerMillion ?? 0),
  ]);
  return [
    table(["webhooks", "", "gateway", "floor", "ratio"], compared),
    `lost ${results.lost}, duplicated ${results.duplicated}`,
    table(["operations per webhook", "received", "floor's", "1 subscriber", "5 subscribers"], storage),
    table(
      ["US dollars per million", "1 subscriber", "5 subscribers"],
      [...dollars, ["in all", digits(usdPerMillion.s1), digits(usdPerMillion.s5)]],
    ),
    table(
      ["CPU of receiving, ms", "gateway", "floor"],
      [
        ["all but idle", digits(cpuMs.receive), digits(profiles.receive.floor.activeMs)],
        ...profiles.receive.gateway.dearest.map(({ name, ms }): Row => [name, digits(ms), ""]),
      ],
    ),
    table(
      ["Worker", ""],
      [
        ["bundle, KiB gzipped", results.bundleKiB],
        ["start-up, ms of CPU", results.startupMs],
        ["start-up of a bare Hono app", results.bareStartupMs],
      ],
    ),
    "",
  ].join("\n\n");
}

function rowsOf(name: string, { gateway, floor, ratio }: Comparison): Row[] {
  const lines: [keyof Figures, string][] = [
    ["rps", "per second"],
    ["p50", "p50, ms"],
    ["p99", "p99, ms"],
  ];
  return lines.map(([key, unit], index) => [
    index === 0 ? name : "",
    unit,
    digits(gateway[key]),
    digits(floor[key]),
    digits(ratio[key]),
  ]);
}

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(2));

/** As Markdown, so that it can be pasted where it is read. */
function table(head: Row, rows: readonly Row[]): string {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (column === 0 ? (row[column] ?? "").padEnd(width) : (row[column] ?? "").padStart(width))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(all[0] ?? []), rule, ...all.slice(1).map(line)].join("\n");
}

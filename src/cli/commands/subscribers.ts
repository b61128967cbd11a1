/** `gatepost subscribers`: how they fare, and what an operator does about it. */
import type { Command } from "commander";
import { segment } from "../api.ts";
import { describe, type Act } from "../command.ts";
import { waitForEvent } from "../delivering.ts";
import type { Session } from "../session.ts";
import { headings, styled } from "../table.ts";
import { count, moment } from "../times.ts";

interface Subscriber {
  name: string;
  state: "active" | "paused" | "disabled";
  breaker: "closed" | "open";
  consecutiveFailures: number;
  lastSuccessAt?: string;
  lastFailureAt?: string;
  pausedWhy?: string;
  pausedBy?: string;
  owed: number;
  held: number;
  atLeast?: true;
  released?: number;
}

const PATH = "/api/subscribers";

export function addSubscribers(program: Command, act: Act): void {
  const subscribers = describe(program.command("subscribers"), "who is told, and how they fare");
  describe(subscribers.command("list"), "list the subscribers and how each fares").action(act(list));
  const doing = (name: string, summary: string) =>
    describe(subscribers.command(name), summary, [`subscribers ${name} decisioning`]).argument("<name>");
  doing("pause", "hold what a subscriber is owed, until it is resumed").action(
    act<object, [string]>(async (session, _options, name) => {
      const health = await session.api.post<Subscriber>(`${PATH}/${segment(name)}/pause`);
      tellDone(session, health, `${health.name} is paused. Let it go on: gatepost subscribers resume ${health.name}`);
    }),
  );
  doing("resume", "end a pause, and send what was held in the order of its receipt").action(
    act<object, [string]>(async (session, _options, name) => {
      const health = await session.api.post<Subscriber>(`${PATH}/${segment(name)}/resume`);
      const more = health.held > 0 ? `, ${health.held} more to follow` : "";
      tellDone(
        session,
        health,
        `${health.name} goes on; ${count(health.released ?? 0, "delivery", "deliveries")} sent${more}`,
      );
    }),
  );
  doing("test", "send a subscriber an event of the gateway's own")
    .option("--wait", "until it has been taken, or not")
    .action(act(test));
}

function tellDone({ printer }: Session, health: Subscriber, sentence: string): void {
  if (printer.isJson) printer.record(health);
  else printer.success(sentence);
}

async function list({ api, printer }: Session): Promise<void> {
  const { items } = await api.get<{ items: Subscriber[] }>(PATH);
  if (printer.isJson) return items.forEach((each) => printer.record(each));
  printer.table([
    headings("name", "state", "breaker", "owed", "held", "last success (UTC)", "last failure (UTC)", ""),
    ...items.map((each) => [
      styled("bold", each.name),
      styled(each.state === "active" ? "green" : "yellow", each.state),
      styled(each.breaker === "closed" ? "reset" : "red", each.breaker),
      `${each.owed}${each.atLeast ? "+" : ""}`,
      each.held,
      moment(each.lastSuccessAt),
      moment(each.lastFailureAt),
      each.pausedBy ?? each.pausedWhy,
    ]),
  ]);
}

async function test(session: Session, { wait }: { wait?: true }, name: string): Promise<void> {
  const { api, printer } = session;
  const sent = await api.post<{ event: string; delivery: string }>(`${PATH}/${segment(name)}/test`);
  if (printer.isJson) printer.record(sent);
  else printer.success(`${sent.event} is on its way to ${name}`);
  if (wait === true) await waitForEvent(session, sent.event, ({ id }) => id === sent.delivery);
  else printer.note(`  What came of it: gatepost events show ${sent.event}`);
}

/** `gatepost replay`: one event, or all that a filter lets through, sent again; and `gatepost replays`: how far that has come. */
import type { Command } from "commander";
import type { DeliveryRecord } from "../../core/search.ts";
import { eachItem, segment } from "../api.ts";
import { collect, describe, type Act } from "../command.ts";
import { waitForEvent } from "../delivering.ts";
import { Failure, Interrupted, Misuse } from "../failure.ts";
import { watchReplay, type Replay } from "../replaying.ts";
import type { Session } from "../session.ts";
import { headings, styled } from "../table.ts";
import { count, moment, readTime, toIso } from "../times.ts";
import { addFilter, queryOf, type EventFilter } from "./events.ts";

interface ReplayOptions extends EventFilter {
  to?: string[];
  since?: string;
  until?: string;
  dryRun?: true;
  wait?: true;
  yes?: true;
}

export function addReplay(program: Command, act: Act): void {
  const replay = describe(
    program.command("replay"),
    "send events again: one, or all that a filter lets through",
    [
      "replay evt_0123… --to decisioning --wait",
      "replay --since 1d --subscriber decisioning --wait",
      "replay --since 2026-01-01 --outcome approved --to newcomer --dry-run",
    ],
    "A filter sends what gave up (--state dead), unless --state or --to says otherwise; it is counted first, and asked about.",
  )
    .argument("[event]", "evt_…")
    .option("--to <subscriber>", "to this one, had it the event or not; may be given again", collect)
    .option("--since <time>", "received since: 15m, 2h, 3d ago, or 2026-02-03, or 2026-02-03T09:00Z")
    .option("--until <time>", "received before");
  addFilter(replay)
    .option("--dry-run", "count, and send nothing")
    .option("--wait", "until nothing of it is owed any more; ends with 1 where a delivery is not taken")
    .option("-y, --yes", "without a question")
    .action(act<ReplayOptions, [string?]>(send));

  const replays = describe(program.command("replays"), "replays, and how far each has come");
  describe(replays.command("list"), "list the replays of the last 90 days").action(act(list));
  describe(replays.command("show"), "show how far a replay has come", ["replays show rpl_0123… --wait"])
    .argument("<id>", "rpl_…")
    .option("--wait", "until nothing of it is owed any more")
    .action(act(show));
  describe(replays.command("cancel"), "end a replay; what was sent already stays owed")
    .argument("<id>", "rpl_…")
    .action(act<object, [string]>(cancel));
}

function send(session: Session, options: ReplayOptions, event?: string): Promise<void> {
  return event === undefined ? sendMany(session, options) : sendOne(session, options, event);
}

interface Resent {
  items: { delivery: string; subscriber: string; state: string }[];
  skipped: { subscriber: string; why: string }[];
}

async function sendOne(session: Session, options: ReplayOptions, event: string): Promise<void> {
  const { api, printer } = session;
  const { to, wait, since, until, dryRun } = options;
  const filter = Object.values(queryOf(options)).some((value) => value !== undefined);
  if (filter || since !== undefined || until !== undefined || dryRun)
    throw new Misuse(
      "a filter and one event at once",
      "Of one event only --to says to whom: gatepost replay evt_… --to decisioning",
    );
  const path = `/api/events/${segment(event)}/replay`;
  const { items, skipped } = await api.post<Resent>(path, to === undefined ? {} : { subscribers: to });
  for (const item of items)
    if (printer.isJson) printer.record(item);
    else printer.success(`on its way to ${item.subscriber}`);
  for (const item of skipped)
    if (printer.isJson) printer.record(item);
    else
      printer.complain(`${printer.paintNote("yellow", "!")} not to ${item.subscriber}: ${item.why.replace("_", " ")}`);
  if (items.length === 0) throw new Failure("nothing was sent", `Who had it: gatepost events show ${event}`);
  const sent = new Set(items.map(({ delivery }) => delivery));
  if (wait) await waitForEvent(session, event, ({ id }: DeliveryRecord) => sent.has(id));
}

async function sendMany(session: Session, options: ReplayOptions): Promise<void> {
  const { api, printer, questions, now } = session;
  if (options.since === undefined)
    throw new Misuse(
      "an event, or --since, is wanted",
      "gatepost replay evt_…, or gatepost replay --since 1d --subscriber decisioning",
    );
  const order = {
    ...queryOf(options),
    from: toIso(readTime(options.since, now(), "--since")),
    ...(options.until === undefined ? {} : { to: toIso(readTime(options.until, now(), "--until")) }),
    ...(options.to === undefined ? {} : { subscribers: options.to }),
  };
  const dryRun = await api.call<Counted>("POST", "/api/replays", { body: order, query: { dryRun: true } });
  const counted = dryRun.body;
  if (printer.isJson && options.dryRun) return printer.record(counted);
  const many = `${counted.atLeast ? "at least " : ""}${count(counted.deliveries, "delivery", "deliveries")} of ${count(counted.events, "event")}`;
  if (options.dryRun || counted.deliveries === 0) return printer.success(`${many}; nothing was sent`);
  if (!options.yes)
    await questions.confirm(`Send ${many} again?`, `Pass --yes to send ${many} again without a question.`);
  const replay = await api.post<Replay>("/api/replays", order);
  if (!options.wait) {
    if (printer.isJson) return printer.record(replay);
    printer.success(`${replay.id} is under way: ${many}`);
    return printer.note(
      `  Watch it: gatepost replays show ${replay.id} --wait   End it: gatepost replays cancel ${replay.id}`,
    );
  }
  await watch(session, replay, counted.deliveries);
}

interface Counted {
  events: number;
  deliveries: number;
  atLeast?: true;
}

async function watch(session: Session, replay: Replay, expected?: number): Promise<void> {
  const { printer } = session;
  try {
    const { replay: last, dead } = await watchReplay(session, replay, expected);
    if (printer.isJson) printer.record({ ...last, dead });
    else
      printer.success(
        `${replay.id} ${last.state}: ${count(last.sent, "delivery", "deliveries")} sent again, ${last.skipped} left out, ${dead} not taken`,
      );
    if (dead > 0)
      throw new Failure(
        `${count(dead, "delivery was", "deliveries were")} not taken`,
        "gatepost deliveries list --failed",
      );
  } catch (error) {
    if (error instanceof Interrupted)
      printer.note(
        `\nIt goes on without you. Watch it: gatepost replays show ${replay.id} --wait   End it: gatepost replays cancel ${replay.id}`,
      );
    throw error;
  }
}

async function list({ api, printer }: Session): Promise<void> {
  const rows = [headings("id", "state", "events", "sent", "left out", "by", "asked for (UTC)")];
  for await (const each of eachItem<Replay>(api, "/api/replays", {}, 200)) {
    if (printer.isJson) printer.record(each);
    const { id, state, events, sent, skipped, createdBy, createdAt } = each;
    rows.push([styled("bold", id), state, events, sent, skipped, createdBy, moment(createdAt)]);
  }
  if (!printer.isJson) printer.table(rows);
}

async function show(session: Session, { wait }: { wait?: true }, id: string): Promise<void> {
  const replay = await session.api.get<Replay>(`/api/replays/${segment(id)}`);
  return wait ? watch(session, replay) : tell(session, replay);
}

async function cancel(session: Session, _options: object, id: string): Promise<void> {
  tell(session, (await session.api.call<Replay>("DELETE", `/api/replays/${segment(id)}`)).body);
}

function tell({ printer }: Session, replay: Replay): void {
  if (printer.isJson) return printer.record(replay);
  const { id, state, events, sent, skipped, reached } = replay;
  printer.line(`${printer.paint("bold", id)}  ${state}`);
  printer.line(
    `  ${count(events, "event")} looked at, ${count(sent, "delivery", "deliveries")} sent again, ${skipped} left out`,
  );
  if (state === "running" && reached !== undefined)
    printer.line(`  as far as what was received until ${moment(reached)} UTC`);
}

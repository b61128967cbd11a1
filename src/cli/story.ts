/** One event's road, step by step. What it says about a person is left to `--json`. */
import type { EventSummary, FileRecord, FoundDelivery, ReceiptRecord } from "../core/search.ts";
import { plain } from "./plain.ts";
import type { Printer } from "./printer.ts";
import { styled, type Cell } from "./table.ts";
import { clock, howLong, moment } from "./times.ts";
import { outcomeCell, stateCell } from "./words.ts";

/** As `GET /api/events/{id}` tells it. */
export interface Story extends Omit<EventSummary, "receipt"> {
  receipt?: ReceiptRecord;
  verification?: { basis: string; scheme?: string };
  reading?: { asked: number; at: string; confirmed: boolean; refusals: string[] };
  normalization: { config?: string };
  files: FileRecord[];
  routing: {
    judgedBy: string;
    subscribers: { subscriber: string; matched: boolean; because?: string; condition?: string }[];
  };
  deliveries: (Omit<FoundDelivery, "attempts"> & {
    attempts: (FoundDelivery["attempts"][number] & { answer?: string })[];
  })[];
}

export function tellStory(story: Story, printer: Printer): void {
  const { paint, line } = printer;
  line(`${paint("bold", story.id)}  ${plain(story.type)}${story.superseded ? paint("yellow", "  superseded") : ""}`);
  line();
  printer.table(stepsOf(story));
  if (story.deliveries.length === 0) return;
  line();
  printer.table(story.deliveries.flatMap(attemptsOf));
  const owed = story.deliveries.find(({ state }) => state === "dead");
  if (owed) printer.note(`\nSend it again: gatepost deliveries retry ${owed.id}`);
}

function stepsOf(story: Story): Cell[][] {
  const { receipt, verification, reading, files, routing, normalization } = story;
  const step = (name: string, ...cells: Cell[]): Cell[] => ["", styled("dim", name), ...cells];
  return [
    step("session", `${story.source}  ${story.session ?? ""}`),
    step("outcome", outcomeCell(story.outcome)),
    step(
      "received",
      `${moment(story.receivedAt)} UTC${receipt ? `  ${receipt.id}${receipt.size === undefined ? "" : `, ${receipt.size} bytes`}` : ""}`,
    ),
    ...(verification
      ? [step("proven", `${verification.basis}${verification.scheme ? ` (${verification.scheme})` : ""}`)]
      : []),
    ...(reading ? [step("read back", readingOf(reading))] : []),
    ...files.map(({ kind, contentType, size, id }, index) =>
      step(index === 0 ? "files" : "", `${kind}  ${contentType}  ${Math.ceil(size / 1000)} kB  ${id}`),
    ),
    ...(normalization.config === undefined ? [] : [step("made by", `configuration ${normalization.config}`)]),
    ...routing.subscribers.map(({ subscriber, matched, because, condition }, index) =>
      step(
        index === 0 ? "routed" : "",
        `${matched ? "to" : "not to"} ${subscriber}${because && !matched ? `: ${because}${condition ? ` ${condition}` : ""}` : ""}`,
      ),
    ),
  ];
}

const readingOf = ({ asked, confirmed, refusals }: NonNullable<Story["reading"]>): string =>
  [`asked ${asked === 1 ? "once" : `${asked} times`}`, confirmed ? "confirmed" : "not confirmed", ...refusals].join(
    ", ",
  );

function attemptsOf({ subscriber, state, id, attempts, dueAt }: Story["deliveries"][number]): Cell[][] {
  const due = state === "pending" || state === "retrying" ? `due ${moment(dueAt)} UTC` : undefined;
  return [
    ["", styled("bold", subscriber), stateCell(state), due, "", styled("dim", id)],
    ...attempts.map(({ attempt, at, status, ms, reason, answer, asked }): Cell[] => [
      "",
      `  ${attempt}${asked ? " (asked)" : ""}`,
      clock(at),
      [status, reason].filter((each) => each !== undefined).join(" "),
      ms === undefined ? undefined : howLong(ms),
      styled("dim", answer === undefined ? undefined : answer.slice(0, MOST_OF_ANSWER)),
    ]),
  ];
}

const MOST_OF_ANSWER = 60;

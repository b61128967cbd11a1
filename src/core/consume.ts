/**
 * One ack policy for every queue: what was handled is acknowledged; what was not comes again, later and later; in a
 * dead-letter queue, which is the last stop, it is tried once more and then put on record. A store that is out of reach is nobody's
 * fault and never buries anything.
 */
import { DEAD_LETTER_BACKOFF_SECONDS, queueBackoffSeconds } from "./backoff.ts";
import { Unavailable } from "./unavailable.ts";

export interface QueueMessage {
  readonly id: string;
  /** How often it has been handed out, this time included. */
  readonly attempts: number;
  readonly body: unknown;
  ack(): void;
  retry(options: { delaySeconds: number }): void;
}

export interface TaskMessage<T> {
  /** The queue's id; the same each time the message is handed out. */
  id: string;
  task: T;
  /** It has been handed out before, so its consumer may have died half-way. */
  isRedelivered: boolean;
}

export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** `fields` are for the log. */
export type Handled = { ok: true; outcome: string; fields: Fields } | { ok: false; error: unknown };

/** A stage as a queue sees it. */
export interface Lane<T> {
  stage: "process" | "deliver";
  accepts(body: unknown): body is T;
  /** One answer per message, in their order. */
  handle(messages: readonly TaskMessage<T>[]): Promise<Handled[]>;
  /** What the log is told of a task that could not be handled. */
  describe(task: T): Fields | Promise<Fields>;
  /** Makes visible that this task will never be handled. */
  bury(task: T): Promise<void>;
}

export interface ConsumeDeps {
  recordDeadLetter(queue: string, id: string, body: unknown): Promise<void>;
  log(record: Fields & { stage: "process" | "deliver"; outcome: string }): void;
}

export async function consume<T>(
  batch: { queue: string; messages: readonly QueueMessage[]; isDeadLetter: boolean },
  lane: Lane<T>,
  deps: ConsumeDeps,
): Promise<void> {
  const { messages, isDeadLetter } = batch;
  const tasks = messages.flatMap(({ id, attempts, body }): TaskMessage<T>[] =>
    lane.accepts(body) ? [{ id, task: body, isRedelivered: attempts > 1 || isDeadLetter }] : [],
  );
  const handled = new Map((await handleAll(tasks, lane)).map((each, index) => [tasks[index]?.id, each]));
  for (const message of messages) {
    const result = handled.get(message.id) ?? { ok: false, error: new Error("not a task of this queue") };
    const { attempts } = message;
    if (result.ok) {
      message.ack();
      deps.log({ stage: lane.stage, outcome: result.outcome, ...result.fields, attempts });
      continue;
    }
    const outcome = isDeadLetter
      ? await buryOrWait(batch.queue, message, result.error, lane, deps)
      : again(message, queueBackoffSeconds(attempts));
    const fields = lane.accepts(message.body) ? await lane.describe(message.body) : {};
    deps.log({ stage: lane.stage, outcome, ...fields, reason: describe(result.error), attempts });
  }
}

async function handleAll<T>(tasks: readonly TaskMessage<T>[], lane: Lane<T>): Promise<Handled[]> {
  try {
    return tasks.length > 0 ? await lane.handle(tasks) : [];
  } catch (error) {
    return tasks.map(() => ({ ok: false, error }));
  }
}

async function buryOrWait<T>(
  queue: string,
  message: QueueMessage,
  error: unknown,
  lane: Lane<T>,
  deps: ConsumeDeps,
): Promise<"buried" | "again"> {
  if (!(error instanceof Unavailable)) {
    try {
      await deps.recordDeadLetter(queue, message.id, message.body);
      if (lane.accepts(message.body)) await lane.bury(message.body);
      message.ack();
      return "buried";
    } catch {
      // The record itself could not be made; the message waits until it can.
    }
  }
  return again(message, DEAD_LETTER_BACKOFF_SECONDS);
}

function again(message: QueueMessage, delaySeconds: number): "again" {
  message.retry({ delaySeconds });
  return "again";
}

/** The name of an error, never its message: that may repeat what a vendor sent. */
function describe(error: unknown): string {
  if (error instanceof Unavailable) return `${error.store} unavailable`;
  return error instanceof Error ? error.name : "unknown";
}

import { describe, expect, it } from "vitest";
import { consume, type Handled, type Lane, type QueueMessage, type TaskMessage } from "../../src/core/consume.ts";
import { isTaskOf } from "../../src/core/tasks.ts";
import { Unavailable } from "../../src/core/unavailable.ts";

interface Task {
  kind: "task";
  what: "done" | "poison" | "unreachable";
}

/** What happened to each message, in words. */
class Message implements QueueMessage {
  readonly id: string;
  readonly attempts: number;
  readonly body: unknown;
  fate: string[] = [];

  constructor(body: unknown, attempts = 1, id = crypto.randomUUID()) {
    this.id = id;
    this.attempts = attempts;
    this.body = body;
  }
  ack(): void {
    this.fate.push("ack");
  }
  retry({ delaySeconds }: { delaySeconds: number }): void {
    this.fate.push(`again in ${delaySeconds}`);
  }
}

const task = (what: Task["what"]): Task => ({ kind: "task", what });

function createBench(overrides: Partial<Lane<Task>> & { record?: () => Promise<void> } = {}) {
  const handedOver: TaskMessage<Task>[] = [];
  const buried: Task[] = [];
  const recorded: unknown[] = [];
  const logged: Record<string, unknown>[] = [];
  const lane: Lane<Task> = {
    stage: "process",
    accepts: (body): body is Task => typeof body === "object" && body !== null && "what" in body,
    handle: (messages) => {
      handedOver.push(...messages);
      return Promise.resolve(messages.map(({ task: each }) => handled(each)));
    },
    describe: ({ what }) => ({ what }),
    bury: (each) => Promise.resolve(void buried.push(each)),
    ...overrides,
  };
  const deps = {
    recordDeadLetter: overrides.record ?? ((...record: unknown[]) => Promise.resolve(void recorded.push(record))),
    log: (record: Record<string, unknown>) => void logged.push(record),
  };
  const run = (messages: Message[], isDeadLetter = false) =>
    consume({ queue: "inbound", messages, isDeadLetter }, lane, deps);
  return { run, handedOver, buried, recorded, logged };
}

function handled({ what }: Task): Handled {
  if (what === "done") return { ok: true, outcome: "done", fields: { receipt: "rcp_1" } };
  return { ok: false, error: what === "poison" ? new TypeError("MARKER") : new Unavailable("ledger") };
}

const fates = (messages: Message[]) => messages.map(({ fate }) => fate.join(", "));

describe("a queue", () => {
  it("acknowledges what was handled, and hands the rest out again, each by itself", async () => {
    const messages = [
      new Message(task("done")),
      new Message(task("poison"), 3),
      new Message({ foreign: true }, 4),
      new Message(task("unreachable"), 20),
      new Message(task("done")),
    ];
    const bench = createBench();
    await bench.run(messages);
    expect(fates(messages)).toEqual(["ack", "again in 8", "again in 16", "again in 300", "ack"]);
    expect(bench.handedOver.map(({ task: { what } }) => what)).toEqual(["done", "poison", "unreachable", "done"]);
    expect([bench.buried, bench.recorded]).toEqual([[], []]);
  });

  it("hands everything out again, later and later, when its stage fails as a whole", async () => {
    const messages = [1, 2, 3, 12].map((attempts) => new Message(task("done"), attempts));
    await createBench({ handle: () => Promise.reject(new Error("MARKER")) }).run(messages);
    expect(fates(messages)).toEqual(["again in 2", "again in 4", "again in 8", "again in 300"]);
  });

  it("does not trouble its stage with nothing", async () => {
    const bench = createBench({ handle: () => Promise.reject(new Error("called")) });
    const messages = [new Message("foreign")];
    await bench.run(messages);
    await bench.run([]);
    expect(fates(messages)).toEqual(["again in 2"]);
  });

  it("says which messages may have been half handled before", async () => {
    const bench = createBench();
    await bench.run([new Message(task("done")), new Message(task("done"), 2)]);
    await bench.run([new Message(task("done"))], true);
    expect(bench.handedOver.map(({ isRedelivered }) => isRedelivered)).toEqual([false, true, true]);
  });

  it("logs one record per message with its ids, and of an error no more than its name", async () => {
    const bench = createBench();
    await bench.run([new Message(task("done")), new Message(task("poison")), new Message(task("unreachable"))]);
    expect(bench.logged).toEqual([
      { stage: "process", outcome: "done", receipt: "rcp_1", attempts: 1 },
      { stage: "process", outcome: "again", what: "poison", reason: "TypeError", attempts: 1 },
      { stage: "process", outcome: "again", what: "unreachable", reason: "ledger unavailable", attempts: 1 },
    ]);
  });
});

describe("a dead-letter queue", () => {
  it("acknowledges what can be handled after all", async () => {
    const bench = createBench();
    const messages = [new Message(task("done"))];
    await bench.run(messages, true);
    expect(fates(messages)).toEqual(["ack"]);
    expect(bench.recorded).toEqual([]);
  });

  it("puts poison on record, makes it visible, and only then acknowledges it", async () => {
    const bench = createBench();
    const message = new Message(task("poison"), 1, "message-1");
    await bench.run([message], true);
    expect(message.fate).toEqual(["ack"]);
    expect(bench.recorded).toEqual([["inbound", "message-1", task("poison")]]);
    expect(bench.buried).toEqual([task("poison")]);
    expect(bench.logged[0]).toMatchObject({ outcome: "buried", reason: "TypeError" });
  });

  it("puts a foreign body on record, which nobody can bury", async () => {
    const bench = createBench();
    const message = new Message("what is this", 1, "message-1");
    await bench.run([message], true);
    expect(message.fate).toEqual(["ack"]);
    expect(bench.recorded).toEqual([["inbound", "message-1", "what is this"]]);
    expect(bench.buried).toEqual([]);
  });

  it("never buries what only a store out of reach kept from being handled, however often it came", async () => {
    const bench = createBench();
    const messages = [1, 50, 100].map((attempts) => new Message(task("unreachable"), attempts));
    await bench.run(messages, true);
    expect(fates(messages)).toEqual(["again in 1800", "again in 1800", "again in 1800"]);
    expect([bench.buried, bench.recorded]).toEqual([[], []]);
  });

  it.each([
    ["recorded", { record: () => Promise.reject(new Unavailable("archive")) }],
    ["made visible", { bury: () => Promise.reject(new Unavailable("ledger")) }],
  ])("keeps a message that cannot be %s", async (_name, overrides) => {
    const message = new Message(task("poison"));
    await createBench(overrides).run([message], true);
    expect(message.fate).toEqual(["again in 1800"]);
  });
});

describe("a task", () => {
  it("is one of a known kind in the version that this code writes", () => {
    expect(isTaskOf({ v: 1, kind: "receipt" }, ["receipt", "inline"])).toBe(true);
    for (const body of [
      { v: 2, kind: "receipt" },
      { kind: "receipt" },
      { v: 1, kind: "other" },
      { v: 1 },
      null,
      "receipt",
      [],
    ])
      expect(isTaskOf(body, ["receipt", "inline"])).toBe(false);
  });
});

import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { Unavailable } from "../../src/core/unavailable.ts";
import { createDeadLetterStore } from "../../src/stores/dead-letters.ts";
import { createQueueStore } from "../../src/stores/queues.ts";
import { fails, hangs } from "../faults.ts";

beforeEach(() => reset());

describe("a message", () => {
  const sent: { body: unknown; contentType?: string; delaySeconds?: number }[][] = [];
  const queue = {
    send: (body: unknown, options: object) => Promise.resolve(void sent.push([{ body, ...options }])),
    sendBatch: (messages: { body: unknown }[]) => Promise.resolve(void sent.push(messages)),
  } as unknown as Queue;
  const queuesOf = (each: Queue) =>
    createQueueStore({ inbound: each, sessions: each, deliveries: each, retries: each }, env.ARCHIVE);
  const task = (delivery: string) =>
    ({
      v: 1,
      kind: "deliver",
      delivery,
      sequence: "s",
      event: "evt",
      object: "o",
      subscriber: "s",
      attempt: 1,
      owedAt: 0,
    }) as const;

  beforeEach(() => void sent.splice(0));

  it("is sent with its delay, a hundred at a time", async () => {
    await queuesOf(queue).send(
      "retries",
      Array.from({ length: 201 }, (_, index) => ({ task: task(`${index}`), delaySeconds: 5 })),
    );
    expect(sent.map((batch) => batch.length)).toEqual([100, 100, 1]);
    expect(sent.flat().every(({ delaySeconds, contentType }) => delaySeconds === 5 && contentType === "json")).toBe(
      true,
    );
    await queuesOf(queue).send("retries", []);
    expect(sent).toHaveLength(3);
  });

  it("that the queue does not take, or does not answer for, is an error in time", async () => {
    for (const send of [fails, hangs]) {
      const started = Date.now();
      const broken = { send, sendBatch: send } as unknown as Queue;
      await expect(queuesOf(broken).send("inbound", [{ task: task("a") }])).rejects.toBeInstanceOf(Unavailable);
      expect(Date.now() - started).toBeLessThan(2500);
    }
  });

  it("that is parked is found, in order of its id, until it is unparked", async () => {
    const queues = queuesOf(queue);
    await queues.park("inbound", [{ task: task("second") }], "02");
    await queues.park("inbound", [{ task: task("first"), delaySeconds: 9 }], "01");
    const parked = await queues.parked(10);
    const read = await Promise.all(parked.map((key) => queues.readParked(key)));
    expect(read.map((entry) => entry?.messages)).toEqual([
      [{ task: task("first"), delaySeconds: 9 }],
      [{ task: task("second") }],
    ]);
    expect(await queues.parked(1)).toHaveLength(1);
    for (const key of parked) await queues.unpark(key);
    expect(await queues.parked(10)).toEqual([]);
  });

  it("that nobody can handle is on record as it came, its bytes too", async () => {
    const deadLetters = createDeadLetterStore(env.ARCHIVE);
    await deadLetters.record("gatepost-inbound-dead", "message-1", { v: 9, body: Uint8Array.from([1, 2, 255]) });
    await deadLetters.record("gatepost-inbound-dead", "message-2", "text");
    const { objects } = await env.ARCHIVE.list({ prefix: "dead/" });
    const records = await Promise.all(objects.map(async ({ key }) => (await env.ARCHIVE.get(key))?.json()));
    expect(records).toEqual([
      { v: 1, queue: "gatepost-inbound-dead", id: "message-1", body: { v: 9, body: { base64: "AQL/" } } },
      { v: 1, queue: "gatepost-inbound-dead", id: "message-2", body: "text" },
    ]);
  });
});

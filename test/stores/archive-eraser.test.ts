/** All that R2 has of a session, and of no other. */
import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { beforeEach, expect, it } from "vitest";
import { Unavailable } from "../../src/core/unavailable.ts";
import { createArchiveEraser } from "../../src/stores/archive-eraser.ts";
import { fails, faulty } from "../faults.ts";

const ONE = { source: "seon", session: "1".repeat(32) };
const OTHER = { source: "seon", session: "2".repeat(32) };
const NEIGHBOUR = { ...ONE, source: "seon-two" };

const keysOf = ({ source, session }: typeof ONE) => [
  ...["a", "b", "c"].map((name) => `receipts/${source}/${session}/${name}.0`),
  `events/${source}/${session}/event.json`,
  `files/${session}/file`,
  `dead/${source}/${session}/queue.message.json`,
];
const keys = async () => (await env.ARCHIVE.list()).objects.map(({ key }) => key).sort();

beforeEach(async () => {
  await reset();
  for (const key of [...keysOf(ONE), ...keysOf(OTHER), "outbox/1.inbound.json"]) await env.ARCHIVE.put(key, "x");
});

it("goes, and is counted by its kind", async () => {
  expect(await createArchiveEraser(env.ARCHIVE).remove(ONE, 100)).toEqual({
    removed: { receipts: 3, events: 1, files: 1, deadLetters: 1 },
    isDone: true,
  });
  expect(await keys()).toEqual([...keysOf(OTHER), "outbox/1.inbound.json"].sort());
  expect((await createArchiveEraser(env.ARCHIVE).remove(NEIGHBOUR, 100)).removed.receipts).toBe(0);
});

it("goes past one page", async () => {
  const list = (options: unknown) => env.ARCHIVE.list({ ...(options as R2ListOptions), limit: 2 });
  const eraser = createArchiveEraser(faulty(env.ARCHIVE, { list }));
  expect(await eraser.remove(ONE, 100)).toMatchObject({ removed: { receipts: 3 }, isDone: true });
});

it("goes no further than asked for at a time, and is done only when nothing more is found", async () => {
  const eraser = createArchiveEraser(env.ARCHIVE);
  const steps = [];
  for (let step = 0; step < 3; step++) steps.push(await eraser.remove(ONE, 4));
  expect(steps.map(({ isDone }) => isDone)).toEqual([false, true, true]);
  expect(steps.map(({ removed }) => Object.values(removed).reduce((sum, count) => sum + count))).toEqual([4, 2, 0]);
});

it("that cannot be removed is a store out of reach", async () => {
  const broken = createArchiveEraser(faulty(env.ARCHIVE, { delete: fails }));
  await expect(broken.remove(ONE, 100)).rejects.toBeInstanceOf(Unavailable);
});

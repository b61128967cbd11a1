/** A ledger is behind where it has forgotten something, and only there. */
import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { beforeEach, expect, it } from "vitest";
import { createLedgerMark } from "../../src/stores/ledger-mark.ts";
import { createCursorLedger } from "../../src/stores/ledger/cursors.ts";
import { createLedgerDatabase } from "../../src/stores/ledger/database.ts";
import { createIsolateMemory } from "../../src/isolate.ts";
import { faulty } from "../faults.ts";

beforeEach(() => reset());

const open = (bucket: R2Bucket) =>
  createLedgerMark(
    bucket,
    createCursorLedger(createLedgerDatabase(env.LEDGER, createIsolateMemory().schema, () => undefined)),
  );

it("a ledger that is told a later time while somebody asks is not taken for one that was lost", async () => {
  const sweeping = open(env.ARCHIVE);
  await sweeping.advance(1000);
  const advances = (step: number) => async (key: unknown) => {
    await scheduler.wait(20);
    await sweeping.advance(step);
    return env.ARCHIVE.get(key as string);
  };
  expect(await open(faulty(env.ARCHIVE, { get: advances(2000) })).isBehind()).toBe(false);
  await env.LEDGER.exec("DELETE FROM cursors");
  expect(await sweeping.isBehind()).toBe(true);
});

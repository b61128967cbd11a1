/** The same webhook again is one event, and what the vendor means anew is another one. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSeon } from "../simulators/seon/seon.ts";
import { configurationOf, createAccounts, SAMPLES, SECRETS, type Accounts } from "./accounts.ts";
import { openGateway, type Gateway } from "./gateway.ts";

/** Milliseconds; copies within 2 s are one arrival. */
const ANOTHER_ARRIVAL = 2200;
const COPIES = 50;

let gateway: Gateway;
let accounts: Accounts;

beforeAll(async () => {
  gateway = await openGateway(configurationOf, SECRETS);
  accounts = createAccounts(gateway.account);
});

afterAll(() => gateway.close());

/** Sends another webhook and waits for its event: whatever was sent before to this source has come by then, or never will. */
async function passAnother(sampleOf: (accounts: Accounts) => ReturnType<(typeof SAMPLES)[string]>): Promise<void> {
  const { sender, payload, subject } = sampleOf(accounts);
  await sender.send(payload);
  await gateway.delivered(subject);
}

describe.concurrent("copies", () => {
  it.each(["seon, hex", "incode, oauth", "unico, basic", "regula"])(
    "%s: fifty at once, and one later, are one receipt, one event and one delivery",
    async (name) => {
      const sampleOf = SAMPLES[name];
      if (!sampleOf) throw new Error("no such sample");
      const { sender, payload, subject, source } = sampleOf(accounts);

      const sent = await sender.repeat(payload, COPIES, "together");
      const ids = new Set(sent.map(({ answer }) => answer.json["id"]));
      expect(sent.map(({ attempts }) => attempts.length)).toEqual(Array(COPIES).fill(1));
      expect(sent.map(({ answer }) => answer.status)).toEqual(Array(COPIES).fill(200));
      expect(ids.size).toBe(1);
      expect(sent.filter(({ answer }) => answer.json["duplicate"] !== true)).toHaveLength(1);

      const [later] = await sender.repeat(payload, 1, "in_turn");
      expect(later?.answer.json).toEqual({ success: true, id: [...ids][0], duplicate: true });

      await gateway.delivered(subject);
      await passAnother(sampleOf);
      expect(await gateway.delivered(subject)).toHaveLength(1);
      expect(await gateway.receipts(source)).toHaveLength(2);
    },
  );
});

describe.concurrent("what is meant anew", () => {
  it("incode: approved, rejected, approved are three events, though the first and the last are the same bytes", async () => {
    const { incodeHeader } = accounts;
    const approved = incodeHeader.payloads.status("MANUAL_REVIEW_APPROVED");
    const rejected = incodeHeader.payloads.status("MANUAL_REVIEW_REJECTED", approved);
    const first = await incodeHeader.send(approved);
    await pause(ANOTHER_ARRIVAL);
    const second = await incodeHeader.send(rejected);
    await pause(ANOTHER_ARRIVAL);
    const third = await incodeHeader.send(approved);
    for (const sent of [first, second, third])
      expect(sent.answer.json, "none of them is a repeat").toEqual({ success: true, id: expect.any(String) });
    const deliveries = await gateway.delivered(approved.interviewId, 3);
    const bySequence = deliveries.map(({ event }) => event).sort(bySequenceOf);
    expect(bySequence.map((event) => event["outcome"])).toEqual(["approved", "declined", "approved"]);
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(3);
  });

  it("seon: an older status that comes after a newer one is delivered, and marked as superseded", async () => {
    const clock = { now: Date.now() - 60_000 };
    const seon = createSeon({
      ...gateway.account("seon-base64"),
      now: () => clock.now,
      licenseKey: SECRETS["seon-key"],
      encoding: "base64",
    });
    const finished = seon.payloads.onTheWire({ status: "REVIEW" });
    const { sessionId } = finished.details;
    clock.now += 30_000;
    await seon.sendReordered([finished, seon.payloads.statusUpdated(sessionId, "APPROVED")]);

    const events = (await gateway.delivered(sessionId, 2)).map(({ event }) => event);
    const of = (outcome: string) => events.find((event) => event["outcome"] === outcome)?.data?.["session"];
    expect(of("review")).toMatchObject({ superseded: true });
    expect(of("approved")).not.toHaveProperty("superseded");
  });
});

describe.concurrent("the validation ping", () => {
  it("is answered although nothing signs it, and leaves nothing", async () => {
    const { seonWithNewKey } = accounts;
    const { answer, isTaken, attempts } = await seonWithNewKey.validateUrl();
    expect(isTaken).toBe(true);
    expect(attempts).toHaveLength(1);
    expect(answer.json).toEqual({ success: true, ignored: true });
    expect(await gateway.receipts("seon-rotating")).toEqual([]);
  });
});

function bySequenceOf(left: { [name: string]: unknown }, right: { [name: string]: unknown }): number {
  return String(left["sequence"]) < String(right["sequence"]) ? -1 : 1;
}

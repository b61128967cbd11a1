import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "../../src/core/base64.ts";
import { sha256Hex, shortHash } from "../../src/core/digest.ts";
import { deliveryId, eventId, hashBody, hashSession, receiptId } from "../../src/core/ids.ts";

const FUZZ = { seed: 20_261_117, numRuns: 300 };
const bytesOf = (text: string) => new TextEncoder().encode(text);

describe("base64", () => {
  it("comes back as it went, in both alphabets, padded or not", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const standard = toBase64(bytes);
        const url = standard.replaceAll("+", "-").replaceAll("/", "_");
        for (const text of [standard, url, standard.replaceAll("=", ""), url.replaceAll("=", "")])
          expect(fromBase64(text)).toEqual(bytes);
      }),
      FUZZ,
    );
  });

  it("is the platform's own, also for more bytes than one call takes", () => {
    const bytes = Uint8Array.from({ length: 100_001 }, (_, index) => index % 251);
    expect(toBase64(bytes)).toBe(bytes.toBase64());
    expect(fromBase64(toBase64(bytes))).toEqual(bytes);
  });

  it.each(["A", "AAAAA", "A A=", "AA\n==", "AAA*", "é", "AA=A", "=A"])("%j is none", (text) => {
    expect(fromBase64(text)).toBeUndefined();
  });

  it("of nothing is nothing", () => {
    expect(toBase64(new Uint8Array())).toBe("");
    expect(fromBase64("")).toEqual(new Uint8Array());
  });
});

describe("a hash", () => {
  it("is the SHA-256 of the bytes", async () => {
    const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(await sha256Hex("abc")).toBe(abc);
    expect(await sha256Hex(bytesOf("abc"))).toBe(abc);
    expect(await hashBody(bytesOf("abc"))).toBe(abc.slice(0, 32));
  });

  it("of parts is another one wherever the parts divide", async () => {
    const parts = fc.array(fc.string({ unit: fc.constantFrom("a", ":", "1", "\n", "2") }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(parts, parts, async (left, right) => {
        fc.pre(JSON.stringify(left) !== JSON.stringify(right));
        expect(await shortHash(...left)).not.toBe(await shortHash(...right));
      }),
      FUZZ,
    );
  });
});

describe("an id", () => {
  const address = { source: "seon", session: "5".repeat(32), body: "b".repeat(32), generation: 0 };

  it("is the same for the same webhook, and looks as promised", async () => {
    expect(await receiptId(address)).toBe(await receiptId({ ...address }));
    expect(await receiptId(address)).toMatch(/^rcp_[0-9a-f]{32}$/);
    expect(await eventId(address, 1)).toMatch(/^evt_[0-9a-f]{32}$/);
    const event = "e".repeat(32);
    expect(await deliveryId(`evt_${event}`, "crm")).toMatch(new RegExp(`^dlv_${event}[0-9a-f]{32}$`));
    expect(await hashSession("seon", "session-1")).toMatch(/^[0-9a-f]{32}$/);
  });

  it("differs by source, body, generation and revision", async () => {
    const addresses = [
      address,
      { ...address, source: "other" },
      { ...address, body: "c".repeat(32) },
      { ...address, generation: 1 },
    ];
    const receipts = await Promise.all(addresses.map(receiptId));
    const events = await Promise.all([...addresses.map((each) => eventId(each, 1)), eventId(address, 2)]);
    const deliveries = await Promise.all([
      deliveryId("evt_a", "b"),
      deliveryId("evt_a", "c"),
      deliveryId("evt_b", "b"),
    ]);
    const sessions = await Promise.all([hashSession("a", "b"), hashSession("a", "c"), hashSession("ab", "")]);
    for (const ids of [receipts, events, deliveries, sessions]) expect(new Set(ids).size).toBe(ids.length);
  });
});

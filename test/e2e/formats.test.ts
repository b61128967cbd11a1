/** Every format, over the wire: any Standard Webhooks library verifies it, and a CloudEvents library reads it. */
import { createHmac, createPublicKey, verify } from "node:crypto";
import { HTTP, type CloudEvent } from "cloudevents";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createSeon } from "../simulators/seon/seon.ts";
import type { Delivery } from "../simulators/subscriber.ts";
import { openGateway, SIGNING_SECRET, type Gateway } from "./gateway.ts";

const FORMATS = ["cloudevents", "cloudevents-binary", "standard", "raw"];
const LICENSE_KEY = "seon-license-key";

let gateway: Gateway;
let body: Buffer;
let deliveries: Map<string, Delivery>;

beforeAll(async () => {
  gateway = await openGateway(
    (url) => ({
      sources: {
        seon: {
          vendor: "seon",
          verify: [{ scheme: "hmac", secrets: [{ secret: "license" }] }],
          events: { "*": "deliver" },
        },
      },
      subscribers: Object.fromEntries(
        FORMATS.map((format) => [
          format,
          {
            url: `${url}/${format}`,
            format,
            signing: [{ secret: "signing" }, { secret: "asymmetric" }],
            headers: { "X-Tenant": "tenant-1" },
            ...(format === "raw"
              ? { forwardHeaders: ["Digest"] }
              : { include: ["person"], redact: ["/data/person/email"] }),
          },
        ]),
      ),
    }),
    { license: LICENSE_KEY },
  );
  const generated = await gateway.admin.call("/api/secrets/asymmetric/generate", "POST", { kind: "whsk" });
  if (!generated.ok) throw new Error(await generated.text());

  for (const format of FORMATS) gateway.subscriber.script(`/${format}`, [{ status: 200 }]);
  const seon = createSeon({ ...gateway.account("seon"), licenseKey: LICENSE_KEY, encoding: "hex" });
  const payload = seon.payloads.onTheWire({ status: "APPROVED" });
  await seon.send(payload);
  body = Buffer.from(JSON.stringify(payload));
  deliveries = await vi.waitFor(
    () => {
      const came = new Map(gateway.subscriber.deliveries.map((delivery) => [delivery.path.slice(1), delivery]));
      if (came.size < FORMATS.length) throw new Error(`only ${[...came.keys()].join(", ")} came`);
      return came;
    },
    { timeout: 20_000, interval: 50 },
  );
});

afterAll(() => gateway.close());

function deliveryOf(format: string): Delivery {
  const delivery = deliveries.get(format);
  if (!delivery) throw new Error("no delivery");
  return delivery;
}

const headersOf = ({ headers }: Delivery) => headers as Record<string, string>;

describe("over the wire", () => {
  it.each(FORMATS)("%s is verified by a Standard Webhooks library, with its symmetric key", (format) => {
    const delivery = deliveryOf(format);
    const webhook = new Webhook(SIGNING_SECRET);
    expect(() => webhook.verify(delivery.body, headersOf(delivery), { jsonParse: false })).not.toThrow();
    const tampered = Buffer.concat([delivery.body, Buffer.from(" ")]);
    expect(() => webhook.verify(tampered, headersOf(delivery), { jsonParse: false })).toThrow("No matching signature");
  });

  it.each(FORMATS)("%s is verified with the public key that the gateway publishes", async (format) => {
    const { keys } = (await (await fetch(`${gateway.url}/keys`)).json()) as { keys: Record<string, string>[] };
    const delivery = deliveryOf(format);
    const {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": signatures = "",
    } = headersOf(delivery);
    const signature = signatures.split(" ").find((each) => each.startsWith("v1a,")) ?? "";
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), delivery.body]);
    const key = createPublicKey({ key: keys[0] ?? {}, format: "jwk" });
    expect(keys).toHaveLength(1);
    expect(verify(undefined, signed, key, Buffer.from(signature.slice("v1a,".length), "base64"))).toBe(true);
  });

  it.each(FORMATS.slice(0, 2))("%s is read by a CloudEvents library", (format) => {
    const { headers, body: sent } = deliveryOf(format);
    const event = HTTP.toEvent({ headers, body: sent.toString() }) as CloudEvent<Record<string, object>>;
    expect(event).toMatchObject({
      specversion: "1.0",
      type: "idv.session.finished",
      source: "/in/seon",
      vendor: "seon",
      outcome: "approved",
      datacontenttype: "application/json",
      data: { session: { outcome: "approved" }, person: { fullName: expect.any(String) } },
    });
    expect(event.data?.["person"]).not.toHaveProperty("email");
    expect(event.validate()).toBe(true);
  });

  it("both CloudEvents formats say the same", () => {
    const [structured, binary] = FORMATS.slice(0, 2).map((format) => {
      const { headers, body: sent } = deliveryOf(format);
      return JSON.parse(JSON.stringify(HTTP.toEvent({ headers, body: sent.toString() }))) as object;
    });
    expect(binary).toEqual(structured);
  });

  it("standard is a type, a timestamp and the data", () => {
    const said = JSON.parse(deliveryOf("standard").body.toString()) as { data: Record<string, object> };
    expect(Object.keys(said)).toEqual(["type", "timestamp", "data"]);
    expect(said).toMatchObject({ type: "idv.session.finished", timestamp: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(Object.keys(said.data)).toEqual(["session", "person"]);
  });

  it("raw is what the vendor sent, and an existing receiver verifies the vendor's own signature", () => {
    const delivery = deliveryOf("raw");
    expect(delivery.body).toEqual(body);
    const digest = createHmac("sha256", LICENSE_KEY).update(delivery.body).digest("hex");
    expect(delivery.headers["digest"]).toBe(`SHA-256=${digest}`);
  });

  it.each(FORMATS)("%s comes with the subscriber's own headers", (format) => {
    expect(deliveryOf(format).headers["x-tenant"]).toBe("tenant-1");
  });
});

/** What happens to which event is data: changed without a restart, and a bad change changes nothing. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSeon } from "../simulators/seon/seon.ts";
import { openGateway, type Gateway } from "./gateway.ts";

const KEY = "license-key";
const NEW_EVENT = "idv:session_teleported";

const configurationOf = (url: string, events: Readonly<Record<string, string>>) => ({
  sources: { seon: { vendor: "seon", verify: [{ scheme: "hmac", secrets: [{ secret: "key" }] }], events } },
  subscribers: { everything: { url: `${url}/everything`, signing: [{ secret: "signing" }] } },
});
const EVENTS = { "idv:session_finished": "deliver", "*": "record" };

let gateway: Gateway;
let seon: ReturnType<typeof createSeon>;

beforeAll(async () => {
  gateway = await openGateway((url) => configurationOf(url, EVENTS), { key: KEY });
  seon = createSeon({ ...gateway.account("seon"), licenseKey: KEY, encoding: "hex" });
});

afterAll(() => gateway.close());

/** A session that is finished and delivered: what was sent before it has come by then, or never will. */
async function passAnother(): Promise<void> {
  const payload = seon.payloads.onTheWire();
  await seon.send(payload);
  await gateway.delivered(payload.details.sessionId);
}

it("an event nobody has heard of is recorded, and delivered once the configuration says so, also when it is sent again", async () => {
  const before = seon.payloads.onTheWire({ event: NEW_EVENT });
  const recorded = await seon.send(before);
  expect(recorded.answer).toMatchObject({ status: 200, json: { success: true } });
  await passAnother();
  const deliveriesOf = (subject: string) =>
    gateway.subscriber.deliveries.filter(({ event }) => event?.subject === subject);
  expect(await gateway.receipts("seon")).toHaveLength(2);
  expect(deliveriesOf(before.details.sessionId)).toEqual([]);

  await gateway.admin.putConfig(configurationOf(gateway.subscriber.url, { ...EVENTS, [NEW_EVENT]: "deliver" }));
  const after = seon.payloads.onTheWire({ event: NEW_EVENT });
  await seon.send(after);
  const [again] = await seon.repeat(before, 1, "in_turn");
  expect(again?.answer.json).toMatchObject({ id: recorded.answer.json["id"], duplicate: true });

  for (const { details } of [after, before]) {
    const [delivery] = await gateway.delivered(details.sessionId);
    expect(delivery?.event.data?.["session"]).toMatchObject({ vendorEvent: NEW_EVENT });
  }
  await seon.send(before);
  await passAnother();
  expect(deliveriesOf(before.details.sessionId), "and only once").toHaveLength(1);
});

const SENTINEL = "sentinel-that-nobody-may-repeat";

/** The configuration in force with five things wrong, each another kind of wrong. */
function faultyConfiguration(url: string) {
  const good = configurationOf(url, EVENTS);
  return {
    sources: {
      seon: {
        ...good.sources.seon,
        verify: [{ scheme: SENTINEL }],
        events: { "idv:session_finished": SENTINEL },
        colour: SENTINEL,
      },
    },
    subscribers: { everything: { ...good.subscribers.everything, retry: [-5], timeoutSeconds: SENTINEL } },
  };
}

const PATHS_OF_FAULTS = [
  "/sources/seon/colour",
  "/sources/seon/events/idv:session_finished",
  "/sources/seon/verify/0/scheme",
  "/subscribers/everything/retry/0",
  "/subscribers/everything/timeoutSeconds",
];

/** The refusal as it was written, and the paths of the faults in it. */
async function refusalOf(document: object): Promise<{ text: string; paths: string[] }> {
  const response = await gateway.admin.call("/api/config", "PUT", document);
  expect(response.status).toBe(422);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const text = await response.text();
  const { errors } = JSON.parse(text) as { errors: { path: string }[] };
  return { text, paths: errors.map(({ path }) => path).sort() };
}

it("a configuration with five faults is refused with five paths, repeats no value, and changes nothing", async () => {
  const inForce = await (await gateway.admin.call("/api/config")).text();
  const { text, paths } = await refusalOf(faultyConfiguration(gateway.subscriber.url));
  expect(paths).toEqual(PATHS_OF_FAULTS);
  expect(text).not.toContain(SENTINEL);

  expect(await (await gateway.admin.call("/api/config")).text()).toBe(inForce);
  await passAnother();
});

it("a forbidden URL is named beside faults of other kinds", async () => {
  const good = configurationOf("http://10.0.0.1", EVENTS);
  const { paths } = await refusalOf({
    ...good,
    subscribers: { everything: { ...good.subscribers.everything, timeoutSeconds: 0 } },
  });
  expect(paths).toEqual(["/subscribers/everything/timeoutSeconds", "/subscribers/everything/url"]);
});

/** What an operator does on a bad day, by the command line: a subscriber that refuses, is held back, comes to its senses and is given all again. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { openCommandLine, records, type CommandLine } from "./command-line.ts";
import { openGateway, type Gateway } from "./gateway.ts";

const KEY = "license-key-that-nobody-may-see";

let gateway: Gateway;
let commandLine: CommandLine;
const run: CommandLine["run"] = (...given) => commandLine.run(...given);
const json = async (...words: string[]) => records(await run([...words, "--json"]));

beforeAll(async () => {
  gateway = await openGateway(
    (url) => ({
      sources: {
        seon: {
          vendor: "seon",
          verify: [{ scheme: "hmac", secrets: [{ secret: "key" }] }],
          events: { "*": "deliver" },
        },
      },
      subscribers: { stumbling: { url: `${url}/stumbling`, signing: [{ secret: "signing" }], retry: [1] } },
    }),
    { key: KEY },
  );
  commandLine = openCommandLine(gateway, [KEY]);
});

afterAll(async () => {
  await gateway.close();
  commandLine.close();
});

/** Of many processes and deliveries in turn, where everything else runs beside them. */
const LONG = { timeout: 180_000 };

it("finds what died, sends it again, and ends with 1 for as long as it is not taken", LONG, async () => {
  let status = 500;
  gateway.subscriber.meet("/stumbling", () => ({ status }));
  const [sample] = records(await run(["sources", "test", "seon", "--json"], KEY));
  const { id: receipt, event } = (sample as { receipt: { id: string; event: string } }).receipt;
  await expect
    .poll(() => json("events", "list", "--failed"), { timeout: 30_000, interval: 500 })
    .toMatchObject([{ id: event }]);
  const [dead] = await json("deliveries", "list", "--failed", "--event", event);
  expect(dead).toMatchObject({ subscriber: "stumbling", state: "dead", attemptCount: 2 });
  const shown = await run(["events", "show", event]);
  expect(shown.stderr).toContain(`gatepost deliveries retry ${String(dead?.["id"])}`);

  const again = await run(["replay", event, "--wait"]);
  expect(again).toMatchObject({ code: 1, stdout: expect.stringMatching(/^✗ stumbling {2}dead/) });
  status = 200;
  const retried = await run(["deliveries", "retry", String(dead?.["id"]), "--wait"]);
  expect(retried).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✓ stumbling {2}delivered/) });
  expect(await run(["receipts", "reprocess", receipt, "--wait"])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("unchanged"),
  });
  expect(await json("receipts", "list", "--source", "seon")).toMatchObject([{ id: receipt, event }]);

  expect(await run(["replay", "--since", "1h"])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("0 deliveries"),
  });
  expect(await run(["replay", "--since", "1h", "--to", "stumbling"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--yes"),
  });
  const [replay] = await json("replay", "--since", "1h", "--to", "stumbling", "--yes");
  expect(await run(["replays", "show", String(replay?.["id"]), "--wait"])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("1 delivery sent again"),
  });
  expect(await json("replays", "list")).toMatchObject([{ id: replay?.["id"], state: "finished" }]);
});

it("holds a subscriber back and lets it go on", async () => {
  expect(await run(["subscribers", "pause", "stumbling"])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("resume stumbling"),
  });
  expect(await json("subscribers", "list")).toMatchObject([{ name: "stumbling", state: "paused", pausedBy: "admin" }]);
  expect(await json("subscribers", "resume", "stumbling")).toMatchObject([{ state: "active" }]);
  expect(await run(["subscribers", "test", "stumbling", "--wait"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^✓ stumbling {2}delivered/),
  });
});

it("shows a key that is made once, alone on stdout, and removes it only when that is meant", async () => {
  const made = await run(["secrets", "generate", "fresh"]);
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^whsec_[\w+/]+=*\n$/) });
  expect(made.stderr).not.toContain(made.stdout.trim());
  expect(await run(["secrets", "generate", "fresh"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("secret of this name"),
  });
  expect(await run(["secrets", "delete", "fresh"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--yes"),
  });
  expect(await run(["secrets", "delete", "fresh", "--yes"])).toMatchObject({ code: 0 });
  expect((await json("secrets", "list")).map(({ name }) => name)).not.toContain("fresh");
});

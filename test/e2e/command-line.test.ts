/** The command line as it is used: its real process, against a whole gateway. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCommandLine, records, type CommandLine } from "./command-line.ts";
import { ADMIN_TOKEN, openGateway, type Gateway } from "./gateway.ts";

const KEY = "license-key-that-nobody-may-see";
const OLD_KEY = "license-key-of-before";

const configurationOf = (url: string, events: Readonly<Record<string, string>> = { "*": "deliver" }) => ({
  sources: { seon: { vendor: "seon", verify: [{ scheme: "hmac", secrets: [{ secret: "key" }] }], events } },
  subscribers: { everything: { url: `${url}/everything`, signing: [{ secret: "signing" }] } },
});

let gateway: Gateway;
let commandLine: CommandLine;
const run: CommandLine["run"] = (...given) => commandLine.run(...given);
const write: CommandLine["write"] = (...given) => commandLine.write(...given);

beforeAll(async () => {
  gateway = await openGateway((url) => configurationOf(url), { key: OLD_KEY });
  commandLine = openCommandLine(gateway, [KEY, OLD_KEY]);
});

afterAll(async () => {
  await gateway.close();
  commandLine.close();
});

/** Of many processes in turn, where everything else runs beside them. */
const LONG = { timeout: 180_000 };

it("the main road: a secret, a document, a sample, its event, again, and back", LONG, async () => {
  const { url } = gateway.subscriber;
  expect(await run(["secrets", "set", "key"], `${KEY}\n`)).toMatchObject({
    code: 0,
    stdout: "",
    stderr: expect.stringContaining("key is set, version 2"),
  });
  expect(records(await run(["secrets", "list", "--json"]))).toContainEqual(
    expect.objectContaining({ name: "key", version: 2, usedBy: ["sources/seon"] }),
  );

  const file = write("config.json", configurationOf(url, { "gatepost.test": "deliver", "*": "record" }));
  const diff = await run(["config", "diff", file, "--exit-code"]);
  expect(diff).toMatchObject({ code: 1, stderr: "" });
  expect(diff.stdout).toContain("@@ /sources/seon/events @@");
  expect(diff.stdout).toMatch(/^-\s+"\*": "deliver"$/m);
  expect(diff.stdout).toMatch(/^\+\s+"gatepost\.test": "deliver",$/m);
  expect(await run(["config", "push", file])).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
  const pushed = await run(["config", "push", file, "--yes", "-m", "Only samples – for now"]);
  expect(pushed).toMatchObject({ code: 0, stdout: diff.stdout });
  expect(pushed.stderr).toContain("2 changes, 1 source affected");
  expect(pushed.stderr).toContain("✓ version 2 in effect (was 1). Undo: gatepost config rollback 1");
  const versions = records(await run(["config", "versions", "--json"]));
  expect(versions).toMatchObject([
    { version: 2, by: "admin", message: "Only samples – for now", current: true },
    { version: 1 },
  ]);
  expect(await run(["config", "push", file, "--yes"])).toMatchObject({
    code: 0,
    stdout: "",
    stderr: expect.stringContaining("nothing to change"),
  });

  const tail = commandLine.start(["events", "tail", "--json"]);
  const followed = text(tail.stdout);
  await once(tail.stderr, "data");

  const [sample] = records(await run(["sources", "test", "seon", "--json"], KEY));
  expect(sample).toMatchObject({ status: 200, asExpected: true, receipt: { state: "event" } });
  const { session, event } = (sample as { receipt: { session: string; event: string } }).receipt;
  await gateway.delivered(session);
  const listed = records(await run(["events", "list", "--source", "seon", "--since", "1h", "--json"]));
  expect(listed).toMatchObject([{ id: event, outcome: "unknown", session }]);
  const shown = await run(["events", "show", event]);
  expect(shown).toMatchObject({ code: 0 });
  expect(shown.stdout).toMatch(/proven\s+signature \(hmac\)/);
  expect(shown.stdout).toMatch(/everything\s+delivered/);

  const replayed = await run(["replay", event, "--to", "everything", "--wait"]);
  expect(replayed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✓ everything {2}delivered/) });
  expect(await gateway.delivered(session, 2)).toHaveLength(2);
  const many = await run([
    "replay",
    "--since",
    "1h",
    "--state",
    "delivered",
    "--source",
    "seon",
    "--yes",
    "--wait",
    "--json",
  ]);
  expect(many).toMatchObject({ code: 0 });
  expect(records(many)).toMatchObject([{ state: "finished", sent: 1, dead: 0 }]);
  expect(await gateway.delivered(session, 3)).toHaveLength(3);

  tail.kill("SIGINT");
  await once(tail, "close");
  expect(tail.exitCode).toBe(130);
  const told = (await followed).split("\n").filter((line) => line.startsWith(`{"id":"${event}"`));
  expect(told, "once").toHaveLength(1);

  const back = await run(["config", "rollback", "1", "--yes"]);
  expect(back).toMatchObject({ code: 0, stderr: expect.stringContaining("version 3 in effect (was 2)") });
  expect(records(await run(["config", "get", "--json"]))).toEqual([configurationOf(url)]);
  expect(await run(["config", "diff", "1", "3", "--exit-code"])).toMatchObject({ code: 0, stdout: "" });
});

/** Passes on what it is asked, and lets somebody else be a little faster than whoever puts a document. */
async function startRival(rival: object) {
  const server = createServer((request, response) => {
    const passOn = async () => {
      const { method = "", url = "", headers } = request;
      const body = await text(request);
      if (method === "PUT" && url === "/api/config") await gateway.admin.putConfig(rival);
      const { authorization = "", "if-match": ifMatch } = headers;
      const sent = { authorization, ...(ifMatch === undefined ? {} : { "if-match": ifMatch }) };
      const answer = await fetch(`${gateway.url}${url}`, { method, headers: sent, ...(body === "" ? {} : { body }) });
      response.writeHead(answer.status, { etag: answer.headers.get("etag") ?? "" }).end(await answer.text());
    };
    passOn().catch(() => response.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

it("a change that somebody else has made meanwhile is not overwritten", async () => {
  const { url } = gateway.subscriber;
  const theirs = configurationOf(url, { "*": "record" });
  const rival = await startRival(theirs);
  const file = write("stale.json", configurationOf(url, { "*": "ignore" }));
  const pushed = await run(["config", "push", file, "--yes", "--url", rival.url]);
  rival.close();
  expect(pushed).toMatchObject({ code: 1, stderr: expect.stringContaining("has changed since it was read") });
  expect(await (await gateway.admin.call("/api/config")).json()).toEqual(theirs);
});

describe("a source", () => {
  it("is tried with a sample that was tampered with, without a proof, and with a wrong secret", async () => {
    expect(await run(["sources", "test", "seon", "--tampered"], KEY)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("401"),
    });
    expect(await run(["sources", "test", "seon", "--unsigned"])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("401"),
    });
    expect(await run(["sources", "test", "seon"], "another key")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("not verified"),
    });
    expect(await run(["sources", "test", "seon", "--session", "s-1"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("read sessions back"),
    });
  });

  it("says what to enter at its vendor", async () => {
    const { stdout } = await run(["sources", "show", "seon"]);
    expect(stdout).toContain(`${gateway.url}/in/seon`);
    expect(stdout).toContain("Digest: SHA-256=<hex or base64>");
    expect(stdout).toContain("the value of key");
  });
});

it("faults are told as compilers tell them, each at its place in the file", async () => {
  const file = write("faulty.json", JSON.stringify(configurationOf("not a url"), null, 2).replace('"hmac"', '"hmca"'));
  const { code, stdout, stderr } = await run(["config", "validate", file]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^faulty\.json:7:21: error: \/sources\/seon\/verify\/0\/scheme {2}expected/m);
  expect(stderr).toMatch(/^faulty\.json:22:14: error: \/subscribers\/everything\/url {2}expected/m);
  expect(stderr).toContain("2 faults; nothing was changed");
  const paths = records(await run(["config", "validate", file, "--json"])).map(({ path }) => path);
  expect(new Set(paths)).toEqual(new Set(["/sources/seon/verify/0/scheme", "/subscribers/everything/url"]));
  const broken = write("broken.json", '{\n  "sources": {,\n}');
  expect(await run(["config", "push", broken, "--yes"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("broken.json:2:15:"),
  });
});

describe.concurrent("exit codes", () => {
  it.each<[number, string[], string]>([
    [0, ["help", "exit-codes"], ""],
    [0, ["--help"], ""],
    [0, ["--version"], ""],
    [0, ["status"], ""],
    [1, ["events", "show", `evt_${"0".repeat(32)}`], "no such event"],
    [1, ["deliveries", "retry", "dlv_unknown"], "no such delivery"],
    [1, ["subscribers", "test", "nobody"], "no such subscriber"],
    [1, ["status", "--url", "http://127.0.0.1:1"], "no gateway answers"],
    [2, ["config", "pusj"], "Did you mean push?"],
    [2, ["config", "push", "config.json", "--yess"], "Did you mean --yes?"],
    [2, ["config", "push", "no-such-file.json"], "cannot be read"],
    [2, ["config", "push"], "missing required argument"],
    [2, ["config"], "Usage: gatepost config"],
    [2, ["events", "list", "--outcome", "aproved"], "Allowed choices"],
    [2, ["events", "list", "--since", "yesterday"], "not a time"],
    [2, ["replay"], "--since"],
    [2, ["secrets", "set", "key"], "empty"],
    [2, ["status", "--url", "http://gatepost.example.com"], "in the clear"],
    [2, ["help", "nonsense"], "no command or topic"],
  ])("%i of %j", async (code, words, said) => {
    const ran = await run(words);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toContain(said);
  });

  it("2 without a token, and 1 with a wrong one", async () => {
    expect(await run(["status"], "", { GATEPOST_TOKEN: "" })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("GATEPOST_TOKEN"),
    });
    expect(await run(["events", "list"], "", { GATEPOST_TOKEN: "wrong" })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("token"),
    });
    expect(
      await run(["events", "list", "--token-file", "-"], `${ADMIN_TOKEN}\n`, { GATEPOST_TOKEN: "" }),
    ).toMatchObject({ code: 0 });
  });
});

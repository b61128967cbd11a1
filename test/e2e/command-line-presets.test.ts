/** What every preset's vendor would send can be tried from the command line, which knows how it signs from the preset. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { PRESET_NAMES, presets } from "../../src/config/presets/presets.ts";
import { openCommandLine, records, type CommandLine } from "./command-line.ts";
import { openGateway, type Gateway } from "./gateway.ts";

/** Base64 as well as text, since one vendor's key is. */
const KEY = Buffer.from("a-key-of-a-preset-of-32-bytes!!!").toString("base64");

/** One that is known by its address is proven by calling from there. */
const NAMES = PRESET_NAMES.filter((name) => presets[name].verify[0]?.scheme !== "ip");

const sources = NAMES.map((name) => {
  const secrets = [{ secret: "key" }];
  const isHeader = presets[name].verify[0]?.scheme === "header";
  const verify = [isHeader ? { scheme: "header", values: secrets } : { scheme: "hmac", secrets }];
  return [name, { vendor: "custom", preset: name, verify, events: { "*": "record" } }] as const;
});

let gateway: Gateway;
let commandLine: CommandLine;

beforeAll(async () => {
  gateway = await openGateway(
    (url) => ({
      sources: Object.fromEntries(sources),
      subscribers: { all: { url, signing: [{ secret: "signing" }] } },
    }),
    { key: KEY },
  );
  commandLine = openCommandLine(gateway, [KEY]);
});

afterAll(async () => {
  await gateway.close();
  commandLine.close();
});

it.concurrent.each(NAMES)("%s", async (name) => {
  const taken = await commandLine.run(["sources", "test", name, "--json"], KEY);
  expect(records(taken)).toMatchObject([{ source: name, status: 200, answer: { success: true }, asExpected: true }]);
  expect(taken.code).toBe(0);
});

it("and one whose content was changed on the way is refused", async () => {
  expect(await commandLine.run(["sources", "test", "persona", "--tampered"], KEY)).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("401"),
  });
});

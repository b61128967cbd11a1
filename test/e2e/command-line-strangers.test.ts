/** The command line where no gateway is: a token goes to nobody whom only a file names, and no answer ends it with a stack trace. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCommandLine, type CommandLine } from "./command-line.ts";

/** What was asked, and with which token. */
const asked: string[] = [];
let answered = "{}";
let server: Server;
let url: string;
let commandLine: CommandLine;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.headers.authorization ?? "");
    response.writeHead(200, { "content-type": "application/json" }).end(answered);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  commandLine = openCommandLine({ url }, []);
  commandLine.write("config.json", {});
});

afterAll(() => {
  server.close();
  commandLine.close();
});

describe("a gateway that only .gatepost.json names", () => {
  const unsaid = { GATEPOST_URL: "" };

  it("is sent nothing where it is elsewhere and nobody can be asked, and what to do is said", async () => {
    commandLine.write(".gatepost.json", { url: "https://stranger.example" });
    const ran = await commandLine.run(["config", "validate", "config.json"], "", unsaid);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toContain("--url https://stranger.example");
    expect(ran.stderr).toContain("GATEPOST_URL");
  });

  it("is believed where it is this machine", async () => {
    commandLine.write(".gatepost.json", { url });
    const before = asked.length;
    await commandLine.run(["status"], "", unsaid);
    expect(asked.length).toBeGreaterThan(before);
  });

  it("is none where another is named", async () => {
    commandLine.write(".gatepost.json", { url: "https://stranger.example" });
    const before = asked.length;
    await commandLine.run(["status"]);
    expect(asked.length).toBeGreaterThan(before);
  });
});

describe("an answer that no gateway gives", () => {
  const commands = [
    "status",
    "config validate config.json",
    "config push config.json --yes",
    "config diff",
    "config rollback 1 --yes",
    "config versions",
    "secrets list",
    "subscribers list",
    "subscribers test everything",
    "events list",
    "events show evt_1",
    "events tail",
    "deliveries list",
    "receipts list",
    "replay evt_1",
    "replay --since 1h --yes",
    "replays list",
  ];

  it.each(["{}", "<html>"])(
    "but %s ends every command with 1, and a sentence",
    { timeout: 180_000 },
    async (answer) => {
      answered = answer;
      for (const command of commands) {
        const { code, stderr } = await commandLine.run(command.split(" "));
        expect({ command, code, stderr }).toEqual({
          command,
          code: 1,
          stderr: expect.stringContaining("not as a gateway does"),
        });
        expect(stderr).not.toMatch(/^\s+at /m);
      }
    },
  );
});

/** Any number of webhooks of one source costs its vendor one token, over the real KV. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/read.ts";
import { readAllowance } from "../../src/core/destination.ts";
import { mapLimited } from "../../src/core/limit.ts";
import { createTokenKeeper, createTokenMemory } from "../../src/egress/token-keeper.ts";
import { readJsonBody } from "../../src/egress/vendor-body.ts";
import { discard } from "../../src/egress/vendor-fetch.ts";
import { createAsker, type AskDeps } from "../../src/process/ask.ts";
import { createVault } from "../../src/stores/crypto.ts";
import { createObtainedTokenStore } from "../../src/stores/obtained-tokens.ts";
import { incodeSession } from "../../src/vendors/incode/session.ts";
import { configurationOf, INCODE_URL } from "./accounts.ts";

const WEBHOOKS = 10_000;
const AT_A_TIME = 200;
const DAY = 86_400_000;

const request = { method: "GET", url: `${INCODE_URL}/omni/get/score?id=one`, withCredential: true } as const;

let clock: number;
let asked: number;
let answered: number;
beforeEach(async () => {
  await reset();
  [clock, asked, answered] = [Date.parse("2026-02-03T10:20:30.000Z"), 0, 0];
});

function openIsolate(): AskDeps {
  return {
    secret: async ({ secret }) => `value of ${secret}`,
    tokens: createTokenKeeper({
      memory: createTokenMemory(),
      store: createObtainedTokenStore(env.TOKENS, createVault(env.MASTER_KEY)),
      now: () => clock,
      pause: () => scheduler.wait(1),
    }),
    async obtainToken() {
      asked++;
      const token = `token-${asked}`;
      await scheduler.wait(5);
      return { ok: true, token, expiresInSeconds: DAY / 1000 };
    },
    async fetch({ credential }) {
      answered++;
      return { kind: "response", response: Response.json({ token: credential?.["X-Incode-Hardware-Id"] }) };
    },
    pause: () => scheduler.wait(0),
    illUntil: new Map(),
    discard,
    readJson: readJsonBody,
    now: () => clock,
  };
}

function sourceOfIncode() {
  const read = readConfig(configurationOf(), readAllowance(undefined), []);
  const source = read.ok ? read.config.sources.get("incode") : undefined;
  if (!source?.session) throw new Error("a source with sessions expected");
  return { source, session: source.session };
}

/** Each webhook with an asker of its own, as when it is processed. Returns the tokens that the vendor saw. */
async function readAll(count: number, deps: AskDeps): Promise<Set<unknown>> {
  const { source, session } = sourceOfIncode();
  const answers = await mapLimited(Array.from({ length: count }), AT_A_TIME, () =>
    createAsker(source, session, incodeSession, "https://gatepost.example.com", false, deps).ask(request),
  );
  return new Set(answers.map((answer) => (answer.ok ? answer.json["token"] : answer.why)));
}

describe("ten thousand webhooks of one source", () => {
  it("in one isolate ask for one token", async () => {
    expect(await readAll(WEBHOOKS, openIsolate())).toEqual(new Set(["token-1"]));
    expect([asked, answered]).toEqual([1, WEBHOOKS]);
  });

  it("a day later ask for one more", async () => {
    const isolate = openIsolate();
    await readAll(100, isolate);
    clock += DAY;
    expect(await readAll(100, isolate)).toEqual(new Set(["token-2"]));
    expect(asked).toBe(2);
  });

  it("in isolates one after the other share it", async () => {
    for (let isolate = 0; isolate < 10; isolate++) await readAll(100, openIsolate());
    expect(asked).toBe(1);
  });
});

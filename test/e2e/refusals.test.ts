/** Nobody gets in: what cannot prove to be the vendor is answered 401 and leaves nothing behind. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIncode } from "../simulators/incode/incode.ts";
import type { Sent, Tampering } from "../simulators/sending.ts";
import { createSeon } from "../simulators/seon/seon.ts";
import { createUnico } from "../simulators/unico/unico.ts";
import { configurationOf, createAccounts, SAMPLES, SECRETS, type Accounts } from "./accounts.ts";
import { openGateway, type Gateway } from "./gateway.ts";

let gateway: Gateway;
let accounts: Accounts;

beforeAll(async () => {
  gateway = await openGateway(configurationOf, SECRETS);
  accounts = createAccounts(gateway.account);
});

afterAll(() => gateway.close());

async function expectRefusal({ source, attempts }: Sent): Promise<void> {
  expect(attempts.map(({ status }) => status)).toEqual(attempts.map(() => 401));
  expect(attempts[0]?.contentType).toBe("application/problem+json");
  expect(await gateway.receipts(source)).toEqual([]);
}

describe.concurrent("a webhook that does not prove its origin", () => {
  const tamperings: readonly Tampering[] = ["wrong_credential", "no_credential", "changed_byte"];
  const cases = Object.entries(SAMPLES).flatMap(([name, sampleOf]) =>
    tamperings.map((tampering) => ({ name, tampering, sampleOf })),
  );

  it.each(cases.filter(({ name, tampering }) => tampering !== "changed_byte" || name.startsWith("seon")))(
    "$name, $tampering: refused, and no receipt",
    async ({ sampleOf, tampering }) => {
      const { sender, payload } = sampleOf(accounts);
      await expectRefusal(await sender.send(payload, tampering));
    },
  );

  it("a key that is neither of the two while rotating is refused", async () => {
    const stranger = createSeon({
      ...gateway.account("seon-rotating"),
      licenseKey: "license-key-of-nobody",
      encoding: "hex",
    });
    await expectRefusal(await stranger.send(stranger.payloads.onTheWire()));
  });

  it("a token opens only the sources that list its client", async () => {
    const tokenUrl = `${gateway.url}/oauth/token`;
    const unico = { type: "oauth2", tokenUrl, clientId: "unico", clientSecret: SECRETS["unico-client"] } as const;
    const incode = { type: "oauth2", tokenUrl, clientId: "incode", clientSecret: SECRETS["incode-client"] } as const;
    const atIncode = createIncode({ ...gateway.account("incode-oauth"), proof: unico });
    const atUnico = createUnico({ ...gateway.account("unico-oauth"), proof: incode });
    await expectRefusal(await atIncode.send(atIncode.payloads.status("MANUAL_REVIEW_APPROVED")));
    await expectRefusal(await atUnico.send(atUnico.payloads.ok()));
  });

  it("a body that only resembles the validation ping needs a signature like any other", async () => {
    const { seonHex } = accounts;
    const ping = { event: "ping", message: "Webhook URL validation check.", sessionId: "smuggled" };
    await expectRefusal(await seonHex.send(ping, "no_credential"));
  });
});

describe.concurrent("the token endpoint", () => {
  it("gives no token for a wrong secret, and says only that the client is invalid", async () => {
    const response = await fetch(`${gateway.url}/oauth/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${btoa("incode:wrong")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Basic/);
    expect(await response.json()).toEqual({ error: "invalid_client" });
  });
});

/** What every scheme with a secret promises. A new one is a member of the table. */
import { describe, expect, it } from "vitest";
import type { Scheme } from "../../src/config/config.ts";
import type { Basis } from "../../src/core/event.ts";
import { signToken } from "../../src/verify/token.ts";
import { verify } from "../../src/verify/verify.ts";
import { basicOf, complete, depsOf, hmac, NOW, vault, webhookOf } from "./webhooks.ts";

interface SchemeUnderTest {
  name: string;
  /** With two secrets, as while rotating. */
  scheme: Scheme;
  basis: Basis;
  /** The headers of somebody who knows this secret. */
  prove(secret: string): Promise<Record<string, string>>;
  /** Headers that are there and cannot be read; empty where every text is a credential. */
  malformed: Record<string, string>[];
}

const REFS = [{ secret: "first" }, { secret: "second" }];
const SECRETS = { first: "the first secret", second: "the second: secret" };

const SCHEMES: SchemeUnderTest[] = [
  {
    name: "hmac",
    scheme: complete({ scheme: "hmac", secrets: REFS, header: "X-Signature", prefix: "sha256=" }),
    basis: "signature",
    prove: async (secret) => ({ "x-signature": `sha256=${(await hmac(secret)).toHex()}` }),
    malformed: ["", "sha256=", "sha256=zz", "sha1=abc", "sha256 = abc"].map((value) => ({ "x-signature": value })),
  },
  {
    name: "header",
    scheme: { scheme: "header", name: "X-Gateway-Secret", values: REFS },
    basis: "credential",
    prove: (secret) => Promise.resolve({ "x-gateway-secret": secret }),
    malformed: [],
  },
  {
    name: "basic",
    scheme: { scheme: "basic", username: "unico", passwords: REFS },
    basis: "credential",
    prove: (secret) => Promise.resolve({ authorization: basicOf(`unico:${secret}`) }),
    malformed: ["", "Basic", "Basic *", "Basic dW5pY28=", "Bearer abc", "Basic dW5pY286eA== more"].map(
      (authorization) => ({ authorization }),
    ),
  },
  {
    name: "bearer",
    scheme: { scheme: "bearer", clients: REFS.map((secret) => ({ id: "incode", secret })) },
    basis: "credential",
    async prove(secret) {
      const [key] = await vault.tokenKeys(secret);
      return { authorization: `Bearer ${await signToken(key, { id: "1", client: "incode", now: NOW })}` };
    },
    malformed: ["", "Bearer", basicOf("incode:secret"), "Bearer a b"].map((authorization) => ({ authorization })),
  },
];

describe.each(SCHEMES)("$name", ({ scheme, basis, prove, malformed }) => {
  const verdictOf = (headers: Record<string, string>, secrets: Record<string, string> = SECRETS) =>
    verify([scheme], webhookOf(headers), depsOf(secrets));

  it("lets in who knows the secret, and says what that rests on", async () => {
    expect(await verdictOf(await prove(SECRETS.first))).toEqual({ ok: true, basis, scheme: scheme.scheme });
  });

  it("lets in who knows the second of two secrets while rotating", async () => {
    expect(await verdictOf(await prove(SECRETS.second))).toEqual({ ok: true, basis, scheme: scheme.scheme });
    expect(await verdictOf(await prove(SECRETS.second), { second: SECRETS.second })).toEqual({
      ok: true,
      basis,
      scheme: scheme.scheme,
    });
  });

  it("ends the first secret's credentials once it is removed", async () => {
    const verdict = await verdictOf(await prove(SECRETS.first), { second: SECRETS.second });
    expect(verdict).toEqual({ ok: false, reason: "credential_wrong" });
  });

  it("refuses who knows another secret", async () => {
    for (const secret of ["the first secre", "the first secrets", "THE FIRST SECRET", "x"])
      expect(await verdictOf(await prove(secret))).toEqual({ ok: false, reason: "credential_wrong" });
  });

  it("refuses who shows nothing", async () => {
    expect(await verdictOf({})).toEqual({ ok: false, reason: "credential_missing" });
  });

  it("refuses what cannot be read", async () => {
    for (const headers of malformed)
      expect(await verdictOf(headers)).toEqual({ ok: false, reason: "credential_malformed" });
  });

  it("lets nobody in where no secret is set", async () => {
    expect(await verdictOf(await prove(SECRETS.first), {})).toEqual({ ok: false, reason: "secret_missing" });
  });

  it("takes an empty secret for none: everybody knows it", async () => {
    const empty = { first: "", second: "" };
    expect(await verdictOf(await prove(""), empty)).toEqual({ ok: false, reason: "secret_missing" });
    expect((await verdictOf(await prove(""), { first: "", second: SECRETS.second })).ok).toBe(false);
  });

  it("does not call a store out of reach a wrong credential", async () => {
    const deps = depsOf({}, { secret: () => Promise.reject(new Error("out of reach")) });
    await expect(verify([scheme], webhookOf(await prove(SECRETS.first)), deps)).rejects.toThrow("out of reach");
  });
});

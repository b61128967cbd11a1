/**
 * Unico's token endpoint for one service account: a signed assertion for an access token.
 * Source: developer.unico.io, page "Authentication".
 */
import { generateKeyPairSync, verify, type KeyObject } from "node:crypto";
import { jsonAnswer, routed, type Answer, type Call } from "../answers.ts";
import { createInvention, seeded } from "../invention.ts";
import { createIssuedTokens, type IssuedTokens } from "../issued-tokens.ts";
import { serve, type Service, type Surroundings } from "../serving.ts";

export interface UnicoIdentityWish extends Surroundings {
  /** `expires_in`; a number if not said. */
  expiresIn?: "number" | "digits" | "absent";
}

export interface UnicoIdentity extends Service {
  tokenUrl: string;
  account: string;
  tenant: string;
  /** PEM, PKCS#8. */
  privateKey: string;
  /** The same key in the older form, PKCS#1. */
  privateKeyPkcs1: string;
  tokens: IssuedTokens;
}

const LIFETIME_SECONDS = 3600;
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CLAIMS = ["aud", "exp", "iat", "iss", "scope"];
/** Clocks differ by no more. */
const TOLERANCE_SECONDS = 60;

/** The vendor's numbers for what is wrong with an assertion. */
const WRONG = { key: "1.2.21", claims: "1.2.22" } as const;

export async function startUnicoIdentity(wish: UnicoIdentityWish): Promise<UnicoIdentity> {
  const { now = Date.now, expiresIn = "number" } = wish;
  const invention = createInvention(seeded(wish.seed + 2));
  const account = { account: "gatepost", tenant: invention.hex(24) };
  // Not seeded: the platform offers no such thing, and nobody compares keys.
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const tokens = createIssuedTokens(invention, LIFETIME_SECONDS, now);

  function giveToken({ body, headers }: Call): Answer {
    const isForm = headers["content-type"]?.split(";")[0] === "application/x-www-form-urlencoded";
    const form = new URLSearchParams(body);
    if (!isForm || form.get("grant_type") !== GRANT) return refuse(400);
    const expected = { iss: `${account.account}@${account.tenant}.iam.acesso.io`, aud: service.url, scope: "*" };
    const fault = faultOf(form.get("assertion") ?? "", publicKey, expected, Math.floor(now() / 1000));
    if (fault) return refuse(400, WRONG[fault]);
    const expires = { number: LIFETIME_SECONDS, digits: String(LIFETIME_SECONDS), absent: undefined }[expiresIn];
    return jsonAnswer({ access_token: tokens.issue(), expires_in: expires, token_type: "Bearer" });
  }

  const service = await serve(
    routed([{ method: "POST", path: /^\/oauth2\/token$/, answer: giveToken }], (status) => refuse(status)),
    wish,
  );

  return {
    ...service,
    ...account,
    tokenUrl: `${service.url}/oauth2/token`,
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    privateKeyPkcs1: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    tokens,
  };
}

const refuse = (status: number, code = String(status)): Answer =>
  jsonAnswer({ Error: { code, description: "simulated refusal" } }, status);

interface Expected {
  iss: string;
  aud: string;
  scope: string;
}

/** `claims`: others than these five, or other values. */
function faultOf(
  assertion: string,
  key: KeyObject,
  expected: Expected,
  nowSeconds: number,
): keyof typeof WRONG | undefined {
  const [head = "", payload = "", signature = "", ...rest] = assertion.split(".");
  const signed = Buffer.from(`${head}.${payload}`);
  const isSigned = verify("sha256", signed, key, fromBase64Url(signature));
  if (rest.length > 0 || !isSigned) return "key";
  const { alg, typ, ...others } = parse(head);
  if (alg !== "RS256" || typ !== "JWT" || Object.keys(others).length > 0) return "claims";
  const claims = parse(payload);
  const { iss, aud, scope, iat, exp } = claims;
  const areThese = Object.keys(claims).sort().join() === CLAIMS.join();
  const areRight = iss === expected.iss && aud === expected.aud && scope === expected.scope;
  const areTimes = Number.isInteger(iat) && Number.isInteger(exp);
  const isNow = Number(iat) <= nowSeconds + TOLERANCE_SECONDS && Number(exp) > nowSeconds;
  const isShort = Number(exp) <= Number(iat) + LIFETIME_SECONDS;
  return areThese && areRight && areTimes && isNow && isShort ? undefined : "claims";
}

const fromBase64Url = (text: string): Buffer => Buffer.from(text, "base64url");

function parse(part: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(fromBase64Url(part).toString()));
  } catch {
    return {};
  }
}

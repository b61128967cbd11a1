/** `POST /api/secrets/{name}/generate` makes a signing key and shows it once; `GET /keys` is for whoever verifies with its public half. */
import * as v from "valibot";
import { SECRET_NAME } from "../config/schema-parts.ts";
import type { Config, SecretRef } from "../config/config.ts";
import { toBase64Url } from "../core/base64.ts";
import { array, boolean, object, pattern, word } from "../core/json-schema.ts";
import {
  generateSigningKey,
  publicBytes,
  readSigningKey,
  SIGNING_KEY_KINDS,
  toPublicKey,
} from "../core/signing-key.ts";
import { readJson } from "./body.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { NEW_SIGNING_KEY } from "./schemas.ts";
import type { SecretsDeps } from "./secrets.ts";

const MAX_BODY_BYTES = 1024;
const wishSchema = v.strictObject({ kind: v.picklist(SIGNING_KEY_KINDS), replace: v.optional(v.boolean(), false) });

export async function generateSecret(request: Request, name: string, deps: SecretsDeps): Promise<Response> {
  if (!SECRET_NAME.test(name) || deps.reservedNames.has(name)) return problem("invalid_secret_name");
  const reading = await readJson(request, MAX_BODY_BYTES);
  if (!reading.ok) return reading.refusal;
  const wish = v.safeParse(wishSchema, reading.value);
  if (!wish.success) return problem("invalid_key_wish");
  const { kind, replace } = wish.output;
  // A subscriber that verifies with the old key would refuse everything from now on.
  if (!replace && (await deps.secrets.isSet(name))) return problem("secret_exists");
  const { key: value, publicKey } = await generateSigningKey(kind);
  const listing = await deps.secrets.write(name, value);
  const body = { success: true, ...listing, kind, value, publicKey };
  return Response.json(body, { headers: { "cache-control": "no-store" } });
}

export interface KeysDeps {
  config(): Promise<Config | undefined>;
  secret(ref: SecretRef): Promise<string | undefined>;
}

/** For so long a key that is new may be unknown to whoever verifies, and so should sign beside the old one. */
const KEYS_CACHE_SECONDS = 60;

/** RFC 7517, RFC 8037; each with the text that Standard Webhooks knows it by. Whose it is, is nobody else's business. */
export async function getKeys({ config, secret }: KeysDeps): Promise<Response> {
  const loaded = await config();
  if (!loaded) return problem("not_configured");
  const methods = [...loaded.subscribers.values()].flatMap(({ signing }) => signing);
  const names = new Set(methods.flatMap((method) => (method.scheme === "standard" ? [method.secret.secret] : [])));
  const keys = await Promise.all([...names].map(async (name) => describeKey(await secret({ secret: name }))));
  const distinct = new Map(keys.flatMap((key) => (key ? [[key.kid, key]] : [])));
  const inOrder = [...distinct.values()].sort((left, right) => (left.kid < right.kid ? -1 : 1));
  // Not `application/jwk-set+json`, which many a client takes for something else than JSON.
  return Response.json({ keys: inOrder }, { headers: { "cache-control": `public, max-age=${KEYS_CACHE_SECONDS}` } });
}

/** `undefined` of what has no public half. */
async function describeKey(text: string | undefined) {
  const key = text === undefined ? undefined : await readSigningKey(text);
  const bytes = key && (await publicBytes(key));
  if (!bytes) return undefined;
  const jwk = { crv: "Ed25519", kty: "OKP", x: toBase64Url(bytes) };
  return { ...jwk, kid: await thumbprint(jwk), use: "sig", alg: "EdDSA", whpk: toPublicKey(bytes) };
}

/** RFC 7638. @param jwk its required members in the order of their names */
async function thumbprint(jwk: object): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(jwk)));
  return toBase64Url(new Uint8Array(hash));
}

const THUMBPRINT = pattern(/^[\w-]{43}$/);
const JWK = {
  kty: { const: "OKP" },
  crv: { const: "Ed25519" },
  x: THUMBPRINT,
  kid: THUMBPRINT,
  use: { const: "sig" },
  alg: { const: "EdDSA" },
  whpk: pattern(/^whpk_/),
};

export const signingKeyRoutes: readonly Route<{ secrets: SecretsDeps; keys: KeysDeps }>[] = [
  {
    method: "POST",
    path: "/api/secrets/{name}/generate",
    allow: "admin",
    id: "generateSecret",
    summary: "Makes a signing key and shows it this once",
    parameters: { name: pattern(SECRET_NAME) },
    body: { schema: object({ kind: word(SIGNING_KEY_KINDS), replace: boolean }, ["kind"]) },
    answers: { 200: { schema: NEW_SIGNING_KEY } },
    problems: ["secret_exists", "invalid_key_wish", "invalid_secret_name", "too_large"],
    handle: ({ request, parameter, deps }) => generateSecret(request, parameter("name"), deps.secrets),
  },
  {
    method: "GET",
    path: "/keys",
    allow: "public",
    id: "getKeys",
    summary: "The public keys that deliveries are signed for, as a JWKS",
    answers: {
      200: { schema: object({ keys: array(object(JWK, Object.keys(JWK))) }, ["keys"]) },
    },
    problems: ["not_configured"],
    handle: ({ deps }) => getKeys(deps.keys),
  },
];

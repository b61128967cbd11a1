/** How a webhook proves where it comes from, as people write it in a source's `verify`. A preset may have written a part of it. */
import * as v from "valibot";
import { parseRange } from "../core/address.ts";
import { readPublicKey } from "../core/public-key.ts";
import { exactly, headerName, secret, secrets, text, url, whole } from "./schema-parts.ts";
import { parseSigned, SIGNED_WORDS } from "./signed-template.ts";

export const TIMESTAMP_UNITS = ["seconds", "milliseconds", "iso"] as const;
export const HMAC_ALGORITHMS = ["sha1", "sha256", "sha512"] as const;
export const HMAC_KEYS = ["text", "base64", "hex", "whsec"] as const;

/** Of RFC 7518 section 3.1 and RFC 8037, without those whose key is a shared secret: what is published must not sign. */
export const JWT_ALGORITHMS = [
  "ES256",
  "ES384",
  "ES512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "EdDSA",
] as const;

const DAY_SECONDS = 86_400;
const encoding = v.picklist(["hex", "base64"]);
const several = <Item extends v.GenericSchema>(item: Item, what: string) =>
  v.pipe(v.array(item), v.minLength(1, `expected at least one ${what}`), v.maxLength(10));

/** Where a signature stands, and what it is over. */
const layout = {
  header: v.optional(headerName),
  prefix: v.optional(v.pipe(v.string(), v.maxLength(64))),
  encoding: v.optional(encoding),
  list: v.optional(exactly({ signature: text(32), timestamp: v.optional(text(32)) })),
  signed: v.optional(
    v.pipe(
      text(1024),
      v.check(
        (value) => parseSigned(value) !== undefined,
        `expected a text with none but these words: ${SIGNED_WORDS}`,
      ),
    ),
  ),
  timestamp: v.optional(exactly({ header: v.optional(headerName), unit: v.optional(v.picklist(TIMESTAMP_UNITS)) })),
  toleranceSeconds: v.optional(whole(1, 7 * DAY_SECONDS)),
};

const range = v.pipe(
  v.string(),
  v.check((value) => parseRange(value) !== undefined, "expected an IP address or a CIDR range"),
);
const publicKey = v.pipe(
  v.string(),
  v.check((value) => readPublicKey(value) !== undefined, "expected an Ed25519 public key: base64, hex, PEM or whpk_"),
);
const clientId = v.pipe(text(128), v.regex(/^[^:]*$/, "expected a client id without a colon"));

export const scheme = v.variant("scheme", [
  v.strictObject({
    scheme: v.literal("hmac"),
    secrets,
    ...layout,
    algorithm: v.optional(v.picklist(HMAC_ALGORITHMS)),
    key: v.optional(v.picklist(HMAC_KEYS)),
  }),
  v.strictObject({ scheme: v.literal("ed25519"), publicKeys: several(publicKey, "key"), ...layout }),
  v.strictObject({
    scheme: v.literal("jwt"),
    header: v.optional(headerName),
    jwksUrl: url,
    issuer: v.optional(text()),
    audience: v.optional(text()),
    algorithms: v.optional(several(v.picklist(JWT_ALGORITHMS), "algorithm")),
    bodyHash: v.optional(exactly({ claim: text(128), encoding: v.optional(encoding) })),
    maxAgeSeconds: v.optional(whole(1, DAY_SECONDS)),
  }),
  v.strictObject({ scheme: v.literal("header"), name: v.optional(headerName), values: secrets }),
  v.strictObject({ scheme: v.literal("basic"), username: text(), passwords: secrets }),
  v.strictObject({
    scheme: v.literal("bearer"),
    clients: v.pipe(v.array(exactly({ id: clientId, secret })), v.minLength(1, "expected at least one client")),
  }),
  v.strictObject({
    scheme: v.literal("ip"),
    ranges: v.optional(v.pipe(v.array(range), v.minLength(1, "expected at least one range"))),
  }),
  v.strictObject({ scheme: v.literal("none") }),
]);

export type SchemeDocument = v.InferOutput<typeof scheme>;

const NO_SCHEME = 'expected at least one scheme; {"scheme":"none"} must be written out';
const schemes = v.pipe(v.array(scheme), v.minLength(1, NO_SCHEME));

const schemeOrAll = v.lazy((input) =>
  typeof input === "object" && input !== null && "all" in input ? exactly({ all: schemes }) : scheme,
);

export const verifications = v.pipe(v.array(schemeOrAll), v.minLength(1, NO_SCHEME));

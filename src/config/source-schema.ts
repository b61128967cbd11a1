/** One source of a configuration document, as people write it. */
import * as v from "valibot";
import { OUTCOMES } from "../core/outcome.ts";
import { PROPERTY_FIELDS, VENDORS, type PropertyField } from "../vendors/adapter.ts";
import { challenge, customSession, map, webhook } from "./custom-schema.ts";
import { PRESET_NAMES } from "./presets/presets.ts";
import { exactly, named, pointer, secret, text, url, whole } from "./schema-parts.ts";
import { verifications } from "./scheme-schema.ts";

/** A body is parsed whole, in an isolate of 128 MB. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

const action = v.picklist(["deliver", "record", "ignore"]);
const eventHandling = v.lazy((input) =>
  typeof input === "string" ? action : exactly({ action, fetch: v.optional(v.boolean()) }),
);

const host = v.pipe(
  text(),
  v.check(
    (value) =>
      /^(https?:\/\/)?[^/?#@\s]+\/?$/.test(value) && URL.canParse(value.includes("://") ? value : `https://${value}`),
    "expected a host, or an origin such as https://files.example.com",
  ),
);

/** Paths are put behind it. */
const baseUrl = v.pipe(url, v.regex(/^[^?#]*$/, "expected a URL without a query or fragment"));

const session = exactly({
  baseUrl,
  apiKey: v.optional(secret),
  login: v.optional(exactly({ email: text(), password: secret })),
  fetch: v.optional(v.array(v.picklist(["score", "ocr", "images"]))),
  files: v.optional(v.array(text())),
  hosts: v.optional(v.array(host)),
  contract: v.optional(v.picklist(["websdk", "api"])),
  contracts: v.optional(named(text(), v.picklist(["websdk", "api"]))),
  tokenUrl: v.optional(url),
  account: v.optional(text()),
  tenant: v.optional(text()),
  privateKey: v.optional(secret),
  audience: v.optional(text()),
  sessionIdAt: v.optional(v.pipe(v.array(pointer), v.minLength(1))),
  properties: v.optional(named(text(), v.picklist(Object.keys(PROPERTY_FIELDS) as PropertyField[]))),
  patienceSeconds: v.optional(whole(0, 7 * 86_400)),
  onGiveUp: v.optional(v.picklist(["deliver", "hold"])),
  maxFileBytes: v.optional(whole(1, 5_000_000_000)),
  maxSessionBytes: v.optional(whole(1, 50_000_000_000)),
  ...customSession,
});

const days = v.optional(whole(1, 36_500));

export const source = exactly({
  vendor: v.picklist(VENDORS),
  description: v.optional(text(1000)),
  enabled: v.optional(v.boolean(), true),
  environment: v.optional(v.picklist(["live", "test"]), "live"),
  maxBytes: v.optional(whole(1, MAX_BODY_BYTES), 1024 * 1024),
  preset: v.optional(v.picklist(PRESET_NAMES)),
  verify: verifications,
  events: named(text(), eventHandling),
  outcomes: v.optional(named(text(), v.picklist(OUTCOMES)), {}),
  dedupe: v.optional(exactly({ windowSeconds: whole(60, 30 * 86_400) })),
  session: v.optional(session),
  webhook: v.optional(webhook),
  map: v.optional(map),
  challenge: v.optional(challenge),
  silentAfterSeconds: v.optional(whole(600, 30 * 86_400)),
  retention: v.optional(exactly({ receipts: days, events: days, files: days }), {}),
});

export type SourceDocument = v.InferOutput<typeof source>;

/** Every scheme of a source with its path in the document; one inside `all` is a conjunct. */
export function schemesOf(owner: string, { verify }: SourceDocument) {
  return verify.flatMap((each, index) => {
    const path = ["sources", owner, "verify", index];
    if (!("all" in each)) return [{ scheme: each, path, isConjunct: false }];
    return each.all.map((conjunct, position) => ({
      scheme: conjunct,
      path: [...path, "all", position],
      isConjunct: true,
    }));
  });
}

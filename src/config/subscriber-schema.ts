/** One subscriber of a configuration document, as people write it. */
import * as v from "valibot";
import { MAX_DELAY_SECONDS } from "../core/attempt.ts";
import { checkFilter, type Filter } from "../core/filter.ts";
import { FORMATS } from "../core/formats.ts";
import { isCredential, isReserved } from "../core/headers.ts";
import { INCLUDABLE } from "../core/projection.ts";
import { exactly, headerName, named, pointer, secret, text, url, whole } from "./schema-parts.ts";

/** What no CloudEvent can do without, nor a body that is an event's `data`. */
const REQUIRED = ["/specversion", "/id", "/source", "/type", "/data"];
const redactable = v.pipe(
  pointer,
  v.check((value) => !REQUIRED.includes(value), "expected a pointer to something that an event can do without"),
);

export const filter = v.pipe(
  v.custom<Filter>(() => true),
  v.rawCheck(({ dataset, addIssue }) => {
    for (const { message, path, expected } of checkFilter(dataset.value)) {
      const names = expected && { input: path.at(-1), expected: expected.map((name) => `"${name}"`).join(" | ") };
      addIssue({ message, path: issuePath(dataset.value, path), ...names });
    }
  }),
);

const retry = v.lazy((input) =>
  Array.isArray(input)
    ? v.pipe(v.array(whole(0, MAX_DELAY_SECONDS)), v.maxLength(100))
    : exactly({
        attempts: whole(1, 100),
        firstSeconds: whole(1, MAX_DELAY_SECONDS),
        factor: v.pipe(v.number(), v.minValue(1), v.maxValue(100)),
      }),
);

const ownName = v.pipe(
  headerName,
  v.check((value) => !isReserved(value), "expected a header that the gateway does not set itself"),
);
const openName = v.pipe(
  ownName,
  v.check((value) => !isCredential(value), "expected a header that is no credential; that belongs in auth"),
);
const headerValue = v.pipe(
  v.string(),
  v.regex(/^[!-~]([ -~]{0,510}[!-~])?$/, "expected 1 to 512 printable characters of ASCII, without spaces around them"),
);

const auth = v.variant("type", [
  v.strictObject({ type: v.literal("none") }),
  v.strictObject({ type: v.literal("header"), name: ownName, value: secret }),
  v.strictObject({ type: v.literal("basic"), username: text(), password: secret }),
  v.strictObject({
    type: v.literal("oauth2"),
    tokenUrl: url,
    clientId: text(),
    clientSecret: v.optional(secret),
    privateKey: v.optional(secret),
    method: v.optional(v.picklist(["basic", "post", "private_key_jwt"]), "basic"),
    scope: v.optional(text(1024)),
    audience: v.optional(text(1024)),
  }),
]);

const plainHmac = v.strictObject({
  scheme: v.literal("hmac"),
  header: openName,
  prefix: v.optional(
    v.pipe(v.string(), v.regex(/^[ -~]{0,64}$/, "expected at most 64 printable characters of ASCII")),
    "",
  ),
  encoding: v.optional(v.picklist(["hex", "base64"]), "hex"),
  algorithm: v.optional(v.picklist(["sha1", "sha256", "sha512"]), "sha256"),
  secret,
});

const signingMethod = v.lazy((input) =>
  typeof input === "object" && input !== null && "scheme" in input ? plainHmac : secret,
);

export const subscriber = exactly({
  url,
  description: v.optional(text(1000)),
  enabled: v.optional(v.boolean(), true),
  filter: v.optional(filter),
  signing: v.pipe(v.array(signingMethod), v.minLength(1, "expected at least one secret"), v.maxLength(10)),
  format: v.optional(v.picklist(FORMATS), "cloudevents"),
  forwardHeaders: v.optional(v.pipe(v.array(openName), v.maxLength(10))),
  headers: v.optional(v.pipe(named(openName, headerValue), v.maxEntries(20)), {}),
  include: v.optional(v.array(v.picklist(INCLUDABLE))),
  redact: v.optional(v.array(redactable)),
  auth: v.optional(auth, { type: "none" }),
  retry: v.optional(retry),
  accept: v.optional(v.picklist(["2xx", "success"]), "2xx"),
  timeoutSeconds: v.optional(whole(1, 60), 15),
  ratePerSecond: v.optional(whole(1, 10_000)),
  concurrency: v.optional(whole(1, 1000)),
  linkSeconds: v.optional(whole(60, 7 * 86_400), 86_400),
});

export type SubscriberDocument = v.InferOutput<typeof subscriber>;

/** The library wants each step of a path with the value around it. */
function issuePath(
  input: unknown,
  path: readonly (string | number)[],
): [v.IssuePathItem, ...v.IssuePathItem[]] | undefined {
  let around = input;
  const items = path.map((key): v.IssuePathItem => {
    const item = {
      type: "unknown",
      origin: "value",
      input: around,
      key,
      value: (around as Record<string, unknown>)?.[key],
    } as const;
    around = item.value;
    return item;
  });
  const [first, ...rest] = items;
  return first && [first, ...rest];
}

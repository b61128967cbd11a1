/**
 * The configuration document as people write it (valibot). Strict: an unknown key is a fault. Messages are made in
 * faults.ts, since the library's own repeat what was sent.
 */
import * as v from "valibot";
import { checkFilter, type Filter } from "../core/filter.ts";
import { parseRange } from "../core/address.ts";
import { parsePointer } from "../core/pointer.ts";
import { INCLUDABLE } from "../core/projection.ts";
import { OUTCOMES } from "../core/outcome.ts";
import { MAX_DELAY_SECONDS } from "../core/attempt.ts";
import { PROPERTY_FIELDS, VENDORS, type PropertyField } from "../vendors/adapter.ts";

/** A body is parsed whole, in an isolate of 128 MB. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

export const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const SECRET_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;

/** An object with these keys and no others. The library takes a list for an object (but not where it must choose a variant). */
const exactly = <Entries extends v.ObjectEntries>(entries: Entries) => {
  const object = v.strictObject(entries);
  const list = v.never();
  return v.lazy((input): typeof object | typeof list => (Array.isArray(input) ? list : object));
};

const named = <Key extends typeof name | ReturnType<typeof text>, Value extends v.GenericSchema>(
  key: Key,
  value: Value,
) => {
  const record = v.record(key, value);
  const list = v.never();
  return v.lazy((input): typeof record | typeof list => (Array.isArray(input) ? list : record));
};

const whole = (minimum: number, maximum: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum));
const text = (maximum = 512) => v.pipe(v.string(), v.minLength(1), v.maxLength(maximum));
const name = v.pipe(v.string(), v.regex(NAME, "expected a name of a-z, 0-9 and -, at most 63 characters"));
const headerName = v.pipe(v.string(), v.regex(HEADER_NAME, "expected the name of an HTTP header"));
const url = v.pipe(v.string(), v.maxLength(2048), v.url("expected an absolute URL"));
const pointer = v.pipe(
  v.string(),
  v.check(
    (value) => parsePointer(value) !== undefined && value !== "",
    "expected a JSON Pointer such as /data/document/number",
  ),
);

/** What no CloudEvent can do without. */
const REQUIRED = ["/specversion", "/id", "/source", "/type"];
const redactable = v.pipe(
  pointer,
  v.check((value) => !REQUIRED.includes(value), "expected a pointer to something that an event can do without"),
);

const secret = exactly({
  secret: v.pipe(
    v.string(),
    v.regex(SECRET_NAME, "expected the name of a secret: letters, digits, - and _, at most 63"),
  ),
});
const secrets = v.pipe(v.array(secret), v.minLength(1, "expected at least one secret"), v.maxLength(10));

const scheme = v.variant("scheme", [
  v.strictObject({
    scheme: v.literal("hmac"),
    secrets,
    header: v.optional(headerName),
    prefix: v.optional(v.pipe(v.string(), v.maxLength(64))),
    encoding: v.optional(v.picklist(["hex", "base64"])),
  }),
  v.strictObject({ scheme: v.literal("header"), name: headerName, values: secrets }),
  v.strictObject({ scheme: v.literal("basic"), username: text(), passwords: secrets }),
  v.strictObject({
    scheme: v.literal("bearer"),
    clients: v.pipe(
      v.array(exactly({ id: v.pipe(text(128), v.regex(/^[^:]*$/, "expected a client id without a colon")), secret })),
      v.minLength(1, "expected at least one client"),
    ),
  }),
  v.strictObject({
    scheme: v.literal("ip"),
    ranges: v.pipe(
      v.array(
        v.pipe(
          v.string(),
          v.check((value) => parseRange(value) !== undefined, "expected an IP address or a CIDR range"),
        ),
      ),
      v.minLength(1, "expected at least one range"),
    ),
  }),
  v.strictObject({ scheme: v.literal("none") }),
]);

const NO_SCHEME = 'expected at least one scheme; {"scheme":"none"} must be written out';
const schemes = v.pipe(v.array(scheme), v.minLength(1, NO_SCHEME));

const schemeOrAll = v.lazy((input) =>
  typeof input === "object" && input !== null && "all" in input ? exactly({ all: schemes }) : scheme,
);

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
});

const days = v.optional(whole(1, 36_500));

const source = exactly({
  vendor: v.picklist(VENDORS),
  description: v.optional(text(1000)),
  enabled: v.optional(v.boolean(), true),
  environment: v.optional(v.picklist(["live", "test"]), "live"),
  maxBytes: v.optional(whole(1, MAX_BODY_BYTES), 1024 * 1024),
  verify: v.pipe(v.array(schemeOrAll), v.minLength(1, NO_SCHEME)),
  events: named(text(), eventHandling),
  outcomes: v.optional(named(text(), v.picklist(OUTCOMES)), {}),
  dedupe: v.optional(exactly({ windowSeconds: whole(60, 30 * 86_400) })),
  session: v.optional(session),
  retention: v.optional(exactly({ receipts: days, events: days, files: days }), {}),
});

const filter = v.pipe(
  v.custom<Filter>(() => true),
  v.rawCheck(({ dataset, addIssue }) => {
    for (const fault of checkFilter(dataset.value))
      addIssue({ message: fault.message, path: issuePath(dataset.value, fault.path) });
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

const auth = v.variant("type", [
  v.strictObject({ type: v.literal("none") }),
  v.strictObject({ type: v.literal("header"), name: headerName, value: secret }),
  v.strictObject({ type: v.literal("basic"), username: text(), password: secret }),
]);

const subscriber = exactly({
  url,
  description: v.optional(text(1000)),
  enabled: v.optional(v.boolean(), true),
  filter: v.optional(filter),
  signing: secrets,
  format: v.optional(v.picklist(["cloudevents"]), "cloudevents"),
  include: v.optional(v.array(v.picklist(INCLUDABLE))),
  redact: v.optional(v.array(redactable), []),
  auth: v.optional(auth, { type: "none" }),
  retry: v.optional(retry),
  accept: v.optional(v.picklist(["2xx", "success"]), "2xx"),
  timeoutSeconds: v.optional(whole(1, 60), 15),
  ratePerSecond: v.optional(whole(1, 10_000)),
  concurrency: v.optional(whole(1, 1000)),
  linkSeconds: v.optional(whole(60, 7 * 86_400), 86_400),
});

export const documentSchema = exactly({
  $schema: v.optional(v.string()),
  sources: v.optional(named(name, source), {}),
  subscribers: v.optional(named(name, subscriber), {}),
});

export type ConfigDocument = v.InferOutput<typeof documentSchema>;
export type SourceDocument = v.InferOutput<typeof source>;
export type SubscriberDocument = v.InferOutput<typeof subscriber>;

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

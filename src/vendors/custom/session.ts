/**
 * Reads a session back as its source's configuration describes it: its reads one after the other, what the map finds in their
 * answers, the files that they name.
 */
import type { Json, Missing, Scalar, Statement } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { parsePointer } from "../../core/pointer.ts";
import { dropCredentials } from "../../core/scrub.ts";
import { withinLimits } from "../limits.ts";
import { isOfAnother, startOf, withMissing, type Webhook } from "../reading.ts";
import {
  pathSegment,
  type SessionAdapter,
  type SessionAnswer,
  type SessionOptions,
  type SessionRead,
  type SessionReading,
  type SessionRequest,
} from "../session.ts";
import { toVendorData } from "../vendor-data.ts";
import { authorize, tokenSource } from "./access.ts";
import { NO_RULES } from "./adapter.ts";
import { createBody, type Body } from "./body.ts";
import { listFiles } from "./files.ts";
import { bodiesOf, mapBodies, readVerdict, typeOf, type Mapped } from "./mapping.ts";
import { fill, type Gap } from "./template.ts";

export const customSession: SessionAdapter = {
  token: tokenSource,
  authorize,
  read: (webhook, options) => withinLimits(read(webhook, options)),
  webhookOf,
};

type Received = Webhook & { payload: JsonObject };

function* read(webhook: Received, options: SessionOptions): SessionReading {
  const start = startOf(webhook);
  const { id } = start.session;
  const answers = new Map<string, JsonObject>();
  // Whoever was not asked to prove anything does not choose what is asked of the vendor, but for the session itself.
  const payload = createBody(webhook.isProven ? webhook.payload : {});
  const wordOf = ({ name, pointer }: Gap): string | undefined => {
    if (pointer === undefined) return name === "session" ? id : undefined;
    const body = name === "webhook" ? payload : createBody(answers.get(name) ?? {});
    return body.find([pointer])?.word;
  };
  const missing = yield* readAll(options, id, answers, wordOf);
  const vendorData = Object.fromEntries([...answers].map(([name, answer]) => [name, toVendorData(answer)]));
  const listing = listFiles(options.fileList ?? [], answers, vendorData, options.baseUrl, wordOf);
  const bodies = new Map(Object.entries(vendorData).map(([name, json]): [string, Body] => [name, createBody(json)]));
  const known = withMissing(start, [...missing, ...listing.missing]);
  return {
    ...conclude(known, webhook, bodies, options),
    files: listing.files,
    vendorData: dropCredentials(vendorData),
  };
}

const NOT_THERE: ReadonlySet<string> = new Set(["gone", "rejected"]);

function* readAll(
  { reads = [], baseUrl }: SessionOptions,
  id: string | undefined,
  answers: Map<string, JsonObject>,
  wordOf: (gap: Gap) => string | undefined,
): Generator<SessionRequest, Missing[], SessionAnswer> {
  const missing: Missing[] = [];
  // What no answer names cannot be asked for, and the vendor has refused nothing.
  const unfilled = pathSegment(id ?? "") === undefined ? "refused" : "not_sent";
  for (const { name, path, id: idAt, optional } of reads) {
    const filled = fill(path, wordOf);
    if (filled === undefined) {
      if (!optional) missing.push({ what: name, why: unfilled });
      continue;
    }
    const answer = yield { method: "GET", url: `${baseUrl}${filled}`, withCredential: true };
    if (!answer.ok) {
      if (!optional || !NOT_THERE.has(answer.why)) missing.push({ what: name, why: answer.why });
      continue;
    }
    if (isOfAnother(createBody(answer.json).find(idAt)?.word, id)) missing.push({ what: name, why: "unreadable" });
    else answers.set(name, answer.json);
  }
  return missing;
}

/** Where the outcome is the webhook's, the session does not confirm it. */
function conclude(
  start: Statement,
  { payload, isProven }: Received,
  bodies: ReadonlyMap<string, Body>,
  { custom: rules = NO_RULES, outcomes, fileList = [] }: SessionOptions,
): Pick<SessionRead, "statement" | "isConfirmed"> {
  const verdict = readVerdict(rules.outcome, bodies, outcomes);
  const outcome = verdict?.outcome ?? start.outcome;
  const proven = isProven ? bodiesOf(rules, createBody(payload), bodies) : bodies;
  const isListed = start.type === "idv.watchlist.updated";
  const found = withMapped(start, mapBodies(rules, bodies));
  const session = { ...found.session, ...(verdict?.word !== undefined && { vendorStatus: verdict.word }) };
  const extracted: Record<string, Scalar> = { ...start.extracted };
  for (const [name, body] of bodies) {
    const lists = fileList.flatMap(({ read: from, each }) => (from === name && each !== undefined ? [each] : []));
    for (const [path, scalar] of Object.entries(body.leftovers(lists))) extracted[`${name}.${path}`] = scalar;
  }
  const type = isListed ? start.type : typeOf(rules.type, proven, outcome);
  return { statement: { ...found, type, outcome, session, extracted }, isConfirmed: verdict?.word !== undefined };
}

/** The session's own words count before the webhook's. */
function withMapped(start: Statement, { session, person, document, watchlist, checks, missing }: Mapped): Statement {
  const { address, nationalId, ...rest } = person;
  return {
    ...start,
    session: { ...start.session, ...session },
    person: {
      ...start.person,
      ...rest,
      ...(address && { address: { ...start.person?.address, ...address } }),
      ...(nationalId && { nationalId }),
    },
    document: { ...start.document, ...document },
    watchlist: { ...start.watchlist, ...watchlist },
    checks: [...(start.checks ?? []), ...checks],
    missing: [...(start.missing ?? []), ...missing],
  };
}

/** Exactly what says which session it is. */
function webhookOf(sessionId: string, { custom: rules = NO_RULES }: SessionOptions): JsonObject {
  const [name = "session", ...rest] = parsePointer(rules.session[0] ?? "") ?? [];
  return { [name]: rest.reduceRight<Json>((value, segment) => ({ [segment]: value }), sessionId) };
}

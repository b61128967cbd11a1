/**
 * A vendor that the gateway does not know by name: what its webhooks are about and what they say is found where its source's
 * configuration says that it stands.
 */
import type { Statement } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import type { AdapterOptions, Identified, VendorAdapter } from "../adapter.ts";
import { createBody, findWord, type Body, type Found } from "./body.ts";
import { toMoment } from "./convert.ts";
import { bodiesOf, mapBodies, readVerdict, typeOf } from "./mapping.ts";
import type { CustomRules } from "./rules.ts";

const DAY_SECONDS = 86_400;

/** Of a source that has left the configuration: nothing is found in its webhooks, and they are kept as they came. */
export const NO_RULES: CustomRules = { event: [], session: [], delivery: [], fields: [], checks: [] };

export const custom: VendorAdapter = { vendor: "custom", dedupeSeconds: DAY_SECONDS, identify, normalize };

function identify(payload: JsonObject, { custom: rules = NO_RULES }: AdapterOptions): Identified {
  const body = createBody(payload);
  const sessionId = idOf(rules.session, body)?.word;
  if (sessionId === undefined) return { ok: false, reason: "no_session_id" };
  const [time, deliveryId] = [timeOf(rules, body), idOf(rules.delivery, body)?.word];
  const identity = {
    names: namesOf(rules, body),
    sessionId,
    ...(time !== undefined && { time }),
    ...(deliveryId !== undefined && { deliveryId }),
  };
  return { ok: true, identity };
}

/** `true` is nobody's id. */
function idOf(pointers: readonly string[], body: Body): Found | undefined {
  const found = body.find(pointers);
  return typeof found?.scalar === "boolean" ? undefined : found;
}

/** `type/status`, `type`; a part that was not sent is left out, and with none only `*` is left. */
function namesOf({ event }: CustomRules, body: Body): [string, ...string[]] {
  const sent = event.flatMap((pointer) => body.find([pointer])?.word ?? []);
  const [first = "*", ...rest] = sent.map((_, index) => sent.slice(0, sent.length - index).join("/"));
  return [first, ...rest];
}

function timeOf({ time }: CustomRules, body: Body): string | undefined {
  const found = time && findWord(time, body);
  const moment = found && toMoment(found.word, time?.date);
  if (moment !== undefined) body.place(found);
  return moment;
}

function normalize(payload: JsonObject, { custom: rules = NO_RULES, outcomes }: AdapterOptions): Statement {
  const body = createBody(payload);
  const bodies = bodiesOf(rules, body);
  const verdict = readVerdict(rules.outcome, bodies, outcomes);
  const outcome = verdict?.outcome ?? "unknown";
  const [id, event] = [idOf(rules.session, body), body.find(rules.event.slice(0, 1))];
  body.place(id);
  body.place(event);
  const { session, ...mapped } = mapBodies(rules, bodies);
  return {
    type: typeOf(rules.type, bodies, outcome),
    outcome,
    time: timeOf(rules, body),
    session: { ...session, id: id?.word, vendorEvent: event?.word, vendorStatus: verdict?.word },
    ...mapped,
    extracted: body.leftovers(),
  };
}

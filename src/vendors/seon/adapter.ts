/**
 * SEON. Its signed webhook is the whole truth: status, every check, what was read from the document, when. Only its
 * `idv:` events speak of identity verification; other products may share the endpoint.
 * Source: SEON's page "Integration and webhooks" and docs.seon.io/api-reference/webhooks.
 */
import { toInstant } from "../../core/dates.ts";
import type { EventType, Statement } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { readOutcome } from "../../core/outcome.ts";
import type { AdapterOptions, Identified, VendorAdapter } from "../adapter.ts";
import type { Reader } from "../reader.ts";
import { readChecks } from "./checks.ts";
import { readExtraction } from "./extraction.ts";
import { FIELDS, OUTCOMES } from "./names.ts";
import { firstOf, openPayload, readLeftovers, readText } from "./payload.ts";
import { notSent } from "../missing.ts";
import { readSessionPeriod, readTimeline } from "./timeline.ts";

const DAY_SECONDS = 86_400;

const IDV_FAMILY = "idv:";

interface Ending {
  type: EventType;
  decidedBy?: "human";
}

/** A changed status is an analyst's doing. Every other event of the family is a milestone. */
const ENDINGS: ReadonlyMap<string, Ending> = new Map<string, Ending>([
  ["idv:session_finished", { type: "idv.session.finished" }],
  ["idv:session_status_updated", { type: "idv.session.updated", decidedBy: "human" }],
]);

const MILESTONE: Ending = { type: "idv.session.progress" };

/** What SEON sends, unsigned, when a URL is saved. */
const PING: Readonly<Record<string, string>> = { event: "ping", message: "Webhook URL validation check." };

export const seon: VendorAdapter = {
  vendor: "seon",
  dedupeSeconds: DAY_SECONDS,
  signature: { header: "Digest", prefix: "SHA-256=" },
  eventWords: [...ENDINGS.keys(), ...Object.keys(OUTCOMES)],
  isPing,
  identify,
  normalize,
};

function isPing(payload: JsonObject): boolean {
  const names = Object.keys(payload);
  return names.length === 2 && Object.keys(PING).every((name) => payload[name] === PING[name]);
}

function identify(payload: JsonObject): Identified {
  const { envelope, places } = openPayload(payload);
  const event = envelope.text("event");
  const sessionId = readText(places, FIELDS.sessionId) ?? findOtherId(places, event);
  if (sessionId === undefined) return { ok: false, reason: "no_session_id" };
  const names = namesOf(event, readText(places, FIELDS.status));
  return { ok: true, identity: { names, sessionId, time: toInstant(envelope.text("date") ?? "") } };
}

/** With no event at all only `*` is left. */
function namesOf(event: string | undefined, status: string | undefined): [string, ...string[]] {
  if (event === undefined) return ["*"];
  return status === undefined ? [event] : [`${event}/${status}`, event];
}

/** Another id that tells this webhook from others; it never becomes the event's session. */
function findOtherId(places: readonly Reader[], event: string | undefined): string | undefined {
  const known = readText(places, [...FIELDS.referenceId, ...FIELDS.userId]);
  if (known !== undefined || event?.startsWith(IDV_FAMILY)) return known;
  return firstOf(places, (place) => {
    // What other products call their ids is not known here.
    const name = place.keys().find((key) => /(^id|Id|_id)$/.test(key) && place.text(key) !== undefined);
    return name === undefined ? undefined : place.text(name);
  });
}

function normalize(payload: JsonObject, options: AdapterOptions): Statement {
  const { envelope, places } = openPayload(payload);
  const event = envelope.text("event");
  const id = readText(places, FIELDS.sessionId);
  const status = readText(places, FIELDS.status);
  const isVerification = event !== undefined && event.startsWith(IDV_FAMILY);
  const { type, decidedBy } = ENDINGS.get(event ?? "") ?? MILESTONE;
  const timeline = readTimeline(places);
  return {
    type,
    // The same word in another product's event is no verdict about a person.
    outcome: isVerification && status !== undefined ? readOutcome(status, options.outcomes, OUTCOMES) : "unknown",
    time: envelope.converted(["date"], toInstant),
    session: {
      id,
      externalId: readText(places, FIELDS.userId),
      referenceId: readText(places, FIELDS.referenceId),
      vendorEvent: event,
      vendorStatus: status,
      decidedBy,
      ...readSessionPeriod(places, timeline),
    },
    ...readExtraction(places),
    checks: readChecks(places),
    timeline,
    missing: isVerification || event === undefined ? notSent({ event, sessionId: id, status }) : undefined,
    extracted: readLeftovers(envelope),
  };
}

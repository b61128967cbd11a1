/**
 * Unico IDCloud. Its webhook is coarse: that a process ended, and how the biometric run went. Whether the identity was
 * confirmed is known only once the process has been read back.
 * Source: Unico's page "Event types", developer.unico.io.
 */
import type { EventType, Statement } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { readOutcome, type Outcome, type OutcomeTable } from "../../core/outcome.ts";
import type { AdapterOptions, Identified, VendorAdapter } from "../adapter.ts";
import { notSent } from "../missing.ts";
import { createReader, type Reader } from "../reader.ts";
import { LAST_EVENTS } from "./last-events.ts";

const DAY_SECONDS = 86_400;

/** The only state that ends a process; every other one, known or not, is a milestone. */
const FINISHED = "PROCESS_STATE_FINISHED";

/** `ok` only says that the process ended as planned, not that the person was recognized. */
const OUTCOMES: OutcomeTable = { ok: "unknown", expired: "expired", invalid_identity: "error" };

export const unico: VendorAdapter = {
  vendor: "unico",
  dedupeSeconds: DAY_SECONDS,
  eventWords: [FINISHED, ...Object.keys(OUTCOMES), ...LAST_EVENTS.keys()],
  identify,
  normalize,
};

function identify(payload: JsonObject): Identified {
  const reader = createReader(payload);
  const sessionId = reader.text("processId");
  if (sessionId === undefined) return { ok: false, reason: "no_session_id" };
  return { ok: true, identity: { names: namesOf(reader), sessionId } };
}

/** `state/result/lastEvent`, `state/result`, `state`; a part that was not sent is left out, and with none only `*` is left. */
function namesOf(reader: Reader): [string, ...string[]] {
  const parts = [reader.text("state"), reader.text("result"), reader.text("lastEvent")];
  const sent = parts.filter((part) => part !== undefined);
  const [first = "*", ...rest] = sent.map((_, index) => sent.slice(0, sent.length - index).join("/"));
  return [first, ...rest];
}

function normalize(payload: JsonObject, options: AdapterOptions): Statement {
  const reader = createReader(payload);
  const state = reader.text("state");
  const result = reader.text("result");
  return {
    ...readEnding(state, result, options.outcomes),
    session: {
      id: reader.text("processId"),
      externalId: reader.text("clientReference"),
      flow: reader.text("flow"),
      vendorEvent: state,
      vendorStatus: result,
      lastEvent: readLastEvent(reader),
    },
    missing: notSent({ state }),
    extracted: reader.leftovers(),
  };
}

/** Only a finished process has a result, so that a result without a state speaks of a finished one. */
function readEnding(
  state: string | undefined,
  result: string | undefined,
  overrides: OutcomeTable,
): { type: EventType; outcome: Outcome } {
  if (state !== undefined && state !== FINISHED) return { type: "idv.session.progress", outcome: "pending" };
  if (result !== undefined) return { type: "idv.session.finished", outcome: readOutcome(result, overrides, OUTCOMES) };
  return { type: state === FINISHED ? "idv.session.finished" : "idv.session.progress", outcome: "unknown" };
}

function readLastEvent(reader: Reader): Statement["session"]["lastEvent"] {
  const code = reader.text("lastEvent");
  if (code === undefined) return undefined;
  return { code, description: reader.text("lastEventDescription") ?? LAST_EVENTS.get(code) };
}

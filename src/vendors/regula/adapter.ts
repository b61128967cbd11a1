/**
 * Regula IDV. Its webhook carries an id and whatever else the integrator's workflow writes into it, so that it is a
 * hint: the outcome, the properties and the files come from the session that is read back.
 * Source: Regula's page "Getting Session Data via API".
 */
import type { Scalar, Statement } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import type { AdapterOptions, Identified, VendorAdapter } from "../adapter.ts";
import { parsePointer, valueAt } from "../../core/pointer.ts";
import { createReader } from "../reader.ts";

const MINUTE_SECONDS = 60;

/** The name of a webhook that names no event, and the less specific name of every other one. */
const ANY_SESSION = "session";

/** The window is short, because a webhook says the same each time while the session behind it changes. */
export const regula: VendorAdapter = { vendor: "regula", dedupeSeconds: MINUTE_SECONDS, identify, normalize };

function identify(payload: JsonObject, options: AdapterOptions): Identified {
  const id = findText(payload, options.sessionIdAt);
  if (id === undefined) return { ok: false, reason: "no_session_id" };
  const event = createReader(payload).text("event");
  return {
    ok: true,
    identity: { names: event === undefined ? [ANY_SESSION] : [event, ANY_SESSION], sessionId: id.text },
  };
}

/** A `status` in the webhook is not trusted: no document promises one, and workflows give the numbers their own meaning. */
function normalize(payload: JsonObject, options: AdapterOptions): Statement {
  const id = findText(payload, options.sessionIdAt);
  const reader = createReader(payload);
  return {
    type: "idv.session.progress",
    outcome: "unknown",
    session: { id: id?.text, flow: reader.text("workflowId"), vendorEvent: reader.text("event") },
    extracted: without(reader.leftovers(), id?.path),
  };
}

interface Found {
  text: string;
  /** The dotted path under which a reader would name the same place. */
  path: string;
}

/** The first of the pointers that leads to a non-empty text or a number. */
function findText(payload: JsonObject, pointers: readonly string[]): Found | undefined {
  for (const pointer of pointers) {
    const value = valueAt(payload, pointer);
    const isText = typeof value === "number" || (typeof value === "string" && value !== "");
    if (isText) return { text: String(value), path: (parsePointer(pointer) ?? []).join(".") };
  }
  return undefined;
}

function without(scalars: Record<string, Scalar>, path: string | undefined): Record<string, Scalar> {
  return Object.fromEntries(Object.entries(scalars).filter(([name]) => name !== path));
}

/** A stored webhook in canonical words. */
import type { Config, Source } from "../config/config.ts";
import type { Statement } from "../core/event.ts";
import { isObject, parseJson, type JsonObject } from "../core/json.ts";
import type { Receipt } from "../core/receipt.ts";
import { dropCredentials, scrubUrls } from "../core/scrub.ts";
import { adapters } from "../vendors/registry.ts";
import { DEFAULT_OPTIONS, VENDORS, type Identity, type UnreadableReason } from "../vendors/adapter.ts";

/** What the webhook by itself says. */
export interface ReadWebhook {
  ok: true;
  identity: Identity;
  statement: Statement;
  /** As it came, but for what in it is a credential. */
  payload: JsonObject;
}

export type Reading = ReadWebhook | { ok: false; reason: UnreadableReason | "unknown_vendor" | "other_session" };

/** @param config a source that has left it since is read by its vendor's defaults: what was accepted is still processed */
export function readReceipt(receipt: Receipt, config: Config): Reading {
  const vendor = VENDORS.find((each) => each === receipt.facts.vendor);
  if (!vendor) return { ok: false, reason: "unknown_vendor" };
  const source = config.sources.get(receipt.address.source);
  const options = source?.vendor === vendor ? source.adapterOptions : DEFAULT_OPTIONS;

  const parsed = parseJson(receipt.body);
  if (!parsed.ok) return parsed;
  if (!isObject(parsed.value)) return { ok: false, reason: "not_an_object" };
  // Of the payload as it came, since that is how it was identified when it was received.
  const identified = adapters[vendor].identify(parsed.value, options);
  if (!identified.ok) return identified;
  const payload = scrubUrls(parsed.value);
  const statement = adapters[vendor].normalize(payload, options);
  return {
    ok: true,
    identity: identified.identity,
    statement: { ...statement, vendorData: { webhook: dropCredentials(payload) } },
    payload,
  };
}

/** Vendors whose webhook says less than their session does. */
const POINTS_AT_SESSION: ReadonlySet<string> = new Set(["regula", "incode", "unico"]);

/** What is said without the session being read back: that it was not, where it would say more. */
export function withoutSession(statement: Statement, vendor: string, source: Source | undefined): Statement {
  const pointsAtSession = POINTS_AT_SESSION.has(vendor) || (vendor === "custom" && source?.session !== undefined);
  const isUnread = pointsAtSession && statement.outcome === "unknown";
  if (!isUnread) return statement;
  const unread = { what: "session", why: source?.session ? "not_read" : "not_configured" };
  return { ...statement, missing: [...(statement.missing ?? []), unread] };
}

/**
 * A session whose webhook never came: what the webhook would have said is put on the road in its place, proven by nothing, so that
 * the vendor's own answer is all that an event can be made from.
 */
import type { Config } from "../config/config.ts";
import { shortHash } from "../core/digest.ts";
import { hashSession, receiptId } from "../core/ids.ts";
import type { Arrival } from "../core/receipt.ts";
import { sessionAdapters } from "../vendors/registry.ts";
import { makeDurable, type DurableDeps } from "./durable.ts";
import { identify } from "./identify.ts";

export interface PullDeps extends DurableDeps {
  config(): Promise<Config | undefined>;
  /** A ULID for a time in epoch milliseconds. */
  sequence(now: number): string;
  now: number;
  /** Origin of links. */
  publicUrl: string;
}

export type Pulled =
  | { ok: true; receipt: string }
  | { ok: false; why: "not_configured" | "unknown_source" | "no_session" | "invalid_session_id" | "not_durable" };

export async function pull(sourceName: string, sessionId: string, deps: PullDeps): Promise<Pulled> {
  const config = await deps.config();
  if (!config) return { ok: false, why: "not_configured" };
  const source = config.sources.get(sourceName);
  if (!source) return { ok: false, why: "unknown_source" };
  const adapter = sessionAdapters[source.vendor];
  if (!adapter || !source.session) return { ok: false, why: "no_session" };

  const body = new TextEncoder().encode(JSON.stringify(adapter.webhookOf(sessionId, source.session.options)));
  const identified = identify(source, body);
  if (!identified.ok || identified.identity.sessionId !== sessionId) return { ok: false, why: "invalid_session_id" };
  const { now } = deps;
  const sequence = deps.sequence(now);
  const arrival: Arrival = {
    // Each pull is one of its own, however often the same is asked for.
    address: {
      source: source.name,
      session: await hashSession(source.name, sessionId),
      body: await shortHash("pull", sequence),
    },
    facts: {
      vendor: source.vendor,
      environment: source.environment,
      basis: "none",
      action: "deliver",
      sequence,
      receivedAt: now,
      origin: deps.publicUrl,
      headers: { "content-type": "application/json" },
      isPull: true,
    },
    body,
    windowSeconds: source.windowSeconds,
    isDated: false,
  };
  const durable = await makeDurable(arrival, "sessions", deps);
  return durable ? { ok: true, receipt: await receiptId(durable.address) } : { ok: false, why: "not_durable" };
}

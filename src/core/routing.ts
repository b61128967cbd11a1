/** Which subscribers an event is owed to. */
import type { CanonicalEvent } from "./event.ts";
import { asksFor, matches, mentions, type Filter } from "./filter.ts";
import { isNoticeType, type NoticeEvent } from "./notice.ts";

type Routed = CanonicalEvent | NoticeEvent;

export interface Route {
  name: string;
  enabled: boolean;
  filter?: Filter | undefined;
}

/** `condition`: the member of the subscriber's filter that does not hold. */
export type Verdict =
  | { matched: true }
  | { matched: false; because: "disabled" | "environment" | "type" }
  | { matched: false; because: "filter"; condition: string };

/**
 * Events of test sources go only to subscribers whose filter names `environment`, notices only to those whose filter names a
 * `type` of theirs.
 */
export function subscribersOf<R extends Route>(event: Routed, source: string, routes: readonly R[]): R[] {
  return routes.filter((route) => judgeRoute(event, source, route).matched);
}

/** Whether one subscriber is owed an event, and if not, what says so. */
export function judgeRoute(event: Routed, source: string, { enabled, filter = {} }: Route): Verdict {
  if (!enabled) return { matched: false, because: "disabled" };
  if (isNoticeType(event.type) && !asksFor(filter, "type", "gateway")) return { matched: false, because: "type" };
  const isForEnvironment = event.environment === "live" || mentions(filter, "environment");
  if (!isForEnvironment) return { matched: false, because: "environment" };
  const failing = Object.entries(filter).find(([path, condition]) => !matches({ [path]: condition }, event, source));
  return failing ? { matched: false, because: "filter", condition: failing[0] } : { matched: true };
}

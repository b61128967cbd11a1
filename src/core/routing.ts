/** Which subscribers an event is owed to. */
import type { CanonicalEvent } from "./event.ts";
import { matches, mentions, type Filter } from "./filter.ts";

export interface Route {
  name: string;
  enabled: boolean;
  filter?: Filter | undefined;
}

/** `condition`: the member of the subscriber's filter that does not hold. */
export type Verdict =
  | { matched: true }
  | { matched: false; because: "disabled" | "environment" }
  | { matched: false; because: "filter"; condition: string };

/** Events of test sources go only to subscribers whose filter names `environment`. */
export function subscribersOf<R extends Route>(event: CanonicalEvent, source: string, routes: readonly R[]): R[] {
  return routes.filter((route) => judgeRoute(event, source, route).matched);
}

/** Whether one subscriber is owed an event, and if not, what says so. */
export function judgeRoute(event: CanonicalEvent, source: string, { enabled, filter = {} }: Route): Verdict {
  if (!enabled) return { matched: false, because: "disabled" };
  const isForEnvironment = event.environment === "live" || mentions(filter, "environment");
  if (!isForEnvironment) return { matched: false, because: "environment" };
  const failing = Object.entries(filter).find(([path, condition]) => !matches({ [path]: condition }, event, source));
  return failing ? { matched: false, because: "filter", condition: failing[0] } : { matched: true };
}

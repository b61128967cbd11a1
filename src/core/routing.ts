/** Which subscribers an event is owed to. */
import type { CanonicalEvent } from "./event.ts";
import { matches, mentions, type Filter } from "./filter.ts";

export interface Route {
  name: string;
  enabled: boolean;
  filter?: Filter | undefined;
}

/** Events of test sources go only to subscribers whose filter names `environment`. */
export function subscribersOf<R extends Route>(event: CanonicalEvent, source: string, routes: readonly R[]): R[] {
  return routes.filter((route) => {
    const filter = route.filter ?? {};
    const isForEnvironment = event.environment === "live" || mentions(filter, "environment");
    return route.enabled && isForEnvironment && matches(filter, event, source);
  });
}

/** What the bodies of replays say, and each fault by its path. */
import type { Config } from "../config/config.ts";
import type { Fault } from "../config/faults.ts";

export type SubscribersReading = { ok: true; subscribers: string[] | undefined } | { ok: false; faults: Fault[] };

/** `subscribers` of a body that holds nothing else; whoever is named must be there, so that no typing error is sent to nobody. */
export function readSubscribers(body: unknown, config: Config): SubscribersReading {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    return { ok: false, faults: [{ path: "", message: "expected an object" }] };
  const { subscribers, ...more } = body as { subscribers?: unknown };
  const faults = [
    ...Object.keys(more).map((): Fault => ({ path: "", message: "expected no member but subscribers" })),
    ...faultsOfNames(subscribers, config),
  ];
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, subscribers: subscribers === undefined ? undefined : [...new Set(subscribers as string[])] };
}

export function faultsOfNames(subscribers: unknown, config: Config): Fault[] {
  if (subscribers === undefined) return [];
  if (!Array.isArray(subscribers) || subscribers.length === 0)
    return [{ path: "/subscribers", message: "expected a list of at least one subscriber's name" }];
  return subscribers.flatMap((name: unknown, index) => {
    const fault = faultOfName(name, config);
    return fault === undefined ? [] : [{ path: `/subscribers/${index}`, message: fault }];
  });
}

export function faultOfName(name: unknown, { subscribers }: Config): string | undefined {
  const known = typeof name === "string" ? subscribers.get(name) : undefined;
  if (!known) return "there is no such subscriber";
  return known.enabled ? undefined : "this subscriber is switched off";
}

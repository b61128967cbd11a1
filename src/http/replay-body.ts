/** What the bodies of replays say, and each fault of them by its path. */
import type { Config } from "../config/config.ts";
import type { Fault } from "../config/faults.ts";
import { array, type Schema } from "../core/json-schema.ts";
import type { DeliveryState } from "../core/ledger.ts";
import { EVENT_PARAMETERS, type EventsQuery } from "./events.ts";
import type { Parameter } from "./query.ts";
import { NAME } from "./schemas.ts";

type Reading<Wish> = { ok: true; wish: Wish } | { ok: false; faults: Fault[] };

/** `subscribers` of a body that says nothing else; whoever is named must be there, so that a slip of the pen sends nothing. */
export function readSubscribers(body: unknown, config: Config): Reading<string[] | undefined> {
  const { subscribers, ...more } = membersOf(body) ?? { "": body };
  const faults = [...Object.keys(more).map((name) => unknownMember(name)), ...faultsOfNames(subscribers, config)];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, wish: namesOf(subscribers) };
}

const { limit: _limit, cursor: _cursor, ...MEMBERS } = EVENT_PARAMETERS;

type Members = Omit<EventsQuery, "limit" | "cursor">;
export type ReplayWish = Omit<Members, "state"> & {
  from: number;
  state: DeliveryState | undefined;
  subscribers: string[] | undefined;
};

/** `dead`: those that gave up are what is meant most. */
const DEFAULT_STATE: DeliveryState = "dead";
/** What is owed already is not put back, unless by naming whom it is to be sent to. */
const NOT_PUT_BACK: readonly DeliveryState[] = ["pending", "retrying", "erased"];

/** Flat, and named as in the query of `GET /api/events`. */
export function readWish(body: unknown, config: Config, now: number): Reading<ReplayWish> {
  const { subscribers, ...texts } = membersOf(body) ?? { "": body };
  const wish: Record<string, unknown> = {};
  const faults = faultsOfNames(subscribers, config);
  for (const [name, text] of Object.entries(texts)) {
    const known = MEMBERS as Readonly<Record<string, Parameter<unknown>>>;
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    const value = typeof text === "string" ? parameter?.read(text) : undefined;
    if (!parameter) faults.push(unknownMember(name));
    else if (value === undefined) faults.push({ path: `/${name}`, message: `expected ${parameter.expects}` });
    else wish[name] = value;
  }
  if (!("from" in texts))
    faults.push({
      path: "/from",
      message: "missing: since when, so that nobody replays everything by a slip of the pen",
    });
  const { from = 0, to = now, subscriber, ...said } = wish as Partial<Members>;
  if (from > now) faults.push({ path: "/from", message: "expected a time in the past" });
  else if (to <= from) faults.push({ path: "/to", message: "expected a time after from" });
  const state = said.state ?? (subscribers === undefined ? DEFAULT_STATE : undefined);
  if (subscribers === undefined && state !== undefined && NOT_PUT_BACK.includes(state))
    faults.push({ path: "/state", message: "expected delivered, held, dead or cancelled, or subscribers" });
  const fault = subscriber === undefined || subscribers !== undefined ? undefined : faultOfName(subscriber, config);
  if (fault !== undefined) faults.push({ path: "/subscriber", message: fault });
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, wish: { ...(wish as Members), from, state, subscribers: namesOf(subscribers) } };
}

/** Of the body, for the description. */
export const WISH: Readonly<Record<string, Schema>> = {
  ...Object.fromEntries(Object.entries(MEMBERS).map(([name, { schema }]) => [name, schema])),
  subscribers: array(NAME),
};

const membersOf = (body: unknown): Record<string, unknown> | undefined =>
  typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : undefined;

/** Of what is no object there is one, without a name. Nothing is repeated of a name that nobody knows. */
const unknownMember = (name: string): Fault => ({
  path: "",
  message: name === "" ? "expected an object" : "unknown key",
});

const namesOf = (subscribers: unknown): string[] | undefined =>
  subscribers === undefined ? undefined : [...new Set(subscribers as string[])];

function faultsOfNames(subscribers: unknown, config: Config): Fault[] {
  if (subscribers === undefined) return [];
  if (!Array.isArray(subscribers) || subscribers.length === 0)
    return [{ path: "/subscribers", message: "expected a list of at least one subscriber's name" }];
  return subscribers.flatMap((name: unknown, index) => {
    const fault = faultOfName(name, config);
    return fault === undefined ? [] : [{ path: `/subscribers/${index}`, message: fault }];
  });
}

function faultOfName(name: unknown, { subscribers }: Config): string | undefined {
  const known = typeof name === "string" ? subscribers.get(name) : undefined;
  if (!known) return "there is no such subscriber";
  return known.enabled ? undefined : "this subscriber is switched off";
}

/** What a source's `map` makes of a webhook, or of the answers to its session's reads. */
import type { Check, EventType, IdentityDocument, Missing, Person, Statement, Watchlist } from "../../core/event.ts";
import { isFinal, readOutcome, type Outcome, type OutcomeTable } from "../../core/outcome.ts";
import { MAX_CHECKS } from "../limits.ts";
import { findWord, meaningOf, type Body } from "./body.ts";
import { convert } from "./convert.ts";
import { TARGETS, type CheckRule, type CustomRules, type Field, type Target } from "./rules.ts";

/** By the name of a read; the webhook has none. What was not read is not there. */
export type Bodies = ReadonlyMap<string | undefined, Body>;

/** The webhook, where it is about the session. */
export function bodiesOf({ about }: CustomRules, webhook: Body, reads: Bodies = new Map()): Bodies {
  const isMeant = about === undefined || about.oneOf.includes(webhook.find([about.at])?.word ?? "");
  return isMeant ? new Map([...reads, [undefined, webhook]]) : reads;
}

export interface Mapped {
  session: Statement["session"];
  person: Person;
  document: IdentityDocument;
  watchlist: Watchlist;
  checks: Check[];
  missing: Missing[];
}

/** What the bodies that are given say, and what is said of each whatever it says. */
export function mapBodies({ fields, checks: rules }: CustomRules, bodies: Bodies): Mapped {
  const made: Record<string, Record<string, unknown>> = { session: {}, person: {}, document: {}, watchlist: {} };
  for (const [target, field] of fields) {
    const value = valueOf(target, field, bodies.get(field.read));
    if (value !== undefined) put(made, target.split("."), value);
  }
  const { nationalId } = made["person"] as Person;
  // A constant says whose number it would be, where there is none.
  if (nationalId?.value === undefined) delete made["person"]?.["nationalId"];
  const { checks, isCut } = checksOf(rules, bodies);
  return {
    ...(made as unknown as Mapped),
    checks,
    missing: isCut ? [{ what: "checks", why: "too_large" }] : [],
  };
}

function put(made: Record<string, unknown>, [name = "", ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) made[name] = value;
  else put((made[name] ??= {}) as Record<string, unknown>, rest, value);
}

function valueOf(target: Target, field: Field, body: Body | undefined): string | undefined {
  const isConstant = field.at.length === 0;
  const found = body && findWord(field, body);
  const word = body || isConstant ? meaningOf(field, found) : undefined;
  const value = word === undefined ? undefined : convert(word, TARGETS[target], field.date);
  if (value !== undefined) body?.place(found);
  return value;
}

/** Of a list. A body made for it has millions of elements of which none is a check. */
const MAX_ELEMENTS = 10_000;

function checksOf(rules: readonly CheckRule[], bodies: Bodies): { checks: Check[]; isCut: boolean } {
  const checks: Check[] = [];
  for (const rule of rules) {
    let left = MAX_ELEMENTS;
    for (const element of bodies.get(rule.read)?.each(rule.each) ?? []) {
      if (left-- === 0 || checks.length === MAX_CHECKS) return { checks, isCut: true };
      const check = checkOf(rule, element);
      if (check) checks.push(check);
    }
  }
  return { checks, isCut: false };
}

/** Without the vendor's word there is no check: nobody has looked. */
function checkOf({ kind, name, result, score }: CheckRule, body: Body): Check | undefined {
  const found = findWord(result, body);
  if (!found) return undefined;
  const [named, scored] = [findWord(name, body), body.find(score?.at ?? [])];
  const made = meaningOf(kind, findWord(kind, body)) ?? "other";
  const value = toScore(scored?.scalar, score?.outOf ?? 1);
  for (const each of [found, named, value === undefined ? undefined : scored]) body.place(each);
  return {
    kind: made,
    name: meaningOf(name, named) ?? made,
    result: result.values ? (meaningOf(result, found) ?? "unknown") : "unknown",
    ...(value !== undefined && { score: value }),
    vendorValue: found.scalar,
  };
}

function toScore(scalar: unknown, outOf: number): number | undefined {
  const isNumber = typeof scalar === "number" || (typeof scalar === "string" && /^\d{1,9}(\.\d{1,17})?$/.test(scalar));
  const score = isNumber ? Number(scalar) / outOf : -1;
  return score >= 0 && score <= 1 ? score : undefined;
}

export interface Verdict {
  outcome: Outcome;
  /** The vendor's own. */
  word?: string | undefined;
}

/** Without a table a word has no meaning, but what the source's own `outcomes` give it. */
export function readVerdict(
  field: Field<Outcome> | undefined,
  bodies: Bodies,
  overrides: OutcomeTable,
): Verdict | undefined {
  const body = field && bodies.get(field.read);
  if (!field || !body) return undefined;
  const found = findWord(field, body);
  const { values = {}, default: otherwise = "unknown", absent } = field;
  if (!found) return absent && { outcome: absent };
  const { word } = found;
  body.place(found);
  const isKnown = Object.hasOwn(overrides, word) || Object.hasOwn(values, word);
  return { word, outcome: isKnown ? readOutcome(word, overrides, values) : otherwise };
}

/** What the event's type is called by the map; where it says nothing, an outcome that ends a session has ended it. */
export function typeOf(field: Field<EventType> | undefined, bodies: Bodies, outcome: Outcome): EventType {
  const body = field && bodies.get(field.read);
  const type = body && meaningOf({ ...field, values: field.values ?? {} }, findWord(field, body));
  const isOver = isFinal(outcome) || outcome === "review";
  return type ?? (isOver ? "idv.session.finished" : "idv.session.progress");
}

/** What a subscriber asks for that no event has, or that no source here can send. */
import { fieldPaths, fieldsAt, isSomewhere, valuesAt } from "../core/event-fields.ts";
import { asksFor, mentions, type Filter } from "../core/filter.ts";
import { conditionsOf, mayMatch, type Condition } from "../core/filter-reach.ts";
import { parsePointer } from "../core/pointer.ts";
import { faultOf, type Fault } from "./faults.ts";
import type { ConfigDocument } from "./schema.ts";

type Source = [name: string, source: ConfigDocument["sources"][string]];

/** What a filter may say of `source`. */
interface Known {
  names: readonly string[];
  isKnown: ReadonlySet<unknown>;
}

/** Of a source and a subscriber each; of those after them it is not said that no event comes. */
const MOST_PAIRS = 500_000;

export function warnOfSubscribers({ sources, subscribers }: ConfigDocument): Fault[] {
  const all = Object.entries(sources);
  const names = [...Object.keys(sources), "gateway"];
  const known: Known = { names, isKnown: new Set(names) };
  let pairs = 0;
  return Object.entries(subscribers).flatMap(([name, { filter = {}, redact = [] }]) => {
    const path = ["subscribers", name];
    const conditions = conditionsOf(filter).flatMap((condition) => warnOfCondition(condition, known, path));
    const targets = redact.flatMap((pointer, index) =>
      isSomewhere(parsePointer(pointer) ?? [])
        ? []
        : [faultOf([...path, "redact", index], "no event has anything there, so that nothing is taken out")],
    );
    const isHeard = (source: Source) => ++pairs > MOST_PAIRS || mayBeHeard(filter, source);
    const silence = conditions.length > 0 ? [] : warnOfSilence(filter, all, isHeard, path);
    return [...conditions, ...silence, ...targets];
  });
}

/** Names of the sources there are stand in the configuration, all others in the schema of events. */
function warnOfCondition(condition: Condition, known: Known, owner: readonly string[]): Fault[] {
  const { field, operator, operand, path, fieldPath } = condition;
  const at = (rest: readonly (string | number)[]) => [...owner, "filter", ...rest];
  if (fieldsAt(field).length === 0) return [faultOf(at(fieldPath), "no event has this field", field, fieldPaths())];

  const isSource = field === "source";
  const compared = isSource ? ["$eq", "$in"] : ["$eq", "$ne", "$in", "$nin"];
  const values = isSource ? known.names : valuesAt(field);
  if (!values || !compared.includes(operator)) return [];
  const message = isSource ? "no source has this name" : "no event has this value here";
  return (Array.isArray(operand) ? operand : [operand]).flatMap((value: unknown, index) =>
    (isSource ? known.isKnown.has(value) : values.includes(value))
      ? []
      : [
          faultOf(
            at(Array.isArray(operand) ? [...path, index] : path),
            message,
            value,
            isSource ? known.names : values.map(String),
          ),
        ],
  );
}

/** Events of test sources come only to those whose filter names `environment`, notices only to those that ask for them. */
const mayBeHeard = (filter: Filter, [source, { environment, vendor }]: Source): boolean =>
  (environment === "live" || mentions(filter, "environment")) && mayMatch(filter, { source, environment, vendor });

function warnOfSilence(
  filter: Filter,
  sources: readonly Source[],
  isHeard: (source: Source) => boolean,
  owner: readonly string[],
): Fault[] {
  if (sources.some(isHeard) || sources.length === 0 || asksFor(filter, "type", "gateway")) return [];
  const path = Object.keys(filter).length > 0 ? [...owner, "filter"] : owner;
  return [faultOf(path, "no source here has events that pass; those of test sources need a filter on environment")];
}

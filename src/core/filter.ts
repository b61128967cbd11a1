/**
 * A subscriber's filter: dotted paths into the event, each with a value or operators; all must hold.
 * An absent path matches only `$exists: false`, `$ne` and `$nin`; a type mismatch is false; an array matches by any element.
 */
import { isObject } from "./json.ts";

export type Filter = Readonly<Record<string, unknown>>;

export interface FilterFault {
  path: readonly (string | number)[];
  message: string;
  /** The names that would do in the place of the path's last, where there is a list of them. */
  expected?: readonly string[];
}

type Operator = {
  accepts: (operand: unknown) => boolean;
  expects: string;
  holds: (found: readonly unknown[], operand: unknown) => boolean;
};

const isScalar = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);
const isOrdered = (value: unknown): value is string | number => typeof value === "string" || typeof value === "number";
const isText = (value: unknown): value is string => typeof value === "string";
const isScalarList = (value: unknown): value is unknown[] => Array.isArray(value) && value.every(isScalar);

function ordered(holds: (found: string | number, operand: string | number) => boolean): Operator {
  return {
    accepts: isOrdered,
    expects: "a number or a text",
    holds: (found, operand) =>
      found.some(
        (value) => isOrdered(value) && isOrdered(operand) && typeof value === typeof operand && holds(value, operand),
      ),
  };
}

function textual(holds: (found: string, operand: string) => boolean): Operator {
  return {
    accepts: isText,
    expects: "a text",
    holds: (found, operand) => found.some((value) => isText(value) && isText(operand) && holds(value, operand)),
  };
}

const isOneOf = (found: readonly unknown[], operand: unknown): boolean =>
  isScalarList(operand) && found.some((value) => operand.includes(value));

const OPERATORS: Readonly<Record<string, Operator>> = {
  $eq: { accepts: isScalar, expects: "a text, number or boolean", holds: (found, operand) => found.includes(operand) },
  $ne: { accepts: isScalar, expects: "a text, number or boolean", holds: (found, operand) => !found.includes(operand) },
  $in: { accepts: isScalarList, expects: "a list of texts, numbers or booleans", holds: isOneOf },
  $nin: {
    accepts: isScalarList,
    expects: "a list of texts, numbers or booleans",
    holds: (found, operand) => !isOneOf(found, operand),
  },
  $gt: ordered((found, operand) => found > operand),
  $gte: ordered((found, operand) => found >= operand),
  $lt: ordered((found, operand) => found < operand),
  $lte: ordered((found, operand) => found <= operand),
  $startsWith: textual((found, operand) => found.startsWith(operand)),
  $endsWith: textual((found, operand) => found.endsWith(operand)),
  $exists: {
    accepts: (operand) => typeof operand === "boolean",
    expects: "true or false",
    holds: (found, operand) => found.length > 0 === operand,
  },
};

export const OPERATOR_NAMES: readonly string[] = Object.keys(OPERATORS);

/** Whether an event passes. `source` is the configured name of the source, not the event's `/in/…`. */
export function matches(filter: Filter, event: object, source: string): boolean {
  return Object.entries(filter).every(([key, condition]) => {
    if (key === "$and") return asFilters(condition).every((each) => matches(each, event, source));
    if (key === "$or") return asFilters(condition).some((each) => matches(each, event, source));
    if (key === "$not") return isObject(condition) && !matches(condition, event, source);
    const found = key === "source" ? [source] : find(event, key.split("."));
    return isObject(condition)
      ? Object.entries(condition).every(([name, operand]) => OPERATORS[name]?.holds(found, operand) ?? false)
      : found.includes(condition);
  });
}

/** Whether a filter speaks of a path anywhere. */
export function mentions(filter: Filter, path: string): boolean {
  return Object.entries(filter).some(([key, condition]) => {
    if (key === "$and" || key === "$or") return asFilters(condition).some((each) => mentions(each, path));
    if (key === "$not") return isObject(condition) && mentions(condition, path);
    return key === path;
  });
}

/** Whether a filter asks for values of a path that start like this, and says so. */
export function asksFor(filter: Filter, path: string, prefix: string): boolean {
  return Object.entries(filter).some(([key, condition]) => {
    if (key === "$and" || key === "$or") return asFilters(condition).some((each) => asksFor(each, path, prefix));
    if (key !== path) return false;
    const { $eq, $in, $startsWith }: Filter = isObject(condition) ? condition : { $eq: condition };
    return [$eq, $startsWith, ...(Array.isArray($in) ? ($in as unknown[]) : [])].some(
      (operand) => isText(operand) && operand.startsWith(prefix),
    );
  });
}

/** Every fault of a filter as written in a configuration; none of the messages repeats what was written. */
export function checkFilter(filter: unknown, path: readonly (string | number)[] = []): FilterFault[] {
  if (!isObject(filter)) return [{ path, message: "expected an object of paths and conditions" }];
  return Object.entries(filter).flatMap(([key, condition]) => checkCondition(key, condition, [...path, key]));
}

function checkCondition(key: string, condition: unknown, path: readonly (string | number)[]): FilterFault[] {
  if (key === "$and" || key === "$or") {
    if (!Array.isArray(condition) || condition.length === 0) return [{ path, message: "expected a list of filters" }];
    return condition.flatMap((each, index) => checkFilter(each, [...path, index]));
  }
  if (key === "$not") return checkFilter(condition, path);
  if (key.startsWith("$"))
    return [{ path, message: "expected a path into the event, $and, $or or $not", expected: ["$and", "$or", "$not"] }];
  if (!isObject(condition)) {
    return isScalar(condition)
      ? []
      : [{ path, message: 'expected a value or an object of operators; a list of values is written {"$in": […]}' }];
  }
  if (Object.keys(condition).length === 0) return [{ path, message: "expected at least one operator" }];
  return Object.entries(condition).flatMap(([name, operand]) => {
    const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
    if (!operator) return [{ path: [...path, name], message: "expected an operator", expected: OPERATOR_NAMES }];
    return operator.accepts(operand) ? [] : [{ path: [...path, name], message: `expected ${operator.expects}` }];
  });
}

function asFilters(condition: unknown): Filter[] {
  return Array.isArray(condition) ? condition.filter(isObject) : [];
}

/** The values at a path. Lists are looked through, and a member's own name may hold dots (`data.extracted.device.os`). */
function find(value: unknown, segments: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => find(item, segments));
  if (segments.length === 0) return value === undefined || value === null ? [] : [value];
  if (!isObject(value)) return [];
  return segments.flatMap((_segment, index) => {
    const name = segments.slice(0, index + 1).join(".");
    return Object.hasOwn(value, name) ? find(value[name], segments.slice(index + 1)) : [];
  });
}

/** What a filter says, as far as it can be known before there is an event. */
import { matches, type Filter } from "./filter.ts";
import { isObject } from "./json.ts";

export interface Condition {
  /** Dotted path into the event. */
  field: string;
  /** `$eq` where a value is written alone. */
  operator: string;
  operand: unknown;
  /** Where the operand stands in the filter. */
  path: readonly string[];
  /** Of the member that names the field. */
  fieldPath: readonly string[];
}

/** Every condition of a filter, also of those that it joins or turns round. */
export function conditionsOf(filter: Filter, path: readonly string[] = []): Condition[] {
  return Object.entries(filter).flatMap(([key, value]): Condition[] => {
    const fieldPath = [...path, key];
    if (key === "$not") return isObject(value) ? conditionsOf(value, fieldPath) : [];
    if (Array.isArray(value))
      return value.filter(isObject).flatMap((each, index) => conditionsOf(each, [...fieldPath, String(index)]));
    if (!isObject(value)) return [{ field: key, operator: "$eq", operand: value, path: fieldPath, fieldPath }];
    return Object.entries(value).map(([operator, operand]) => {
      return { field: key, operator, operand, path: [...fieldPath, operator], fieldPath };
    });
  });
}

/**
 * Whether an event of which only this much is known may pass.
 * @param facts by path; `source` is the configured name
 */
export function mayMatch(filter: Filter, facts: Readonly<Record<string, string>> & { source: string }): boolean {
  return judge(filter, facts) !== false;
}

/** `undefined`: it depends on what is not known. */
function judge(filter: Filter, facts: Readonly<Record<string, string>> & { source: string }): boolean | undefined {
  const judgeAll = (list: unknown) =>
    Array.isArray(list) ? list.filter(isObject).map((each) => judge(each, facts)) : [];
  const answers = Object.entries(filter).map(([key, condition]) => {
    if (key === "$and") return all(judgeAll(condition));
    if (key === "$or") return not(all(judgeAll(condition).map(not)));
    if (key === "$not") return isObject(condition) ? not(judge(condition, facts)) : undefined;
    return Object.hasOwn(facts, key) ? matches({ [key]: condition }, facts, facts.source) : undefined;
  });
  return all(answers);
}

function all(answers: readonly (boolean | undefined)[]): boolean | undefined {
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

const not = (answer: boolean | undefined): boolean | undefined => (answer === undefined ? undefined : !answer);

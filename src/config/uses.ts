/** Who uses which secret: every `{"secret": name}` in a document, by the path of the source or subscriber it stands in. */
import { isObject } from "../core/json.ts";

export function secretUses(document: unknown): Map<string, string[]> {
  const uses = new Map<string, string[]>();
  if (!isObject(document)) return uses;
  for (const kind of ["sources", "subscribers"]) {
    const owners = document[kind];
    if (!isObject(owners)) continue;
    for (const [owner, value] of Object.entries(owners)) {
      for (const name of namesIn(value)) uses.set(name, [...new Set([...(uses.get(name) ?? []), `${kind}/${owner}`])]);
    }
  }
  return uses;
}

function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (!isObject(value)) return [];
  const { secret } = value;
  return typeof secret === "string"
    ? [secret]
    : Object.entries(value).flatMap(([key, member]) =>
        NO_SECRETS.includes(key) && isObject(member) ? [] : namesIn(member),
      );
}

/** Objects whose members have names that anybody may choose. */
const NO_SECRETS = ["filter", "headers", "values", "outcomes", "events"];

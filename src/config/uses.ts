/** Who uses which secret: every `{"secret": name}` in a document, whatever shape the rest of it has. */
import { documentSchema } from "./schema.ts";
import { secretName } from "./schema-parts.ts";
import { walk } from "./walk.ts";

export interface SecretUse {
  name: string;
  path: readonly (string | number)[];
}

export function secretsIn(document: unknown): SecretUse[] {
  return [...walk({ schema: documentSchema, value: document, path: [] })].flatMap(({ schema, value, path }) =>
    schema === secretName && typeof value === "string" ? [{ name: value, path }] : [],
  );
}

/** By name, the paths of sources and subscribers. */
export function secretUses(document: unknown): Map<string, string[]> {
  const uses = new Map<string, Set<string>>();
  for (const { name, path } of secretsIn(document)) {
    const users = uses.get(name) ?? new Set();
    uses.set(name, users.add(path.slice(0, 2).join("/")));
  }
  return new Map([...uses].map(([name, users]) => [name, [...users]]));
}

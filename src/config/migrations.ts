/**
 * Documents of older schemas, made newer step by step before they are checked; what is stored stays as it was written. A document says
 * with `schema` which one it was written for. One that does not say goes through all steps: so each leaves alone whatever is not
 * unmistakably in the old shape, throws at nothing, and keeps values where they are, as far as it can, since faults are told by path.
 */
import { isObject, type JsonObject } from "../core/json.ts";

/** From schema `index + 1` to the next. */
export type Migration = (document: JsonObject) => JsonObject;

/** None yet: every document that was ever valid still is. */
const MIGRATIONS: readonly Migration[] = [];

export const NEWEST_SCHEMA = MIGRATIONS.length + 1;

export function migrate(document: unknown, migrations = MIGRATIONS): unknown {
  if (!isObject(document)) return document;
  const { schema } = document;
  const done = typeof schema === "number" && Number.isInteger(schema) && schema > 0 ? schema - 1 : 0;
  return migrations.slice(done).reduce((older, step) => step(older), document);
}

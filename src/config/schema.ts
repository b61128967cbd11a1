/**
 * The configuration document as people write it (valibot). Strict: an unknown key is a fault. Messages are made in
 * faults.ts, since the library's own repeat what was sent.
 */
import * as v from "valibot";
import { NEWEST_SCHEMA } from "./migrations.ts";
import { exactly, name, named, whole } from "./schema-parts.ts";
import { source } from "./source-schema.ts";
import { subscriber } from "./subscriber-schema.ts";

export const documentSchema = exactly({
  $schema: v.optional(v.string()),
  schema: v.optional(whole(1, NEWEST_SCHEMA)),
  sources: v.optional(named(name, source), {}),
  subscribers: v.optional(named(name, subscriber), {}),
});

export type ConfigDocument = v.InferOutput<typeof documentSchema>;

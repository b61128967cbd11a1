/** What a source of a known vendor need not say itself: a part of a source's document, as data. */
import type { SchemeDocument } from "../scheme-schema.ts";

/** What nobody but the source can say. */
type Own = "secrets" | "publicKeys" | "values" | "passwords" | "clients";

/** Of each scheme that the vendor offers all but its secrets. */
export type SchemeTemplate = SchemeDocument extends infer Each
  ? Each extends unknown
    ? Omit<Each, Own>
    : never
  : never;

export interface Preset {
  verify: readonly SchemeTemplate[];
}

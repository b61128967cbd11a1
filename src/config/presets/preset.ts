/** What a source of a known vendor need not say itself: a part of a source's document, as data. */
import type { MapDocument, WebhookDocument } from "../custom-schema.ts";
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
  /** Absent, like the map or what is not in it, where the vendor does not say it for certain. */
  webhook?: WebhookDocument;
  map?: MapDocument;
}

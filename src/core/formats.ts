/**
 * An event in a subscriber's format: the body and the headers that belong to it. The vendor's own bytes, `raw`, are nothing that
 * could be made from an event.
 */
import type { CanonicalEvent } from "./event.ts";
import { isNotice, type NoticeEvent } from "./notice.ts";
import { project, type Projection } from "./projection.ts";

export const FORMATS = ["cloudevents", "cloudevents-binary", "standard", "raw"] as const;

export type Format = (typeof FORMATS)[number];

export interface Shaped {
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

/** What of an event a subscriber may see, as the format writes it. A notice is about nobody: all of it. */
export function shape(
  event: CanonicalEvent | NoticeEvent,
  format: Exclude<Format, "raw">,
  projection: Projection,
): Shaped {
  const shown = isNotice(event) ? event : project(event, projection);
  const { data, ...attributes } = shown as Partial<CanonicalEvent | NoticeEvent>;
  switch (format) {
    case "cloudevents":
      return json("application/cloudevents+json; charset=utf-8", { ...attributes, data });
    case "cloudevents-binary": {
      const shaped = json("application/json", data);
      return { ...shaped, headers: { ...binaryHeaders(attributes), ...shaped.headers } };
    }
    case "standard":
      return json("application/json", { type: event.type, timestamp: attributes.time, data });
  }
}

function json(contentType: string, value: unknown): Shaped {
  return { headers: { "content-type": contentType }, body: new TextEncoder().encode(JSON.stringify(value)) };
}

/** CloudEvents HTTP binding 1.0, section 3.1.3: `datacontenttype` travels as the content type and as nothing else. */
function binaryHeaders({
  datacontenttype: _type,
  ...attributes
}: Partial<CanonicalEvent | NoticeEvent>): Record<string, string> {
  const entries = Object.entries(attributes).map(
    ([name, value]) => [`ce-${name}`, encodeValue(String(value))] as const,
  );
  return Object.fromEntries(entries);
}

/** Section 3.1.3.2: UTF-8 in percent-encoding for all that is not printable ASCII, and for space, `"` and `%`. */
function encodeValue(text: string): string {
  return text.toWellFormed().replaceAll(/[^!#-$&-~]/gu, (character) => encodeURIComponent(character));
}

/**
 * Paths with gaps: `{session}` is the session's id, `{id}` a file's, `{webhook:/a/b}` and `{report:/a/b}` words of the webhook or of
 * an earlier answer. Whatever fills a gap is one segment; it climbs nowhere.
 */
import { parsePointer } from "../../core/pointer.ts";
import { pathSegment } from "../session.ts";

const GAP = /\{([^{}]*)\}/g;

export interface Gap {
  /** `session`, `id`, `webhook`, or the name of a read. */
  name: string;
  /** Absent for the two that are whole by themselves. */
  pointer?: string | undefined;
}

export function gapsOf(template: string): Gap[] {
  return [...template.matchAll(GAP)].map(([, text = ""]) => toGap(text));
}

function toGap(text: string): Gap {
  const colon = text.indexOf(":");
  return colon < 0 ? { name: text } : { name: text.slice(0, colon), pointer: text.slice(colon + 1) };
}

/** Whether it is one of those that can be filled. @param isRead whether this read is answered before */
export function isFillable({ name, pointer }: Gap, isRead: (name: string) => boolean, hasId: boolean): boolean {
  if (pointer === undefined) return name === "session" || (hasId && name === "id");
  return parsePointer(pointer) !== undefined && pointer !== "" && (name === "webhook" || isRead(name));
}

/** `undefined` where a word is not there, or would climb out of its place. */
export function fill(template: string, wordOf: (gap: Gap) => string | undefined): string | undefined {
  let isWhole = true;
  const filled = template.replaceAll(GAP, (_, text: string) => {
    const segment = pathSegment(wordOf(toGap(text)) ?? "");
    isWhole &&= segment !== undefined;
    return segment ?? "";
  });
  return isWhole ? filled : undefined;
}

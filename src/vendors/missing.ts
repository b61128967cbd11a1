import type { Missing } from "../core/event.ts";

/** Which of a webhook's mandatory fields it did without. */
export function notSent(fields: Readonly<Record<string, string | undefined>>): Missing[] {
  const absent = Object.keys(fields).filter((name) => fields[name] === undefined);
  return absent.map((what) => ({ what, why: "not_sent" }));
}

/**
 * Dates and times in the one form that an event has. Only ISO 8601 is read: `03/02/1990` is two different days,
 * depending on the country, and the engine's own lenient parsing finds a date in almost any text.
 */

const ISO_8601 = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

/** The calendar date as written, `YYYY-MM-DD`; no time zone moves it. `undefined` for what is not a real date. */
export function toCalendarDate(text: string): string | undefined {
  const date = ISO_8601.exec(text)?.[1];
  return date !== undefined && isRealDate(date) ? date : undefined;
}

/** The moment in UTC with milliseconds, `2026-02-03T10:20:30.000Z`. A time without an offset is taken as UTC. */
export function toInstant(text: string): string | undefined {
  const [, date, time = "00:00", offset = "Z"] = ISO_8601.exec(text) ?? [];
  if (date === undefined || !isRealDate(date)) return undefined;
  const instant = new Date(`${date}T${time}${withColon(offset)}`);
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}

/** Engines roll the 31st of February over into March; a real date comes back unchanged. */
function isRealDate(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
}

function withColon(offset: string): string {
  return offset.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
}

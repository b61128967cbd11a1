/** A vendor's words in the form that a field of the event has; `undefined` for what cannot be brought into it. */
import { toCountry } from "../../core/countries.ts";
import { toCalendarDate, toInstant } from "../../core/dates.ts";
import type { DateFormat, TARGETS } from "./rules.ts";

export type Form = (typeof TARGETS)[keyof typeof TARGETS];

export function convert(word: string, form: Form, format: DateFormat | undefined): string | undefined {
  switch (form) {
    case "text":
      return word;
    case "country":
      return toCountry(word);
    case "decider":
      return word === "human" || word === "machine" ? word : undefined;
    case "instant":
      return toMoment(word, format);
    case "date":
      // What was written as a date is one, whatever zone its clock stood in.
      return format === undefined || format === "iso" ? toCalendarDate(word) : toMoment(word, format)?.slice(0, 10);
  }
}

/** The moment in UTC, as an event tells it. */
export function toMoment(word: string, format: DateFormat = "iso"): string | undefined {
  if (format === "iso") return toInstant(word);
  if (format === "seconds" || format === "milliseconds") return fromEpoch(word, format === "seconds" ? 1000 : 1);
  return toInstant(byPattern(word, format) ?? "");
}

/** Until the year 9999: a later one is a number of another kind. */
const LAST_MOMENT = 253_402_300_800_000;

function fromEpoch(word: string, unit: number): string | undefined {
  const moment = /^\d{1,15}(\.\d{1,9})?$/.test(word) ? Math.round(Number(word) * unit) : LAST_MOMENT;
  return moment < LAST_MOMENT ? new Date(moment).toISOString() : undefined;
}

/** Each letter of the pattern stands for a digit, and all else for itself. */
function byPattern(word: string, pattern: string): string | undefined {
  const isLike = [...pattern].every((sign, index) => {
    const given = word[index] ?? "";
    return /[YMD]/.test(sign) ? /\d/.test(given) : sign === given;
  });
  if (!isLike || word.length !== pattern.length) return undefined;
  const part = (sign: string) => word.slice(pattern.indexOf(sign), pattern.indexOf(sign) + sign.length);
  return `${part("YYYY")}-${part("MM")}-${part("DD")}`;
}

const TOKENS = ["YYYY", "MM", "DD"];

export function isDateFormat(format: string): boolean {
  if (["iso", "seconds", "milliseconds"].includes(format)) return true;
  const rest = TOKENS.reduce((left, token) => left.replace(token, " "), format);
  return TOKENS.every((token) => format.includes(token)) && !/[A-Za-z0-9]/.test(rest);
}

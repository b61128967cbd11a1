/** Times as people type and read them. */
import { Misuse } from "./failure.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** `15m` ago, a day (UTC), or a time; without a zone it is this machine's. Epoch milliseconds. */
export function readTime(text: string, now: number, flag: string): number {
  const [, count, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (UNITS[unit] ?? 0);
  const at = DATE.test(text) && isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new Misuse(
    `${flag} is not a time`,
    `Say how long ago, ${flag} 15m (s, m, h, d), or when, ${flag} 2026-02-03T09:00Z.`,
  );
}

/** The platform takes the 31st of February for the 3rd of March. */
const isDay = (day: string): boolean => {
  const at = Date.parse(day);
  return !Number.isNaN(at) && toIso(at).startsWith(day);
};

export const toIso = (at: number): string => new Date(at).toISOString();

/** Of an ISO time, UTC: `12:00:01.204`. */
export const clock = (iso: string): string => iso.slice(11, 23);

/** `2026-02-03 12:00:01`, UTC. */
export const moment = (iso: string | undefined): string =>
  iso === undefined ? "" : iso.slice(0, 19).replace("T", " ");

/** `84 ms`, `1.2 s`, `5 min`. */
export function howLong(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
  return milliseconds < 5_400_000
    ? `${Math.round(milliseconds / 60_000)} min`
    : `${Math.round(milliseconds / 3_600_000)} h`;
}

/** `1,204 deliveries` */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;

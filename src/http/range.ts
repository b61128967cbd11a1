/** One range of bytes of RFC 9110, section 14.2. Several at once, and what cannot be read, are answered with the whole. */
export type ByteRange = { offset: number; length?: number } | { suffix: number };

const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

export function parseRange(header: string | null): ByteRange | undefined {
  const [, first = "", last = ""] = RANGE.exec(header?.trim() ?? "") ?? [];
  if (first === "") return last === "" ? undefined : { suffix: Number(last) };
  const offset = Number(first);
  if (last === "") return { offset };
  return Number(last) < offset ? undefined : { offset, length: Number(last) - offset + 1 };
}

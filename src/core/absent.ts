/** In an event absent is absent: no nulls, no empty strings, no empty objects or lists. */

function isAbsent(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/**
 * A deep copy without absent members; `vendorData` is the vendor's own and is left as it came.
 * Own keys only, so a vendor's `__proto__` member stays data.
 */
export function withoutAbsent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAbsent).filter((item) => !isAbsent(item));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => [
    key,
    key === "vendorData" ? member : withoutAbsent(member),
  ]);
  return Object.fromEntries(entries.filter(([, member]) => !isAbsent(member)));
}

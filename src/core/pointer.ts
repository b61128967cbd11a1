/** JSON Pointer, RFC 6901. */

export function toPointer(path: readonly (string | number)[]): string {
  return path.map((segment) => `/${String(segment).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** `undefined` where the text is no pointer. */
export function parsePointer(pointer: string): string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Section 4: what a list also has by a name, its length, nobody has sent. */
const INDEX = /^(?:0|[1-9]\d*)$/;

/** The value at a pointer, own members only; `undefined` where there is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  const segments = parsePointer(pointer);
  if (!segments) return undefined;
  return segments.reduce<unknown>((current, segment) => {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, segment)) return undefined;
    if (Array.isArray(current) && !INDEX.test(segment)) return undefined;
    return (current as Record<string, unknown>)[segment];
  }, value);
}

/** What is sent through the store of files to see what memory it takes. */

/** Where files go: into nothing, what grows is the gateway's own; with R2 its local stand-in grows in the same process. */
export const TARGETS = ["nothing", "r2"] as const;

export type Target = (typeof TARGETS)[number];

/** As the Worker is told. */
export interface Transfer {
  into: Target;
  url: string;
  isOfStatedLength: boolean;
  /** The bytes come as base64 in this member of a JSON object. */
  base64At?: string;
}

export interface Case {
  name: string;
  /** Of the file. */
  bytes: number;
  way: "stated length" | "chunked" | "base64";
}

const MIB = 1024 * 1024;

export const SMALL_AND_LARGE: readonly [Case, Case][] = [
  pair("stated length", 32 * MIB, 256 * MIB),
  pair("chunked", 32 * MIB, 256 * MIB),
  pair("base64", 6_000_000, 60_000_000),
];

function pair(way: Case["way"], small: number, large: number): [Case, Case] {
  const of = (bytes: number): Case => ({ name: `${way}, ${Math.round(bytes / MIB)} MiB`, bytes, way });
  return [of(small), of(large)];
}

/** What may be asked of the Worker beside; known to it and to those who ask. */
export type StoresQuestion =
  | { what: "keys"; prefix: string }
  | { what: "object"; key: string }
  | { what: "traces"; needles: readonly string[] }
  | { what: "query"; sql: string; values: readonly unknown[] }
  | { what: "batch"; statements: readonly string[] }
  | { what: "sweep" };

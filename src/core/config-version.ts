/**
 * Versions of the configuration: every document that was accepted, numbered from 1 without gaps, never changed. Whoever creates the
 * record of a number has it; the document is in force when the store that everybody reads holds it too.
 */

export interface ConfigVersion {
  version: number;
  /** Epoch milliseconds. */
  at: number;
  /** A caller's name, or `kv` where it was found in the store. */
  by: string;
  message?: string | undefined;
  /** Of the document's text, and where that is kept. */
  hash: string;
}

export interface ConfigRecords {
  newest(): Promise<ConfigVersion | undefined>;
  /** Newest first. @param before only older ones */
  list(limit: number, before?: number): Promise<{ versions: ConfigVersion[]; isLast: boolean }>;
  find(version: number): Promise<ConfigVersion | undefined>;
  /** `false` where somebody has created one of this number: of any number at once, one creates it. */
  create(version: ConfigVersion): Promise<boolean>;
  /** Keeps a text under its hash. */
  keep(hash: string, text: string): Promise<void>;
  read(hash: string): Promise<string | undefined>;
}

/** What the store that everybody reads holds. */
export interface StoredDocument {
  text: string;
  /** Absent where it was put there without the gateway. */
  version?: number | undefined;
}

/** Who did what to what: every change, and every look at what is about a person. Ids, names and hashes; nothing of a person's. */
import type { Position } from "./cursor.ts";
import { hashExternalId, hashSession } from "./ids.ts";
import { shortHash } from "./digest.ts";
import type { Page, Period } from "./search.ts";

export interface AuditEntry {
  /** ULID: when, and the place in the list. */
  id: string;
  /** A caller's name, or `subscriber:{name}` for whoever has one of its links. */
  actor: string;
  /** `none` where the actor has no role here. */
  role: string;
  action: string;
  target: string;
  /** Of the HTTP answer. */
  status: number;
}

export interface AuditFilter extends Period {
  actor?: string | undefined;
  action?: string | undefined;
}

export interface AuditLedger {
  /** Those that are there already stay as they are. */
  write(entries: readonly AuditEntry[]): Promise<void>;
  list(filter: AuditFilter, limit: number, after?: Position): Promise<Page<AuditEntry & { at: string }>>;
}

/** Where an entry waits while the ledger is out of reach. */
export interface AuditParking {
  park(entry: AuditEntry): Promise<void>;
  /** Keys of the oldest. */
  parked(limit: number): Promise<string[]>;
  read(key: string): Promise<AuditEntry | undefined>;
  unpark(keys: readonly string[]): Promise<void>;
}

/** Names and ids of our own. */
const PLAIN: ReadonlySet<string> = new Set(["id", "name", "source"]);
const SAFE = /^[\w.-]{1,100}$/;

/**
 * What a call was about: `events/evt_…` of `/api/events/{id}`. A vendor's session id and a customer's id of a person stand there
 * only as the hashes that the ledger has them under, and what cannot be a name of our own not at all.
 */
export async function targetOf(path: string, parameter: (name: string) => string): Promise<string> {
  const parts = path.replace(/^\/(?:api\/)?/, "").split("/");
  const told = parts.map(async (part) => {
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
    return name === undefined ? part : tell(name, parameter);
  });
  return (await Promise.all(told)).join("/");
}

async function tell(name: string, parameter: (name: string) => string): Promise<string> {
  const value = parameter(name);
  if (PLAIN.has(name)) return SAFE.test(value) ? value : "?";
  if (name === "session") return hashSession(parameter("source"), value);
  return name === "externalId" ? hashExternalId(value) : shortHash(name, value);
}

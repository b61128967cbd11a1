/**
 * The ledger's tables in D1, applied by the Worker itself: `wrangler deploy` is the whole deployment. Each entry is one
 * version and is never edited once released; the database remembers how many it has.
 */
import { reaching } from "../reach.ts";

const VERSIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE receipts (
      id TEXT PRIMARY KEY, source TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, event TEXT, received_at INTEGER NOT NULL
    ) WITHOUT ROWID`,
    `CREATE TABLE sessions (
      source TEXT NOT NULL, session TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, time TEXT NOT NULL,
      ended INTEGER NOT NULL, outcome TEXT NOT NULL, event TEXT NOT NULL, PRIMARY KEY (source, session)
    ) WITHOUT ROWID`,
    `CREATE TABLE events (
      id TEXT PRIMARY KEY, source TEXT NOT NULL, session TEXT NOT NULL, type TEXT NOT NULL, outcome TEXT NOT NULL,
      object TEXT NOT NULL, sequence TEXT NOT NULL, time TEXT NOT NULL
    ) WITHOUT ROWID`,
    `CREATE TABLE deliveries (
      id TEXT PRIMARY KEY, event TEXT NOT NULL, object TEXT NOT NULL, subscriber TEXT NOT NULL, state TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER, settled_at INTEGER, status INTEGER, reason TEXT,
      lease_holder TEXT, lease_until INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID`,
    `CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL`,
    `CREATE TABLE cursors (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
  ],
  [
    `ALTER TABLE receipts ADD COLUMN due_at INTEGER`,
    `ALTER TABLE receipts ADD COLUMN reads INTEGER NOT NULL DEFAULT 0`,
    `CREATE TABLE files (
      id TEXT PRIMARY KEY, event TEXT NOT NULL, kind TEXT NOT NULL, content_type TEXT NOT NULL, size INTEGER NOT NULL,
      sha256 TEXT NOT NULL
    ) WITHOUT ROWID`,
  ],
];

/** Whether this isolate has seen the schema applied to this database. */
export interface SchemaMemory {
  isApplied: boolean;
}

export async function applySchema(database: D1Database, memory: SchemaMemory): Promise<void> {
  if (memory.isApplied) return;
  await reaching("ledger", async () => {
    await database.prepare("CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY)").run();
    const row = await database.prepare("SELECT count(*) AS applied FROM schema_versions").first<{ applied: number }>();
    for (let version = row?.applied ?? 0; version < VERSIONS.length; version++) {
      await applyVersion(database, version);
    }
  });
  memory.isApplied = true;
}

/** One transaction. The insertion comes first: of two isolates that apply the same version, the later one fails on it. */
async function applyVersion(database: D1Database, version: number): Promise<void> {
  const statements = (VERSIONS[version] ?? []).map((sql) => database.prepare(sql));
  const mark = database.prepare("INSERT INTO schema_versions (version) VALUES (?)").bind(version);
  try {
    await database.batch([mark, ...statements]);
  } catch (error) {
    const taken = await database.prepare("SELECT 1 FROM schema_versions WHERE version = ?").bind(version).first();
    if (!taken) throw error;
  }
}

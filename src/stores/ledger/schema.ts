/**
 * The ledger's tables in D1, applied by the Worker itself: `wrangler deploy` is the whole deployment. Each entry is one
 * version and is never edited once released; the database remembers how many it has.
 */
import { reaching, reachingWithin } from "../reach.ts";

export const VERSIONS: readonly (readonly string[])[] = [
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
  // Each index entry costs as much as a row. A receipt that became an event is listed by way of it, so that only the others
  // are in an index; of deliveries only those are that somebody may have to look at.
  [
    `CREATE TABLE searchable_events (
      sequence TEXT NOT NULL, id TEXT NOT NULL, receipt TEXT NOT NULL, source TEXT NOT NULL, vendor TEXT, environment TEXT,
      type TEXT NOT NULL, outcome TEXT NOT NULL, session TEXT NOT NULL, subject TEXT, external TEXT, object TEXT NOT NULL,
      time TEXT NOT NULL, received_at INTEGER NOT NULL, superseded INTEGER NOT NULL, PRIMARY KEY (sequence, id)
    ) WITHOUT ROWID`,
    `INSERT INTO searchable_events (sequence, id, receipt, source, type, outcome, session, object, time, received_at, superseded)
     SELECT e.sequence, e.id, coalesce(r.id, ''), e.source, e.type, e.outcome, e.session, e.object, e.time,
       coalesce(r.received_at, 0), 0
     FROM events e LEFT JOIN receipts r ON r.event = e.id`,
    `CREATE TABLE searchable_deliveries (
      id TEXT PRIMARY KEY, event TEXT NOT NULL, sequence TEXT NOT NULL, object TEXT NOT NULL, subscriber TEXT NOT NULL,
      state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER, settled_at INTEGER, status INTEGER,
      reason TEXT, log TEXT NOT NULL DEFAULT '[]', lease_holder TEXT, lease_until INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID`,
    `INSERT INTO searchable_deliveries (id, event, sequence, object, subscriber, state, attempts, due_at, settled_at, status, reason)
     SELECT 'dlv_' || substr(d.event, 5) || substr(d.id, 5), d.event, coalesce(e.sequence, ''), d.object, d.subscriber,
       d.state, d.attempts, d.due_at, d.settled_at, d.status, d.reason
     FROM deliveries d LEFT JOIN events e ON e.id = d.event`,
    `DROP TABLE events`,
    `DROP TABLE deliveries`,
    `ALTER TABLE searchable_events RENAME TO events`,
    `ALTER TABLE searchable_deliveries RENAME TO deliveries`,
    `CREATE UNIQUE INDEX events_id ON events (id)`,
    `CREATE INDEX events_subject ON events (subject, sequence, id) WHERE subject IS NOT NULL`,
    `CREATE INDEX events_external ON events (external, sequence, id) WHERE external IS NOT NULL`,
    `CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL`,
    `CREATE INDEX deliveries_unwell ON deliveries (state, sequence, event, id) WHERE state IN ('retrying', 'held', 'dead')`,
    `ALTER TABLE receipts ADD COLUMN sequence TEXT NOT NULL DEFAULT ''`,
    `ALTER TABLE receipts ADD COLUMN session TEXT`,
    `ALTER TABLE receipts ADD COLUMN object TEXT`,
    `ALTER TABLE receipts ADD COLUMN vendor TEXT`,
    `ALTER TABLE receipts ADD COLUMN environment TEXT`,
    `ALTER TABLE receipts ADD COLUMN basis TEXT`,
    `ALTER TABLE receipts ADD COLUMN size INTEGER`,
    `ALTER TABLE receipts ADD COLUMN subject TEXT`,
    `UPDATE receipts SET sequence = coalesce((SELECT e.sequence FROM events e WHERE e.id = receipts.event), '')`,
    `CREATE INDEX receipts_eventless ON receipts (sequence, id, source, subject, state, event) WHERE event IS NULL`,
  ],
  [
    // In the order of the events that they are of: whoever walks these finds their deliveries side by side.
    `CREATE TABLE ordered_deliveries (
      sequence TEXT NOT NULL, id TEXT NOT NULL, event TEXT NOT NULL, object TEXT NOT NULL, subscriber TEXT NOT NULL,
      state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER, settled_at INTEGER, status INTEGER,
      reason TEXT, log TEXT NOT NULL DEFAULT '[]', lease_holder TEXT, lease_until INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (sequence, id)
    ) WITHOUT ROWID`,
    `INSERT INTO ordered_deliveries (sequence, id, event, object, subscriber, state, attempts, due_at, settled_at, status, reason, log)
     SELECT sequence, id, event, object, subscriber, state, attempts, due_at, settled_at, status, reason, log FROM deliveries`,
    `DROP TABLE deliveries`,
    `ALTER TABLE ordered_deliveries RENAME TO deliveries`,
    `CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL`,
    `CREATE INDEX deliveries_unwell ON deliveries (state, sequence, event, id)
     WHERE state IN ('retrying', 'held', 'dead', 'cancelled')`,
    `CREATE INDEX receipts_subject ON receipts (subject, sequence, id) WHERE event IS NULL AND subject IS NOT NULL`,
    `ALTER TABLE events ADD COLUMN config TEXT`,
    `ALTER TABLE receipts ADD COLUMN external TEXT`,
    `CREATE INDEX receipts_external ON receipts (external, sequence, id) WHERE event IS NULL AND external IS NOT NULL`,
    // Of an eventless receipt only, so that a webhook that becomes an event costs no entry.
    `CREATE INDEX receipts_session ON receipts (session) WHERE event IS NULL`,
    `CREATE TABLE tombstones (
      subject TEXT PRIMARY KEY, kind TEXT NOT NULL, source TEXT, person TEXT, erased_at INTEGER NOT NULL, erased_by TEXT NOT NULL,
      check_at INTEGER, finished_at INTEGER, receipts INTEGER NOT NULL DEFAULT 0, events INTEGER NOT NULL DEFAULT 0,
      files INTEGER NOT NULL DEFAULT 0, dead_letters INTEGER NOT NULL DEFAULT 0, deliveries INTEGER NOT NULL DEFAULT 0, answers TEXT
    ) WITHOUT ROWID`,
    `CREATE INDEX tombstones_check ON tombstones (check_at, kind) WHERE check_at IS NOT NULL`,
    `CREATE INDEX tombstones_person ON tombstones (person) WHERE person IS NOT NULL`,
    `CREATE TABLE holds (
      source TEXT NOT NULL, session TEXT NOT NULL, held_at INTEGER NOT NULL, held_by TEXT NOT NULL, PRIMARY KEY (source, session)
    ) WITHOUT ROWID`,
    `CREATE TABLE tallies (
      span TEXT NOT NULL, at INTEGER NOT NULL, counts TEXT NOT NULL, PRIMARY KEY (span, at)
    ) WITHOUT ROWID`,
    `CREATE TABLE api_tokens (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, digest TEXT NOT NULL, created_at INTEGER NOT NULL,
      created_by TEXT NOT NULL, expires_at INTEGER, revoked_at INTEGER
    ) WITHOUT ROWID`,
    `CREATE TABLE audit (
      id TEXT PRIMARY KEY, actor TEXT NOT NULL, role TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, status INTEGER
    ) WITHOUT ROWID`,
  ],
  // A subscriber that has never failed, been paused or had a rate has no row.
  [
    `CREATE TABLE subscribers (
      name TEXT PRIMARY KEY, failures INTEGER NOT NULL DEFAULT 0, timeouts INTEGER NOT NULL DEFAULT 0, opened_at INTEGER,
      probe_at INTEGER, probes INTEGER NOT NULL DEFAULT 0, failing_since INTEGER, last_failure_at INTEGER,
      last_success_at INTEGER, paused_at INTEGER, paused_why TEXT, paused_by TEXT, resumed_at INTEGER,
      next_slot_at REAL NOT NULL DEFAULT 0, slot_ms REAL NOT NULL DEFAULT 0
    ) WITHOUT ROWID`,
    `CREATE TABLE places (
      subscriber TEXT NOT NULL, place INTEGER NOT NULL, holder TEXT NOT NULL, until INTEGER NOT NULL,
      PRIMARY KEY (subscriber, place)
    ) WITHOUT ROWID`,
    `CREATE TABLE notices (
      id TEXT PRIMARY KEY, type TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL
    ) WITHOUT ROWID`,
    `CREATE TABLE sources (
      name TEXT PRIMARY KEY, heard_at INTEGER, rejecting_since INTEGER, silent_since INTEGER
    ) WITHOUT ROWID`,
    // Of a delivery that somebody put back: the attempts made before.
    `ALTER TABLE deliveries ADD COLUMN round INTEGER`,
    `CREATE TABLE replays (
      id TEXT PRIMARY KEY, state TEXT NOT NULL DEFAULT 'running', plan TEXT NOT NULL, sequence TEXT NOT NULL DEFAULT '',
      event TEXT NOT NULL DEFAULT '', events INTEGER NOT NULL DEFAULT 0, sent INTEGER NOT NULL DEFAULT 0,
      skipped INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, created_by TEXT NOT NULL, finished_at INTEGER
    ) WITHOUT ROWID`,
    `CREATE INDEX replays_running ON replays (id) WHERE state = 'running'`,
    // Absent where nobody ever asked for a receipt to be processed anew.
    `ALTER TABLE events ADD COLUMN revision INTEGER`,
    `ALTER TABLE receipts ADD COLUMN revision INTEGER`,
    `ALTER TABLE receipts ADD COLUMN asked_at INTEGER`,
    `ALTER TABLE receipts ADD COLUMN asked_due_at INTEGER`,
    `ALTER TABLE receipts ADD COLUMN reprocessed TEXT`,
    `CREATE INDEX receipts_asked ON receipts (asked_due_at) WHERE asked_due_at IS NOT NULL`,
  ],
];

/**
 * A consumer that waits for a D1 that hangs keeps its whole batch, and nothing in the queue behind it moves. What is done all the same
 * after that is met by those who try again: everything in the ledger can be done twice.
 */
export const LEDGER_MS = 10_000;

/** Whether this isolate has seen the schema applied to this database. */
export interface SchemaMemory {
  isApplied: boolean;
}

export async function applySchema(database: D1Database, memory: SchemaMemory): Promise<void> {
  if (memory.isApplied) return;
  const row = await reachingWithin("ledger", LEDGER_MS, async () => {
    await database.prepare("CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY)").run();
    return database.prepare("SELECT count(*) AS applied FROM schema_versions").first<{ applied: number }>();
  });
  await reaching("ledger", async () => {
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

/**
 * How a document becomes a version. The archive judges: whoever creates the record of a number has it. Then the document is put where
 * everybody reads it; should that not be reached, `settle` does it later. What is found there without the mark of a version was put by
 * somebody without the gateway, and becomes one.
 */
import type { ConfigRecords, ConfigVersion, StoredDocument } from "../core/config-version.ts";
import { Unavailable } from "../core/unavailable.ts";
import { versionOf } from "./version.ts";

export interface HistoryDeps {
  documents: {
    /** What is found there may be old by a minute. */
    current(): Promise<StoredDocument | undefined>;
    write(text: string, version: number): Promise<void>;
    keepGood(text: string): Promise<void>;
  };
  records: ConfigRecords;
  isValid(text: string): Promise<boolean>;
  /** Told of each document that was adopted. */
  note(version: ConfigVersion): Promise<unknown>;
  pause(milliseconds: number): Promise<void>;
  now: number;
}

export interface Standing {
  stored: StoredDocument | undefined;
  newest: ConfigVersion | undefined;
}

export interface Draft {
  text: string;
  by: string;
  message?: string | undefined;
  /** Whether it may follow this version. */
  follows(newest: ConfigVersion | undefined): boolean;
}

export interface Accepted {
  version: ConfigVersion;
  /** Whether it stands where everybody reads it; if not, `settle` sees to it. */
  isPublished: boolean;
}

/** After this the store shows what was there before to nobody any more. */
const SETTLED_MS = 120_000;
/** A text that is on record already is likelier to be old than to be put there anew: it has to stand there for longer. */
const REPEATED_MS = 600_000;
/** How many of the newest versions are on record in that sense. */
const RECENT = 20;
/** Who adopts what was found in the store. */
const FINDER = "kv";
/** At least one of all who want the next number gets it in each. */
const ROUNDS = 50;
const WRITES = 3;
/** The store takes one write of a key a second. */
const BETWEEN_WRITES_MS = 1100;

/**
 * What is there, once what somebody put there without the gateway has become a version. That is not marked in the store: what is read
 * there is old by up to a minute, and whoever wrote it back would undo what somebody has put there since.
 * @param isChanging what is found is about to be replaced, and is put on record at once
 */
export async function look(deps: HistoryDeps, isChanging = false): Promise<Standing> {
  for (let round = 0; round < ROUNDS; round++) {
    // One after the other: a mark is written after its record, so the record that is read later is as new as the mark.
    const stored = await deps.documents.current();
    const { versions } = await deps.records.list(RECENT);
    const [newest] = versions;
    const hash = stored && (await hashToAdopt(stored, versions, isChanging, deps));
    if (hash === undefined) return { stored, newest };
    const version = { version: (newest?.version ?? 0) + 1, at: deps.now, by: FINDER, hash };
    await deps.records.keep(hash, stored?.text ?? "");
    if (!(await deps.records.create(version))) continue;
    await deps.note(version);
    return { stored, newest: version };
  }
  throw new Unavailable("archive");
}

/** `undefined` where it is a version, is not valid, or may be what was there before. */
async function hashToAdopt(
  stored: StoredDocument,
  versions: readonly ConfigVersion[],
  isChanging: boolean,
  { isValid, now }: HistoryDeps,
): Promise<string | undefined> {
  const [newest] = versions;
  if (isOlder(stored, newest)) return undefined;
  const hash = await versionOf(stored.text);
  if (hash === newest?.hash) return undefined;
  const isRepeated = versions.some((each) => each.hash === hash);
  const isAtOnce = isChanging && !isRepeated;
  if (!isAtOnce && !isSettled(newest, now, isRepeated ? REPEATED_MS : SETTLED_MS)) return undefined;
  return (await isValid(stored.text)) ? hash : undefined;
}

/** `undefined` where it may not follow the newest version. Of several at once each gets a number of its own. */
export async function accept({ text, by, message, follows }: Draft, deps: HistoryDeps): Promise<Accepted | undefined> {
  const hash = await versionOf(text);
  for (let round = 0; round < ROUNDS; round++) {
    const { stored, newest } = await look(deps, true);
    if (!follows(newest)) return undefined;
    await deps.records.keep(hash, text);
    await giveWay(stored, newest, deps);
    const version = { version: (newest?.version ?? 0) + 1, at: deps.now, by, message, hash };
    if (!(await deps.records.create(version))) continue;
    const isPublished = await publish(version.version, text, deps).then(
      () => true,
      () => false,
    );
    return { version, isPublished };
  }
  throw new Unavailable("archive");
}

/**
 * What stands in the store without a mark, and is a version or not valid, is replaced by what is marked, before another version is made: should the gateway end right
 * after that, nobody must take what was there before for something that somebody put there since.
 */
async function giveWay(
  stored: StoredDocument | undefined,
  newest: ConfigVersion | undefined,
  deps: HistoryDeps,
): Promise<void> {
  const last = newest?.version ?? 0;
  if (!stored || (stored.version !== undefined && stored.version <= last)) return;
  const text = newest ? await deps.records.read(newest.hash) : stored.text;
  if (text !== undefined) await publish(last, text, deps);
}

/** Whoever has written looks whether there is a newer one by now: so the newest stands there in the end, whoever writes last. */
async function publish(version: number, text: string, deps: HistoryDeps): Promise<void> {
  await write(text, version, deps);
  const newest = await deps.records.newest();
  if (newest && newest.version > version) return republish(newest, deps);
  // What has the mark 0 is no version, and not valid.
  if (version > 0) await deps.documents.keepGood(text).catch(() => undefined);
}

async function republish(version: ConfigVersion, deps: HistoryDeps): Promise<void> {
  const text = await deps.records.read(version.hash);
  if (text !== undefined) await publish(version.version, text, deps);
}

async function write(text: string, version: number, deps: HistoryDeps): Promise<void> {
  for (let left = WRITES; ;) {
    try {
      return await deps.documents.write(text, version);
    } catch (error) {
      if (--left === 0) throw error;
      await deps.pause(BETWEEN_WRITES_MS);
    }
  }
}

/** Puts the newest version where everybody reads it, where whoever accepted it did not come so far. */
export async function settle(deps: HistoryDeps): Promise<void> {
  const { stored, newest } = await look(deps);
  if (!newest || !isSettled(newest, deps.now)) return;
  if (!stored || isOlder(stored, newest)) await republish(newest, deps);
}

const LOOK_BACK = 100;

/** The number of the newest version with the document of this hash; `undefined` where it is none, or one of long ago. */
export async function numberOf(hash: string, { records }: Pick<HistoryDeps, "records">): Promise<number | undefined> {
  const { versions } = await records.list(LOOK_BACK);
  return versions.find((each) => each.hash === hash)?.version;
}

const isOlder = ({ version }: StoredDocument, newest: ConfigVersion | undefined): boolean =>
  version !== undefined && newest !== undefined && version < newest.version;

const isSettled = (newest: ConfigVersion | undefined, now: number, afterMs = SETTLED_MS): boolean =>
  newest === undefined || now - newest.at >= afterMs;

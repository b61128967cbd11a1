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
/** Who adopts what was found in the store. */
const FINDER = "kv";
/** At least one of all who want the next number gets it in each. */
const ROUNDS = 50;
const WRITES = 3;
/** The store takes one write of a key a second. */
const BETWEEN_WRITES_MS = 1100;

/** What is there, once what somebody put there without the gateway has become a version. */
export async function look(deps: HistoryDeps): Promise<Standing> {
  const [stored, newest] = await Promise.all([deps.documents.current(), deps.records.newest()]);
  return { stored, newest: (await adopt(stored, newest, deps)) ?? newest };
}

async function adopt(
  stored: StoredDocument | undefined,
  newest: ConfigVersion | undefined,
  deps: HistoryDeps,
): Promise<ConfigVersion | undefined> {
  if (!stored || isOlder(stored, newest) || !isSettled(newest, deps.now)) return undefined;
  const hash = await versionOf(stored.text);
  if (hash === newest?.hash || !(await deps.isValid(stored.text))) return undefined;
  const version = { version: (newest?.version ?? 0) + 1, at: deps.now, by: FINDER, hash };
  await deps.records.keep(hash, stored.text);
  if (!(await deps.records.create(version))) return undefined;
  await deps.note(version);
  return version;
}

/** `undefined` where it may not follow the newest version. Of several at once each gets a number of its own. */
export async function accept({ text, by, message, follows }: Draft, deps: HistoryDeps): Promise<Accepted | undefined> {
  const hash = await versionOf(text);
  for (let round = 0; round < ROUNDS; round++) {
    const { stored, newest } = await look(deps);
    if (!follows(newest)) return undefined;
    await deps.records.keep(hash, text);
    await giveWay(stored, newest, deps);
    const version = { version: (newest?.version ?? 0) + 1, at: deps.now, by, message, hash };
    if (!(await deps.records.create(version))) continue;
    const isPublished = await publish(version, text, deps).then(
      () => true,
      () => false,
    );
    return { version, isPublished };
  }
  throw new Unavailable("archive");
}

/**
 * What stands in the store without a mark is replaced by what is marked, before another version is made: should the gateway end right
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
  if (text !== undefined) await write(text, last, deps);
}

/** Whoever has written looks whether there is a newer one by now: so the newest stands there in the end, whoever writes last. */
async function publish(version: ConfigVersion, text: string, deps: HistoryDeps): Promise<void> {
  await write(text, version.version, deps);
  const newest = await deps.records.newest();
  if (newest && newest.version > version.version) return republish(newest, deps);
  await deps.documents.keepGood(text).catch(() => undefined);
}

async function republish(version: ConfigVersion, deps: HistoryDeps): Promise<void> {
  const text = await deps.records.read(version.hash);
  if (text !== undefined) await publish(version, text, deps);
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

const isSettled = (newest: ConfigVersion | undefined, now: number): boolean =>
  newest === undefined || now - newest.at >= SETTLED_MS;

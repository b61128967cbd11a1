/** How long what was kept is kept, and what of it may go when that is over. */

/** Days, by what is kept; absent is for ever. */
export interface Retention {
  receipts?: number | undefined;
  events?: number | undefined;
  files?: number | undefined;
}

/** One stretch of the archive. `answers`, `notices` and `strays`, messages that speak of no session, are of no one source. */
export type Shelf =
  | { kind: "receipts" | "events" | "deadLetters"; source: string }
  | { kind: "files" | "answers" | "notices" | "strays"; source?: undefined };

/** An object whose time is over. `id` is its own, `source` and `session` say whose it is; each is empty where there is none. */
export interface Expired {
  key: string;
  id: string;
  source: string;
  session: string;
  /** Its bytes are gone already, its place is kept. */
  isHollow: boolean;
}

export interface ExpiryArchive {
  /**
   * In the order of their keys; `last` is where the next page goes on, absent at the end.
   * @param isOver by when an object was stored, epoch milliseconds, and the source that it is of
   */
  list(
    shelf: Shelf,
    after: string | undefined,
    limit: number,
    isOver: (storedAt: number, source: string) => boolean,
  ): Promise<{ expired: Expired[]; last: string | undefined }>;
  /** Takes a receipt's bytes and leaves its place, so that the same bytes, when they come again, are told from it. */
  hollow(key: string): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
}

/** `hollow`: its event is still there, and is named after its place. */
export type Judgement = "remove" | "hollow";

export interface ExpiringLedger {
  /** Of these, by key, those that nobody waits for, that nothing is owed of and nobody holds. */
  judge(kind: Shelf["kind"], expired: readonly Expired[]): Promise<Map<string, Judgement>>;
  /** The rows of what was removed. */
  forget(kind: Shelf["kind"], removed: readonly Expired[]): Promise<void>;
}

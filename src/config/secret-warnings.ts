/** Secrets that a document names and nobody has set. A secret is looked up where it is used, so that either may come first. */
import { faultOf, MOST_FAULTS, type Fault } from "./faults.ts";
import { secretsIn } from "./uses.ts";

export interface KnownSecrets {
  /** Set at run time, and the Worker's own. A list may be a minute old. */
  names(): Promise<readonly string[]>;
  /** Asks the store and remembers nothing: that there is none must not be believed once there is. */
  isSet(name: string): Promise<boolean>;
}

/** An operation of the store each; of those after them the list is believed. */
const MOST_LOOKED_FOR = 50;

/** None where the store cannot be reached: nothing is said of what is not known. */
export async function warnOfSecrets(document: unknown, { names, isSet }: KnownSecrets): Promise<Fault[]> {
  const uses = secretsIn(document);
  try {
    const set = new Set(await names());
    const unlisted = [...new Set(uses.map(({ name }) => name))].filter((name) => !set.has(name));
    const found = await Promise.all(unlisted.slice(0, MOST_LOOKED_FOR).map((name) => isSet(name)));
    for (const [index, isThere] of found.entries()) if (isThere) set.add(unlisted[index] ?? "");
    const message = "no such secret is set: put one at /api/secrets before it is needed";
    const missing = uses.filter(({ name }) => !set.has(name)).slice(0, MOST_FAULTS);
    return missing.map(({ name, path }) => faultOf(path, message, name, [...set]));
  } catch {
    return [];
  }
}

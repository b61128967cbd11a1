/**
 * What subscribers answered, in R2: one object for all that a consumer writes down at once. It may hold personal data, so a single
 * answer can be taken out again.
 */
import { mapLimited } from "../core/limit.ts";
import { archiveKeys } from "./keys.ts";
import { reaching, reachingWithin } from "./reach.ts";

export interface AnswerStore {
  /**
   * Answers by `{delivery}.{attempt}`, kept under `place`, `{yyyy-mm-dd}/{a name that nobody else takes}`. A single one is referred to
   * by `{place}/{delivery}.{attempt}`.
   */
  write(place: string, answers: Readonly<Record<string, string>>): Promise<void>;
  /** By reference; what is not there any more is absent. */
  read(references: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Whoever else takes answers out of the same object at the same time: each is gone in the end. */
  forget(references: readonly string[]): Promise<void>;
}

type Answers = Record<string, string>;

/** Results wait to be written down until this is over. */
const WRITE_MS = 1000;
const OBJECTS_AT_A_TIME = 5;
/** Of one object there are no more answers than a batch has deliveries. */
const FORGET_ROUNDS = 25;

export function createAnswerStore(bucket: R2Bucket): AnswerStore {
  const httpMetadata = { contentType: "application/json" };

  async function forgetFrom(key: string, names: ReadonlySet<string>): Promise<void> {
    for (let round = 0; round < FORGET_ROUNDS; round++) {
      const object = await bucket.get(key);
      if (!object) return;
      const answers = Object.entries(await object.json<Answers>());
      const rest = answers.filter(([name]) => !names.has(name));
      if (rest.length === answers.length) return;
      // Answers are never added to an object: what is empty now stays so.
      if (rest.length === 0) return bucket.delete(key);
      const onlyIf = { etagMatches: object.etag };
      if (await bucket.put(key, JSON.stringify(Object.fromEntries(rest)), { onlyIf, httpMetadata })) return;
    }
    throw new Error("contended");
  }

  return {
    write: (place, answers) =>
      reachingWithin("archive", WRITE_MS, async () => {
        await bucket.put(archiveKeys.answers(place), JSON.stringify(answers), { httpMetadata });
      }),
    read: (references) =>
      reaching("archive", async () => {
        const found = await mapLimited([...byObject(references)], OBJECTS_AT_A_TIME, async ([place, names]) => {
          const answers = (await (await bucket.get(archiveKeys.answers(place)))?.json<Answers>()) ?? {};
          return Object.entries(answers).flatMap(([name, answer]): [string, string][] =>
            names.has(name) ? [[`${place}/${name}`, answer]] : [],
          );
        });
        return new Map(found.flat());
      }),
    forget: (references) =>
      reaching("archive", async () => {
        await mapLimited([...byObject(references)], OBJECTS_AT_A_TIME, ([place, names]) =>
          forgetFrom(archiveKeys.answers(place), names),
        );
      }),
  };
}

/** The names of answers by the place that holds them. */
function byObject(references: readonly string[]): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  for (const reference of references) {
    const end = reference.lastIndexOf("/");
    const place = reference.slice(0, end);
    places.set(place, (places.get(place) ?? new Set()).add(reference.slice(end + 1)));
  }
  return places;
}

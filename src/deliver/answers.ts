/** What subscribers answered is kept beside the results; that it cannot be is no reason to keep a result waiting. */
import type { Fields } from "../core/consume.ts";
import type { AttemptResult } from "../core/tasks.ts";

export interface AnswersDeps {
  answers: {
    write(place: string, answers: Readonly<Record<string, string>>): Promise<void>;
    forget(references: readonly string[]): Promise<void>;
  };
  /** Names one consumer, or one object; never the same twice. */
  newHolder(): string;
  now(): number;
}

/** What came of an attempt, and the start of the subscriber's answer; empty where there was none. */
export interface Attempted {
  result: AttemptResult;
  answer: string;
  /** For the log. */
  observed: Fields;
}

/** A result that nobody has just answered for. */
export const unanswered = (result: AttemptResult): Attempted => ({ result, answer: "", observed: {} });

/**
 * The results, with references to the answers. They are in the archive before the ledger names them, so that whoever erases a delivery
 * finds all that belongs to it.
 */
export async function keepAnswers(attempted: readonly Attempted[], deps: AnswersDeps): Promise<AttemptResult[]> {
  const results = attempted.map(({ result }) => result);
  const answers = attempted.filter(({ answer }) => answer !== "");
  if (answers.length === 0) return results;
  const place = `${new Date(deps.now()).toISOString().slice(0, "yyyy-mm-dd".length)}/${deps.newHolder()}`;
  // What has failed may have been written all the same, or be written yet: it is referred to in any case.
  await deps.answers
    .write(place, Object.fromEntries(answers.map(({ result, answer }) => [nameOf(result), answer])))
    .catch(() => undefined);
  return attempted.map(({ result, answer }) =>
    answer === "" ? result : { ...result, answer: `${place}/${nameOf(result)}` },
  );
}

const nameOf = ({ task }: AttemptResult): string => `${task.delivery}.${task.attempt}`;

/** A delivery with its attempts, each with the start of what the subscriber answered. */
import type { FoundDelivery } from "../core/search.ts";

export interface AnswersDeps {
  answers: { read(references: readonly string[]): Promise<ReadonlyMap<string, string>> };
}

/** Each may be in an object of its own: of more attempts the newest are told with their answers. */
const MOST_ANSWERS = 50;

export async function withAnswers(deliveries: readonly FoundDelivery[], { answers }: AnswersDeps) {
  const attempts = deliveries.flatMap((delivery) => delivery.attempts.filter(({ answer }) => answer !== undefined));
  const newest = attempts.toSorted((one, other) => (one.at < other.at ? 1 : -1)).slice(0, MOST_ANSWERS);
  const texts = await answers.read(newest.flatMap(({ answer = [] }) => answer));
  return deliveries.map((delivery) => ({
    ...delivery,
    attempts: delivery.attempts.map(({ answer = "", ...attempt }) => ({ ...attempt, answer: texts.get(answer) })),
  }));
}

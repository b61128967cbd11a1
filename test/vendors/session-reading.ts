/** Runs a reading of a session against answers that a test hands it. */
import { looseJson, vocabularyOf } from "./payloads.ts";
import fc from "fast-check";
import type { Statement } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { AdapterOptions } from "../../src/vendors/adapter.ts";
import type {
  AnswerFault,
  SessionAnswer,
  SessionOptions,
  SessionRead,
  SessionReading,
  SessionRequest,
} from "../../src/vendors/session.ts";
import { OPTIONS } from "./adapter.suite.ts";

export const SESSION_OPTIONS: SessionOptions = {
  ...OPTIONS,
  baseUrl: "https://idv.example",
  properties: {},
  fetch: ["score", "ocr", "images"],
  contract: "websdk",
  contracts: {},
};

export const FAULTS: readonly AnswerFault[] = [
  "gone",
  "forbidden",
  "refused",
  "redirected",
  "rejected",
  "unreadable",
  "too_large",
  "unavailable",
];

/** By the part of a URL that names what is asked for; what nobody answers is gone. */
export type Answers = Readonly<Record<string, JsonObject | AnswerFault>>;

export function run(reading: SessionReading, answers: Answers): { read: SessionRead; requests: SessionRequest[] } {
  const requests: SessionRequest[] = [];
  let step = reading.next();
  while (!step.done) {
    requests.push(step.value);
    step = reading.next(answerOf(step.value, answers));
  }
  return { read: step.value, requests };
}

function answerOf({ url }: SessionRequest, answers: Answers): SessionAnswer {
  const answer = Object.entries(answers).find(([part]) => url.includes(part))?.[1] ?? "gone";
  return typeof answer === "string" ? { ok: false, why: answer } : { ok: true, json: answer };
}

/** The webhook's statement as a reading is handed it: with the note that its session has not been read. */
export function unreadOf(
  normalize: (payload: JsonObject, options: AdapterOptions) => Statement,
  payload: JsonObject,
  options: AdapterOptions = OPTIONS,
): Statement {
  const statement = normalize(payload, options);
  return { ...statement, missing: [...(statement.missing ?? []), { what: "session", why: "not_read" }] };
}

/** Answers of any shape, made of the names and words of real ones and of others. */
export function anyAnswer(real: readonly JsonObject[]): fc.Arbitrary<JsonObject> {
  const vocabulary = vocabularyOf(real);
  return fc.oneof(looseJson(vocabulary), looseJson(vocabulary, "only_words"));
}

/** The rules of a custom vendor with every shorthand written out. */
import type {
  FileRule,
  ReadRule,
  CheckRule,
  CustomRules,
  Field,
  SessionAuth,
  Target,
} from "../vendors/custom/rules.ts";
import type { Outcome } from "../core/outcome.ts";
import { TARGETS } from "../vendors/custom/rules.ts";
import type { SecretRef } from "./config.ts";
import type { SourceDocument } from "./source-schema.ts";

type Pointers = string | readonly string[];
type FieldDocument<Word extends string> = Pointers | { constant: Word } | (Omit<Field<Word>, "at"> & { at: Pointers });
type MapDocument = NonNullable<SourceDocument["map"]>;
type SessionDocument = NonNullable<SourceDocument["session"]>;

const toList = (pointers: Pointers | undefined = []): readonly string[] =>
  typeof pointers === "string" ? [pointers] : pointers;

const isPlace = (document: unknown): document is Pointers => typeof document === "string" || Array.isArray(document);

/** A word where a place could stand is a constant. */
function toField<Word extends string>(document: FieldDocument<Word>): Field<Word> {
  if (typeof document === "string" && !document.startsWith("/")) return { at: [], absent: document as Word };
  if (isPlace(document)) return { at: toList(document) };
  return "constant" in document ? { at: [], absent: document.constant } : { ...document, at: toList(document.at) };
}

export function completeRules({ webhook, map = {} }: Pick<SourceDocument, "webhook" | "map">): CustomRules | undefined {
  if (!webhook) return undefined;
  const { time, event, session, delivery, about } = webhook;
  const { type, outcome, checks = [] } = map;
  const targets = Object.keys(TARGETS) as Target[];
  return {
    event: toList(event),
    session: toList(session),
    delivery: toList(delivery),
    time: time === undefined ? time : toTime(time),
    about,
    type: type === undefined ? type : toField(type),
    outcome: outcome === undefined ? outcome : toField<Outcome>(outcome),
    fields: targets.flatMap((target): [Target, Field][] => {
      const field = map[target];
      return field === undefined ? [] : [[target, toField(field)]];
    }),
    checks: checks.map(toCheck),
  };
}

function toTime(time: NonNullable<NonNullable<SourceDocument["webhook"]>["time"]>): Field {
  return isPlace(time) ? { at: toList(time) } : { at: toList(time.at), date: time.format };
}

function toCheck(check: NonNullable<MapDocument["checks"]>[number]): CheckRule {
  const { read, kind } = check;
  const score = check.score === undefined ? undefined : toScore(check.score);
  if ("each" in check) {
    const { each, name, result } = check;
    return { read, each, kind: toField(kind), name: toField(name), result: toField(result), score };
  }
  const { name, at, values, default: otherwise, when } = check;
  const result = { at: toList(at), values, default: otherwise, when };
  return { read, kind: toField(kind), name: { at: [], absent: name }, result, score };
}

function toScore(score: Pointers | { at: Pointers; outOf?: number | undefined }): CheckRule["score"] {
  return isPlace(score) ? { at: toList(score), outOf: 1 } : { at: toList(score.at), outOf: score.outOf ?? 1 };
}

export interface CompleteCustomSession {
  auth: SessionAuth | undefined;
  secret: SecretRef | undefined;
  reads: readonly ReadRule[];
  fileList: readonly FileRule[];
}

export function completeCustomSession({ auth, reads = [], fileList = [] }: SessionDocument): CompleteCustomSession {
  return {
    ...completeAuth(auth),
    reads: reads.map((read) => ({ ...read, id: toList(read.id) })),
    fileList: fileList.map((file) => ({
      ...file,
      id: file.id === undefined ? { at: [] } : toField(file.id),
      kind: file.kind === undefined ? { at: [] } : toField(file.kind),
      url: toList(file.url),
      action: toList(file.action),
      name: toList(file.name),
      contentType: toList(file.contentType),
    })),
  };
}

const MINUTE_SECONDS = 60;

/**
 * For how long the same bytes are a repeat, where the source does not say it. A webhook that names neither its time nor its delivery
 * may be the same each time while the session behind it changes, which only reading it tells.
 */
export function windowOf({ webhook, session }: SourceDocument, otherwise: number): number {
  const isNameless = webhook !== undefined && webhook.time === undefined && webhook.delivery === undefined;
  return isNameless && session !== undefined ? MINUTE_SECONDS : otherwise;
}

/** Apart from its secret, which is kept where every vendor's is. */
function completeAuth(auth: SessionDocument["auth"]): Pick<CompleteCustomSession, "auth" | "secret"> {
  switch (auth?.type) {
    case undefined:
      return { auth: undefined, secret: undefined };
    case "header":
      return { auth: { type: "header", name: auth.name, prefix: auth.prefix }, secret: auth.value };
    case "basic":
      return { auth: { type: "basic", username: auth.username }, secret: auth.password };
    case "bearer":
      return { auth: { type: "bearer" }, secret: auth.token };
    case "oauth2": {
      const { clientSecret, ...client } = auth;
      return { auth: client, secret: clientSecret };
    }
  }
}

/** `gatepost config push` and `rollback`: what is shown first, agreed to, and then in effect. */
import { parseText } from "../../core/json.ts";
import type { Answer, Query } from "../api.ts";
import {
  inEffect,
  numberOf,
  PATH,
  tellRefusal,
  tellWarnings,
  textOf,
  VERSION,
  versionOf,
  type Change,
  type DryRun,
} from "../document.ts";
import { Misuse } from "../failure.ts";
import { readDocument, type Document, type ToldFault } from "../faults.ts";
import { tellDifference } from "../hunks.ts";
import type { Session } from "../session.ts";
import { count } from "../times.ts";

export interface Applying {
  message?: string;
  yes?: true;
}

export async function push(session: Session, options: Applying, file: string): Promise<void> {
  const document = await session.open(file);
  readDocument(document);
  await apply(session, options, document, (query, etag) =>
    session.api.call("PUT", PATH, {
      query,
      body: document.text,
      headers: { "if-match": etag, ...messageHeader(options) },
    }),
  );
}

export async function rollback(session: Session, options: Applying, version: string): Promise<void> {
  if (!VERSION.test(version)) throw new Misuse("a version is a number, as in `config rollback 16`");
  const document = { name: `version ${version}`, text: await textOf(session, version) };
  const { message } = options;
  const body = { version: Number(version), ...(message === undefined ? {} : { message }) };
  await apply(session, options, document, (query, etag) =>
    session.api.call("POST", `${PATH}/rollback`, { query, body, headers: { "if-match": etag } }),
  );
}

/** RFC 3986 percent-encoding: a header holds nothing but ASCII. */
const messageHeader = ({ message }: Applying): Record<string, string> =>
  message === undefined ? {} : { "gatepost-message": encodeURIComponent(message.toWellFormed()) };

/** What was shown is what is replaced: somebody else's change in between is not overwritten, by way of `etag`. */
async function apply(
  session: Session,
  options: Applying,
  document: Document,
  send: (query: Query, etag: string | undefined) => Promise<Answer<unknown>>,
): Promise<void> {
  const { printer, questions, api } = session;
  const { text, etag } = await inEffect(session);
  const refused = (error: unknown) => {
    throw tellRefusal(session, document, error);
  };
  const { changes, warnings = [] } = (await send({ dryRun: true }, etag).catch(refused)).body as DryRun;
  tellWarnings(session, document, warnings);
  if (changes.length === 0 && text !== undefined) {
    if (printer.isJson) printer.record({ success: true, changes });
    return printer.success(`nothing to change: ${document.name} says what is in effect`);
  }
  const before = { name: `in effect${numberOf(etag)}`, document: parseText(text ?? "") };
  if (!printer.isJson) tellDifference(printer, before, { name: document.name, document: parseText(document.text) });
  printer.note(`\n${summaryOf(changes)}`);
  if (options.yes !== true) await questions.confirm(`Apply to ${api.url}?`, "Pass --yes to apply without a question.");
  tellApplied(session, document, versionOf(etag), await send({}, etag).catch(refused), warnings);
}

/** `3 changes, 1 source affected` */
function summaryOf(changes: readonly Change[]): string {
  const affected = (kind: "source" | "subscriber") => {
    const names = new Set(changes.flatMap(({ path }) => path.match(new RegExp(`^/${kind}s/[^/]+`))?.[0] ?? []));
    return names.size === 0 ? [] : [`${count(names.size, kind)} affected`];
  };
  return [count(changes.length, "change"), ...affected("source"), ...affected("subscriber")].join(", ");
}

/** @param told warnings that stand above the difference already */
function tellApplied(
  session: Session,
  document: Document,
  was: string | undefined,
  { body, etag }: Answer<unknown>,
  told: readonly ToldFault[],
): void {
  const { version = versionOf(etag), warnings = [] } = body as { version?: number; warnings?: ToldFault[] };
  const isNew = ({ path, message }: ToldFault) => !told.some((each) => each.path === path && each.message === message);
  tellWarnings(session, document, warnings.filter(isNew));
  const { printer } = session;
  if (printer.isJson) return printer.record({ success: true, version, was });
  const undo = was === undefined ? "" : ` (was ${was}). Undo: gatepost config rollback ${was}`;
  printer.success(`version ${version ?? "?"} in effect${undo}`);
}

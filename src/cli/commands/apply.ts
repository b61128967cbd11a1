/** `gatepost config push` and `rollback`: what is shown first, agreed to, and then in effect. */
import { parseText } from "../../core/json.ts";
import {
  check,
  inEffect,
  numberOf,
  PATH,
  tellRefusal,
  textOf,
  VERSION,
  versionOf,
  type Change,
  type DryRun,
} from "../document.ts";
import { Misuse } from "../failure.ts";
import { tellDifference, type Side } from "../hunks.ts";
import type { Session } from "../session.ts";
import { count } from "../times.ts";

export interface Applying {
  message?: string;
  yes?: true;
}

export async function push(session: Session, options: Applying, file: string): Promise<void> {
  const { api, printer } = session;
  const document = await session.open(file);
  const current = await inEffect(session);
  const { changes } = await check(session, document);
  if (changes.length === 0 && current.text !== undefined)
    return printer.success("nothing to change: this is what is in effect");
  const before: Side = { name: `in effect${numberOf(current.etag)}`, document: parseText(current.text ?? "") };
  await agree(session, options, changes, before, { name: document.name, document: parseText(document.text) });
  // What was shown is what is replaced: somebody else's change in between is not overwritten.
  const headers = { "if-match": current.etag, ...messageOf(options) };
  const { body, etag } = await api.call<{ version?: number }>("PUT", PATH, { body: document.text, headers });
  tellApplied(session, body.version ?? versionOf(etag), versionOf(current.etag));
}

export async function rollback(session: Session, options: Applying, version: string): Promise<void> {
  if (!VERSION.test(version)) throw new Misuse("a version is a number, as in `config rollback 16`");
  const current = await inEffect(session);
  const text = await textOf(session, version);
  const document = { name: `version ${version}`, text };
  const body = { version: Number(version), ...(options.message === undefined ? {} : { message: options.message }) };
  const sending = { body, headers: { "if-match": current.etag } };
  const refused = (error: unknown) => {
    throw tellRefusal(session, document, error);
  };
  const path = `${PATH}/rollback`;
  const dryRun = await session.api.call<DryRun>("POST", path, { ...sending, query: { dryRun: true } }).catch(refused);
  const { changes } = dryRun.body;
  if (changes.length === 0)
    return session.printer.success(`nothing to change: version ${version} says what is in effect`);
  const before: Side = { name: `in effect${numberOf(current.etag)}`, document: parseText(current.text ?? "") };
  await agree(session, options, changes, before, { name: document.name, document: parseText(text) });
  const { body: applied, etag } = await session.api.call<{ version?: number }>("POST", path, sending).catch(refused);
  tellApplied(session, applied.version ?? versionOf(etag), versionOf(current.etag));
}

/** RFC 3986 percent-encoding: a header holds nothing but ASCII. */
const messageOf = ({ message }: Applying): Record<string, string> =>
  message === undefined ? {} : { "gatepost-message": encodeURIComponent(message) };

async function agree(
  session: Session,
  { yes }: Applying,
  changes: readonly Change[],
  before: Side,
  after: Side,
): Promise<void> {
  const { printer, questions, api } = session;
  if (!printer.isJson) tellDifference(printer, before, after);
  printer.note(`\n${summaryOf(changes)}`);
  if (yes !== true) await questions.confirm(`Apply to ${api.url}?`, "Pass --yes to apply without a question.");
}

/** `3 changes, 1 source affected` */
function summaryOf(changes: readonly Change[]): string {
  const affected = (kind: "source" | "subscriber") => {
    const names = new Set(changes.flatMap(({ path }) => path.match(new RegExp(`^/${kind}s/[^/]+`))?.[0] ?? []));
    return names.size === 0 ? [] : [`${count(names.size, kind)} affected`];
  };
  return [count(changes.length, "change"), ...affected("source"), ...affected("subscriber")].join(", ");
}

function tellApplied({ printer }: Session, version: number | string | undefined, was: string | undefined): void {
  if (printer.isJson) return printer.record({ success: true, version, was });
  printer.success(
    `version ${version ?? "?"} in effect${was === undefined ? "" : ` (was ${was}). Undo: gatepost config rollback ${was}`}`,
  );
}

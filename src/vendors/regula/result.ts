/** Where a session's Document Reader result is found: within the session, or in a file that has to be fetched for it. */
import type { Missing } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import type { SessionAnswer, SessionFile, SessionRequest } from "../session.ts";
import { findContainers, readPictures, type Containers } from "./docreader.ts";

/** A result may have several megabytes; more than two are not worth the wait. */
const MAX_FETCHED = 2;

export interface Result {
  /** The id of the file that it is, or the action that it comes from. */
  id: string;
  containers: Containers;
  request: SessionRequest;
}

export type Search = Generator<SessionRequest, { result?: Result; missing: Missing[] }, SessionAnswer>;

/** @param candidates files that may be a result, and may turn out to be something else */
export function* readResult(session: JsonObject, request: SessionRequest, candidates: readonly SessionFile[]): Search {
  const inline = findContainers(session);
  if (inline) return { result: { id: "DOCREADER_SCENARIO", containers: inline, request }, missing: [] };
  let missing: Missing[] = [];
  for (const { id, request: from } of candidates.slice(0, MAX_FETCHED)) {
    const answer = yield { ...from, followsRedirects: true };
    const containers = answer.ok ? findContainers(answer.json) : undefined;
    if (containers) return { result: { id, containers, request: from }, missing: [] };
    if (!answer.ok) missing = [{ what: "docreader", why: answer.why }];
  }
  return { missing };
}

/** The result's pictures as files of their own. Their bytes lie too deep in its JSON to be fetched from there. */
export function picturesOf({ id, containers, request }: Result): SessionFile[] {
  return readPictures(containers).map(({ kind, page, bytes }) => ({
    id: `${id}.${kind}.${page}`,
    kind,
    action: "DOCREADER_SCENARIO",
    request,
    inline: bytes,
  }));
}

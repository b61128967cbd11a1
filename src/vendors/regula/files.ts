/**
 * A session's files: pictures, videos, and what the workflow's actions sent and were answered. Each has its own URL, absolute
 * or relative to the session API's.
 * Source: Regula's page "Getting Session Data via API" and its demo workflow "General KYC".
 */
import type { Json, Missing } from "../../core/event.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { createReader } from "../reader.ts";
import type { SessionFile } from "../session.ts";
import { kindOf } from "./kinds.ts";
import { BINARIES } from "./properties.ts";

const DOCUMENT_READER_ACTIONS: readonly string[] = ["DOCREADER_SCENARIO", "GET_DOCREADER_RESULTS"];
const DOCUMENT_READER_TYPE = "REGULA_DOC_READER";

export interface Listing {
  files: SessionFile[];
  /** Those of the files that are results of the Document Reader, in JSON. */
  results: SessionFile[];
  missing: Missing[];
}

interface Entry {
  id: string;
  action: string | undefined;
  name: string | undefined;
  contentType: string | undefined;
  isDocumentReaders: boolean;
  url: string | undefined;
}

/** Files that are listed, and the properties that are files and are not listed. */
export function listFiles(files: Json | undefined, properties: JsonObject, baseUrl: string): Listing {
  const listed = entriesOf(files);
  const entries = withUniqueIds([...listed, ...binariesOf(properties, listed)]);
  const found = entries.map((entry) => ({ entry, file: toFile(entry, baseUrl) }));
  return {
    files: found.flatMap(({ file }) => file ?? []),
    results: found.flatMap(({ entry, file }) => (file && isResult(entry, file) ? file : [])),
    missing: found.flatMap(({ entry, file }) => (file ? [] : { what: `files/${entry.id}`, why: "no_url" })),
  };
}

/** From a list, a map by id, or a map of lists. */
function entriesOf(files: Json | undefined): Entry[] {
  if (Array.isArray(files)) return files.flatMap((file) => toEntry(undefined, file));
  if (!isObject(files)) return [];
  return Object.entries(files).flatMap(([key, file]) =>
    Array.isArray(file) ? file.flatMap((each) => toEntry(key, each)) : toEntry(key, file),
  );
}

function toEntry(key: string | undefined, file: Json): Entry[] {
  if (typeof file === "string" && file !== "" && key) return [{ ...toEntryOf(key, {}), url: file }];
  return isObject(file) ? [toEntryOf(key, file)] : [];
}

function toEntryOf(key: string | undefined, file: JsonObject): Entry {
  const reader = createReader(file);
  const [id, action, type] = [reader.text("id"), reader.text("action"), reader.text("type")];
  const name = reader.text("name", "fileName");
  const isNamedSo = [id, key, action].some((word) => word !== undefined && DOCUMENT_READER_ACTIONS.includes(word));
  return {
    id: id ?? (key || (name ?? action ?? "file")),
    action,
    name,
    contentType: reader.text("contentType"),
    isDocumentReaders: isNamedSo || type === DOCUMENT_READER_TYPE,
    url: reader.text("url"),
  };
}

/** Of a property that is a file, its URL; a reference into the platform's own storage leads nowhere from outside. */
function binariesOf(properties: JsonObject, listed: readonly Entry[]): Entry[] {
  return BINARIES.flatMap((name): Entry[] => {
    const value = Object.hasOwn(properties, name) ? (properties[name] ?? null) : null;
    const isListed = listed.some((entry) => [entry.id, entry.action, entry.name].includes(name));
    if (value === null || value === "" || value === false || isListed) return [];
    const isUrl = typeof value === "string" && /^(https?:\/)?\//i.test(value);
    const entry = toEntryOf(name, isObject(value) ? value : {});
    return [{ ...entry, id: name, url: isUrl ? value : entry.url }];
  });
}

/** In the vendor's order, so that the same session gives the same ids again. */
export function withUniqueIds<Named extends { id: string }>(entries: readonly Named[]): Named[] {
  const taken = new Set<string>();
  return entries.map((entry) => {
    let id = entry.id;
    for (let copy = 2; taken.has(id); copy++) id = `${entry.id}-${copy}`;
    taken.add(id);
    return { ...entry, id };
  });
}

function toFile(entry: Entry, baseUrl: string): SessionFile | undefined {
  const url = resolve(entry.url, baseUrl);
  if (url === undefined) return undefined;
  const { id, action, name, contentType, isDocumentReaders } = entry;
  const names = [id, name, action].filter((word) => word !== undefined);
  const kind = kindOf({ names, contentType: contentType?.toLowerCase(), isDocumentReaders });
  return { id, kind, action, name, contentType, request: { method: "GET", url, withCredential: true } };
}

function resolve(url: string | undefined, baseUrl: string): string | undefined {
  const resolved = url === undefined ? null : URL.parse(url, `${baseUrl}/`);
  return resolved && /^https?:$/.test(resolved.protocol) ? resolved.href : undefined;
}

/** A picture may stand under the same action as the result it was taken from. */
function isResult({ isDocumentReaders }: Entry, { kind, contentType, name }: SessionFile): boolean {
  const isJson = contentType === undefined ? name?.endsWith(".json") : contentType.toLowerCase().includes("json");
  return isDocumentReaders && kind !== "http.request" && isJson === true;
}

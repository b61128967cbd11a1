/**
 * A session's files: pictures, videos, and what the workflow's actions sent and were answered. Each has its own URL, absolute
 * or relative to the session API's.
 * Source: Regula's page "Getting Session Data via API" and its demo workflow "General KYC".
 */
import type { Json, Missing } from "../../core/event.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { idOfUrl, withUniqueIds } from "../file-ids.ts";
import { cut, MAX_FILES, TOO_MANY_FILES } from "../limits.ts";
import { createReader, type Reader } from "../reader.ts";
import type { SessionFile } from "../session.ts";
import { toVendorData } from "../vendor-data.ts";
import { kindOf } from "./kinds.ts";
import { BINARIES, toProperties } from "./properties.ts";

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
  /** What the vendor calls it, most telling first. */
  names: readonly string[];
  contentType: string | undefined;
  isDocumentReaders: boolean;
  /** Absolute. */
  url: string | undefined;
}

/** Files that are listed, and the properties that are files and are not listed. @param session as it came, with what its URLs are signed by */
export function listFiles(session: JsonObject, baseUrl: string): Listing {
  const places = placesOf(session["files"]);
  const listed = places.slice(0, MAX_FILES).map((place) => toEntry(place, baseUrl));
  const binaries = binariesOf(toProperties(session["properties"]), listed, baseUrl);
  const found = withUniqueIds([...listed, ...binaries]).map((entry) => ({ entry, file: toFile(entry) }));
  const missing = found.flatMap(({ entry, file }) => (file ? [] : [{ what: `files/${entry.id}`, why: "no_url" }]));
  return {
    files: found.flatMap(({ file }) => file ?? []),
    results: found.flatMap(({ entry, file }) => (file && isResult(entry, file) ? file : [])),
    missing: places.length > MAX_FILES ? [...missing, TOO_MANY_FILES] : missing,
  };
}

/** Where a file stands. */
interface Place {
  file: JsonObject;
  /** In a map. */
  key?: string;
  /** The key is of several files, one of which may be gone the next time. */
  isShared?: boolean;
}

/** From a list, a map by id, or a map of lists. */
function placesOf(files: Json | undefined): Place[] {
  if (Array.isArray(files)) return files.filter(isObject).map((file) => ({ file }));
  if (!isObject(files)) return [];
  return Object.entries(files).flatMap(([key, member]) =>
    Array.isArray(member)
      ? member.flatMap((file: Json) => toPlace(key, true, file))
      : toPlace(key, false, member as JsonObject | string | null),
  );
}

/** What is a text is the file's URL. */
function toPlace(key: string, isShared: boolean, file: Json): Place[] {
  if (isObject(file)) return [{ file, key, isShared }];
  return typeof file === "string" && file !== "" && key !== "" ? [{ file: { url: file }, key, isShared }] : [];
}

/** But for the URL itself nothing is read of a file that may be a credential: names are URLs at times. */
function toEntry({ file, key = "", isShared = false }: Place, baseUrl: string): Entry {
  const place = createReader(toVendorData({ file, key }));
  const said = place.object("file") ?? createReader({});
  const [id, action, name, under] = [
    nameAt(said, "id"),
    nameAt(said, "action"),
    nameAt(said, "name", "fileName"),
    nameAt(place, "key"),
  ];
  const url = resolve(createReader(file).text("url"), baseUrl);
  const words = [id, under, action].filter((word) => word !== undefined);
  return {
    id: id ?? idByPlace(under, isShared, url) ?? name ?? action ?? "file",
    action,
    name,
    names: [id ?? under, name, action].filter((word) => word !== undefined),
    contentType: nameAt(said, "contentType"),
    isDocumentReaders:
      words.some((word) => DOCUMENT_READER_ACTIONS.includes(word)) || said.text("type") === DOCUMENT_READER_TYPE,
    url,
  };
}

function nameAt(reader: Reader, ...names: string[]): string | undefined {
  const text = reader.text(...names);
  return text === undefined ? undefined : cut(text);
}

/** By its key where it has one of its own; else by its URL, which stays the same when the files around it change. */
function idByPlace(key: string | undefined, isShared: boolean, url: string | undefined): string | undefined {
  if (url === undefined || (key !== undefined && !isShared)) return key;
  return key === undefined ? idOfUrl(url) : cut(`${key}/${idOfUrl(url)}`);
}

/** Of a property that is a file, its URL; a reference into the platform's own storage leads nowhere from outside. */
function binariesOf(properties: JsonObject, listed: readonly Entry[], baseUrl: string): Entry[] {
  return BINARIES.flatMap((name): Entry[] => {
    const value = Object.hasOwn(properties, name) ? (properties[name] ?? null) : null;
    const isListed = listed.some((entry) => [...entry.names, entry.id].includes(name));
    if (value === null || value === "" || value === false || isListed) return [];
    const isUrl = typeof value === "string" && /^(https?:\/)?\//i.test(value);
    const file = isObject(value) ? value : isUrl ? { url: value } : {};
    return [{ ...toEntry({ file, key: name }, baseUrl), id: name }];
  });
}

function toFile({ id, action, name, names, contentType, isDocumentReaders, url }: Entry): SessionFile | undefined {
  if (url === undefined) return undefined;
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

/**
 * The result of Regula Document Reader: `ContainerList.List[]`, of which one member has the `Text` fields and another the
 * `Images`, each numbered by what it is.
 * Source: Regula's Document Reader web API; its enumerations of text and graphic fields.
 */
import { fromBase64 } from "../../core/base64.ts";
import type { Json } from "../../core/event.ts";
import type { FileKind } from "../../core/files.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { createReader, type Reader } from "../reader.ts";
import type { Findings } from "../reading.ts";
import { toVendorData } from "../vendor-data.ts";
import { readFindings } from "./properties.ts";

/** `Text.fieldList[]`, those of `fieldType` that have a name among the properties. */
const TEXT_FIELDS: Readonly<Record<string, string>> = {
  "0": "DOCUMENT_CLASS_CODE",
  "1": "ISSUING_STATE_CODE",
  "2": "DOCUMENT_NUMBER",
  "3": "DATE_OF_EXPIRY",
  "4": "DATE_OF_ISSUE",
  "5": "DATE_OF_BIRTH",
  "8": "SURNAME",
  "9": "FIRST_NAME",
  "11": "NATIONALITY",
  "12": "SEX",
  "17": "ADDRESS",
  "25": "FULL_NAME",
  "26": "NATIONALITY_CODE",
  "185": "AGE",
};

/** `lcid` of a text in Latin letters; the others say the same in another script. */
const LATIN = 0;

/** `fieldType` of a picture, and what it is a picture of: both sides of a document may come as pages of the one type. */
const PORTRAIT = 201;
const DOCUMENT_FRONT = 207;
const DOCUMENT_REAR = 208;

/** How deep a result may lie in what surrounds it. */
const MAX_DEPTH = 5;

export type Containers = readonly JsonObject[];

export interface Picture {
  kind: FileKind;
  /** From 0. */
  page: number;
  bytes: Uint8Array;
}

/** The containers of the first result that is found in an answer, or in a session. */
export function findContainers(value: Json | undefined, depth = 0): Containers | undefined {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return undefined;
  const list = isObject(value) && isObject(value["ContainerList"]) ? value["ContainerList"]["List"] : undefined;
  if (Array.isArray(list)) return list.filter(isObject);
  for (const member of Object.values(value)) {
    const found = findContainers(member, depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** What the document says; fields without a known number stay under the name that the result gives them. */
export function readTexts(containers: Containers): Findings {
  const texts = new Map<string, string>();
  for (const field of fieldsOf(containers.map(toVendorData), "Text")) {
    const name = nameOfText(field);
    const text = field.text("value") ?? valuesOf(field).next().value?.text("value");
    const isFirst = name !== undefined && text !== undefined && !texts.has(name);
    if (isFirst) texts.set(name, text);
  }
  return readFindings(createReader(Object.fromEntries(texts)));
}

function nameOfText(field: Reader): string | undefined {
  if ((field.number("lcid") ?? LATIN) !== LATIN) return undefined;
  const type = field.text("fieldType") ?? "";
  return Object.hasOwn(TEXT_FIELDS, type) ? TEXT_FIELDS[type] : field.text("fieldName");
}

/** One picture of each kind and page: a page may have been taken in several lights, the visible one first. */
export function readPictures(containers: Containers): Picture[] {
  const pictures = new Map<string, Picture>();
  for (const field of fieldsOf(containers, "Images")) {
    const type = field.number("fieldType");
    for (const value of valuesOf(field)) {
      const page = value.number("pageIndex") ?? 0;
      const kind = kindOfPicture(type, page);
      const bytes = kind && decode(value.text("value") ?? "");
      if (bytes && !pictures.has(`${kind} ${page}`)) pictures.set(`${kind} ${page}`, { kind, page, bytes });
    }
  }
  return [...pictures.values()];
}

function kindOfPicture(type: number | undefined, page: number): FileKind | undefined {
  if (type === PORTRAIT) return "document.portrait";
  if (type === DOCUMENT_FRONT) return page === 0 ? "document.front" : "document.back";
  return type === DOCUMENT_REAR ? "document.back" : undefined;
}

function decode(text: string): Uint8Array | undefined {
  const bytes = fromBase64(text.replaceAll(/\s/g, ""));
  return bytes?.length ? bytes : undefined;
}

/** One after the other: a list may be as long as an answer can be. */
function* fieldsOf(containers: Containers, member: "Text" | "Images"): Generator<Reader, undefined> {
  for (const container of containers) {
    const block = container[member];
    if (isObject(block)) yield* readersOf(block["fieldList"]);
  }
}

function valuesOf(field: Reader): Generator<Reader, undefined> {
  return readersOf(field.value("valueList"));
}

function* readersOf(list: Json | undefined): Generator<Reader, undefined> {
  for (const item of Array.isArray(list) ? list : []) if (isObject(item)) yield createReader(item);
}

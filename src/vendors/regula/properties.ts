/**
 * A session's properties: what the workflow collected, under names that its author chose. No document says whether they come
 * as a map or as a list, so that both are read.
 * Source: Regula's page "Getting Session Data via API" and its demo workflow "General KYC".
 */
import type { Json } from "../../core/event.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { PROPERTY_FIELDS, type PropertyField } from "../adapter.ts";
import { createReader, type Reader } from "../reader.ts";
import type { Findings } from "../reading.ts";
import { readChecks } from "./checks.ts";
import { readDocument, readPerson } from "./identity.ts";

/** Which buttons were pressed, what the telephone can do. */
const CONTROLS = ["CONTINUE", "SKIP", "CANCEL", "HAS_NFC"] as const;

/** Properties whose value is a file. */
export const BINARIES = ["DOC_PHOTO", "RFID_PHOTO", "LIVENESS_PORTRAIT", "LIVENESS_VIDEO", "DOC_VIDEO"] as const;

/** Values by name, from `{"SURNAME": "A"}`, `{"SURNAME": {"value": "A"}}` or `[{"id": "SURNAME", "value": "A"}]`. */
export function toProperties(properties: Json | undefined): JsonObject {
  if (Array.isArray(properties)) return Object.fromEntries(properties.flatMap(toEntry));
  if (!isObject(properties)) return {};
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, unwrap(value)]));
}

/**
 * The same under the names of the demo workflow, where the configuration says what a workflow's own name stands for; that counts
 * before a property that bears the demo's name by itself.
 */
export function renamed(properties: JsonObject, names: Readonly<Record<string, PropertyField>>): JsonObject {
  const own = Object.entries(names).filter(([name]) => Object.hasOwn(properties, name));
  const meant = own.map(([name, field]): [string, Json] => [PROPERTY_FIELDS[field], properties[name] ?? null]);
  const rest = Object.entries(properties).filter(([name]) => !Object.hasOwn(names, name));
  return Object.fromEntries([...rest, ...meant]);
}

function toEntry(item: Json): [string, Json][] {
  const name = isObject(item) ? createReader(item).text("id", "name", "key") : undefined;
  return name === undefined ? [] : [[name, unwrap(item)]];
}

/** What has no value may have a URL, and is kept whole. */
function unwrap(item: Json): Json {
  return isObject(item) && Object.hasOwn(item, "value") ? (item["value"] ?? null) : item;
}

export function readProperties(properties: JsonObject): Findings {
  const reader = createReader(properties);
  for (const name of CONTROLS) reader.flag(name);
  for (const name of BINARIES) reader.value(name);
  return readFindings(reader);
}

export function readFindings(reader: Reader): Findings {
  return {
    person: readPerson(reader),
    document: readDocument(reader),
    checks: readChecks(reader),
    extracted: reader.leftovers(),
  };
}

/**
 * SEON's checks. Blocks and sub-checks are recognized by how they are named (`…CheckResult`, `…_result`), so that one
 * which the vendor invents tomorrow is a check too.
 * Source: SEON's page "Integration and webhooks" and docs.seon.io/api-reference/webhooks.
 */
import type { Check, CheckKind, Json, Scalar } from "../../core/event.ts";
import { isObject } from "../../core/json.ts";
import { createReader, type Reader } from "../reader.ts";
import { BLOCK_KINDS, CHECK_KINDS, DUPLICATE_FLAGS, FIELDS, RESULTS, SAME_CHECK } from "./names.ts";

const SUFFIX = /(?:^|_)(?:check_results?|verification_results?|results?)$/;

/** Ends like a check, and is what was read from the document. */
const EXTRACTION = "data_extraction";

/** Every check of the payload, in the order in which the vendor wrote them. */
export function readChecks(places: readonly Reader[]): Check[] {
  return places.flatMap((place) => [...readBlocks(place), ...readDuplicates(place)]);
}

function readBlocks(place: Reader): Check[] {
  return place.keys().flatMap((key) => {
    const name = nameOfBlock(key);
    if (name === undefined || name === EXTRACTION) return [];
    return readCheck(place, key, name, BLOCK_KINDS.get(name) ?? CHECK_KINDS.get(name) ?? "other");
  });
}

/** A plain word is one check; an object is its members, the overall one among them. */
function readCheck(place: Reader, key: string, name: string, kind: CheckKind): Check[] {
  const block = place.object(key);
  if (block !== undefined) return readMembers(block, name, kind);
  const word = readScalar(place, key);
  return word === undefined ? [] : [{ kind, name, result: resultOf(word), vendorValue: word }];
}

function readMembers(block: Reader, blockName: string, blockKind: CheckKind): Check[] {
  const unread = block.leftovers();
  return block.keys().flatMap((key) => {
    const name = memberName(key, blockName, unread[key]);
    return name === undefined ? [] : readCheck(block, key, name, memberKind(name, blockKind));
  });
}

/** All that is looked at in a proof of address is about the address. */
function memberKind(name: string, blockKind: CheckKind): CheckKind {
  return blockKind === "proof_of_address" ? blockKind : (CHECK_KINDS.get(name) ?? blockKind);
}

function nameOfBlock(key: string): string | undefined {
  const name = checkName(key);
  const isBlock = name !== "" && (hasSuffix(key) || BLOCK_KINDS.has(name));
  return isBlock ? name : undefined;
}

/** The overall member is named after its block. A member without the suffix is a check if it holds a check's word. */
function memberName(key: string, blockName: string, value: Scalar | undefined): string | undefined {
  const name = checkName(key);
  if (name === "" || name === "status" || /^overall(_|$)/.test(name)) return blockName;
  return hasSuffix(key) || RESULTS.has(String(value)) ? name : undefined;
}

function checkName(key: string): string {
  const name = snakeCase(key).replace(SUFFIX, "");
  return SAME_CHECK.get(name) ?? name;
}

function hasSuffix(key: string): boolean {
  return SUFFIX.test(snakeCase(key));
}

/** `dataIntegrityCheckResult` as `data_integrity_check_result`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

/** A flag, a word, or an object or list with details, which are kept as sent. */
function readDuplicates(place: Reader): Check[] {
  return FIELDS.duplicates.flatMap((field): Check[] => {
    const value = place.value(field);
    if (value === undefined || value === "") return [];
    const flag = typeof value === "object" ? readFlag(value) : value;
    const check: Check = { kind: "duplicate", name: "duplicate", result: duplicateResult(flag) };
    if (flag !== undefined) check.vendorValue = flag;
    if (typeof value === "object" && value !== null) check.details = isObject(value) ? value : { [field]: value };
    return [check];
  });
}

function readFlag(value: Json): Scalar | undefined {
  if (!isObject(value)) return undefined;
  const reader = createReader(value);
  return reader.flag(...DUPLICATE_FLAGS) ?? reader.text(...DUPLICATE_FLAGS);
}

/** Having found a duplicate is what fails. */
function duplicateResult(flag: Scalar | undefined): Check["result"] {
  if (typeof flag === "boolean") return flag ? "fail" : "pass";
  return resultOf(flag);
}

function resultOf(word: Scalar | undefined): Check["result"] {
  return RESULTS.get(String(word)) ?? "unknown";
}

function readScalar(place: Reader, key: string): Scalar | undefined {
  return place.flag(key) ?? place.number(key) ?? place.text(key);
}

/** A session's files, where its configuration says that the answers name them. */
import type { Json, Missing } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { isObject } from "../../core/json.ts";
import { valueAt } from "../../core/pointer.ts";
import { idOfUrl, withUniqueIds } from "../file-ids.ts";
import { cut, MAX_FILES, TOO_MANY_FILES } from "../limits.ts";
import type { SessionFile } from "../session.ts";
import { toVendorData } from "../vendor-data.ts";
import { createBody, findWord, meaningOf } from "./body.ts";
import type { FileRule } from "./rules.ts";
import { fill, type Gap } from "./template.ts";

export interface Listing {
  files: SessionFile[];
  missing: Missing[];
}

interface Entry {
  id: string;
  /** Absolute. */
  url: string | undefined;
  file: Omit<SessionFile, "id" | "request">;
}

/**
 * @param answers as they came, with what their URLs are signed by
 * @param told the same as they may be told
 * @param wordOf what fills the gaps of a path, but for the file's own id
 */
export function listFiles(
  rules: readonly FileRule[],
  answers: ReadonlyMap<string, JsonObject>,
  told: Readonly<Record<string, JsonObject>>,
  baseUrl: string,
  wordOf: (gap: Gap) => string | undefined,
): Listing {
  const found = rules.flatMap((rule) =>
    elementsOf(rule, answers)
      .slice(0, MAX_FILES + 1)
      .map((element) => toEntry(rule, element, tellable(rule, element, told), baseUrl, wordOf)),
  );
  const listed = withUniqueIds(found.slice(0, MAX_FILES));
  const missing = listed.flatMap(({ id, url }) => (url === undefined ? [{ what: `files/${id}`, why: "no_url" }] : []));
  return {
    files: listed.flatMap(({ id, url, file }) =>
      url === undefined ? [] : { ...file, id, request: { method: "GET", url, withCredential: true } },
    ),
    missing: found.length > MAX_FILES ? [...missing, TOO_MANY_FILES] : missing,
  };
}

/** A text in a list is the file's URL. Of an answer that was not had there are no files. */
function elementsOf({ read, each }: FileRule, answers: ReadonlyMap<string, JsonObject>): Json[] {
  const answer = read === undefined ? {} : answers.get(read);
  if (!answer || each === undefined) return answer ? [answer] : [];
  const list = valueAt(answer, each);
  return typeof list === "object" && list !== null ? Object.values(list as Readonly<Record<string, Json>>) : [];
}

/** A whole answer has been made so already, and may be as long as an answer can be. */
function tellable({ read, each }: FileRule, element: Json, told: Readonly<Record<string, JsonObject>>): JsonObject {
  if (read !== undefined && each === undefined) return told[read] ?? {};
  return isObject(element) ? toVendorData(element) : {};
}

/** But for the URL itself nothing is read of a file that may be a credential: names are URLs at times. */
function toEntry(
  rule: FileRule,
  element: Json,
  told: JsonObject,
  baseUrl: string,
  wordOf: (gap: Gap) => string | undefined,
): Entry {
  const raw = createBody(isObject(element) ? element : {});
  const said = createBody(told);
  const textAt = (pointers: readonly string[]) => {
    const word = said.find(pointers)?.word;
    return word === undefined ? undefined : cut(word);
  };
  const own = meaningOf(rule.id, findWord(rule.id, said));
  const stated = typeof element === "string" ? element : raw.find(rule.url)?.word;
  const path =
    stated === undefined && rule.path !== undefined
      ? fill(rule.path, (gap) => (gap.name === "id" && gap.pointer === undefined ? own : wordOf(gap)))
      : undefined;
  const url = resolve(stated ?? (path === undefined ? undefined : `${baseUrl}${path}`), baseUrl);
  return {
    id: cut(own ?? (url === undefined ? "file" : idOfUrl(url))),
    url,
    file: {
      kind: meaningOf({ ...rule.kind, values: rule.kind.values ?? {} }, findWord(rule.kind, said)) ?? "other",
      action: textAt(rule.action),
      name: textAt(rule.name),
      contentType: textAt(rule.contentType),
      base64At: rule.base64At,
      isOptional: rule.optional,
    },
  };
}

function resolve(url: string | undefined, baseUrl: string): string | undefined {
  const resolved = url === undefined ? null : URL.parse(url, `${baseUrl}/`);
  return resolved && /^https?:$/.test(resolved.protocol) ? resolved.href : undefined;
}

/** What a file of a Regula session shows, told by the words of its name: names are the workflow author's, and documented nowhere. */
import type { FileKind } from "../../core/files.ts";

/** The first rule whose words are all there. */
const RULES: readonly (readonly [FileKind, ...string[]])[] = [
  ["selfie", "liveness", "portrait"],
  ["selfie", "selfie"],
  ["liveness.video", "liveness", "video"],
  ["document.video", "doc", "video"],
  ["document.video", "document", "video"],
  ["document.portrait", "doc", "photo"],
  ["document.portrait", "rfid", "photo"],
  ["document.portrait", "portrait"],
  ["document.front", "front"],
  ["document.back", "back"],
  ["document.back", "rear"],
];

export interface Described {
  /** Most telling first. */
  names: readonly string[];
  contentType: string | undefined;
  isDocumentReaders: boolean;
}

export function kindOf({ names, contentType, isDocumentReaders }: Described): FileKind {
  if (contentType?.includes("json")) return kindOfJson(names, isDocumentReaders);
  if (contentType?.includes("pdf")) return "report";
  const kinds = names.map(
    (name) => RULES.find(([, ...words]) => words.every((word) => wordsOf(name).includes(word)))?.[0],
  );
  return kinds.find((kind) => kind !== undefined) ?? "other";
}

/** An action's request or its answer; the Document Reader's is a report of its own. */
function kindOfJson(names: readonly string[], isDocumentReaders: boolean): FileKind {
  const words = names.flatMap(wordsOf);
  if (words.includes("request")) return "http.request";
  if (words.includes("response")) return "http.response";
  return isDocumentReaders ? "report" : "other";
}

/** `GET_DOC_VIDEO`, `frontSide` and `front-side.jpg` in lower-case words. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

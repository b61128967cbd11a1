/**
 * What a person's document says. Keys are Portuguese, some in camel case and some in snake case, others with each type of
 * document; dates are written as in Brazil.
 * Source: developer.unico.io, page "GetProcess" (Web & SDK).
 */
import { withoutAbsent } from "../../core/absent.ts";
import { toCountry } from "../../core/countries.ts";
import { toCalendarDate } from "../../core/dates.ts";
import type { Check, IdentityDocument, Json, Missing, Person, Scalar } from "../../core/event.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { MAX_EXTRACTED, MAX_FILES, TOO_MANY_FILES } from "../limits.ts";
import { createReader, type Reader } from "../reader.ts";
import type { Findings } from "../reading.ts";
import { toVendorData } from "../vendor-data.ts";

interface DocumentKind {
  type: string;
  country?: string;
  /** Where this kind of document has its own number: a driving licence also holds the identity card's. */
  number: readonly string[];
}

const ANY_NUMBER = ["numero", "numeroDocumento"];
const PASSPORT: DocumentKind = { type: "passport", number: ["passaporteNumero", "numeroPassaporte", ...ANY_NUMBER] };

const KINDS: ReadonlyMap<string, DocumentKind> = new Map<string, DocumentKind>([
  ["CNH", { type: "driving_permit", country: "BRA", number: ["numeroRegistro", "cnhNumero", ...ANY_NUMBER] }],
  ["RG", { type: "idcard", country: "BRA", number: ["rgNumero", ...ANY_NUMBER] }],
  ["CIN", { type: "idcard", country: "BRA", number: ["cinNumero", ...ANY_NUMBER] }],
  ["PASSPORT", PASSPORT],
  ["PASSAPORTE", PASSPORT],
]);

export interface ListedDocument {
  kind: DocumentKind | undefined;
  entry: Reader;
  picture: {
    id: string | undefined;
    /** As the vendor signed it. */
    link: string | undefined;
  };
}

/** Where the newer generation of the API has them, then where the older one has. */
export function listDocuments(process: JsonObject): { documents: ListedDocument[]; missing: Missing[] } {
  const services = memberOf(process, "services");
  const places = [memberOf(services, "documents"), memberOf(memberOf(services, "docs"), "documents")];
  const list = (places.find((place) => Array.isArray(place)) ?? []).filter(isObject);
  return {
    documents: list.slice(0, MAX_FILES).map(toListed),
    missing: list.length > MAX_FILES ? [TOO_MANY_FILES] : [],
  };
}

function toListed(document: JsonObject): ListedDocument {
  const said = toVendorData(document);
  return {
    kind: kindOf(memberOf(memberOf(said, "doc"), "code")),
    entry: createReader(said),
    picture: { id: createReader(said).text("doc_id"), link: createReader(document).text("signed_url") },
  };
}

/** The code itself stays under the vendor's name: two kinds of identity card have the same type. */
function kindOf(code: Json | undefined): DocumentKind | undefined {
  return typeof code === "string" ? KINDS.get(code.toUpperCase()) : undefined;
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/**
 * Of several documents the first whose kind is known speaks for the person; two are not mixed into one. All that the others say
 * stays under the vendor's names.
 */
export function readDocuments(documents: readonly ListedDocument[], known: Person): Findings {
  const speaker = documents.find(({ kind }) => kind !== undefined) ?? documents[0];
  const data = speaker?.entry.object("doc")?.object("data") ?? createReader({});
  return {
    person: { ...readPerson(data, known), ...known },
    document: readDocument(data, speaker?.kind),
    checks: documents.flatMap(({ entry }) => readOwner(entry)),
    extracted: leftoversOf(documents),
  };
}

function readPerson(data: Reader, known: Person): Person {
  const cpf = known.nationalId === undefined ? data.text(...spelled("cpfNumero", "numeroCpf", "cpf")) : undefined;
  return withoutAbsent({
    fullName: data.text(...spelled("nomeCivil", "nomeCompleto", "nome")),
    birthDate: data.converted(spelled("dataNascimento"), toDate),
    gender: data.text("sexo"),
    nationality: data.converted(spelled("nacionalidade"), toCountry),
    nationalId: cpf === undefined ? undefined : { type: "BR_CPF", value: cpf },
  }) as Person;
}

function readDocument(data: Reader, kind: DocumentKind | undefined): IdentityDocument {
  return withoutAbsent({
    type: kind?.type,
    number: data.text(...spelled(...(kind?.number ?? ANY_NUMBER))),
    country: kind?.country ?? data.converted(spelled("paisEmissor", "paisEmissao"), toCountry),
    issuedOn: data.converted(spelled("dataEmissao", "dataExpedicao"), toDate),
    expiresOn: data.converted(spelled("dataExpiracao", "dataValidade", "validade"), toDate),
  }) as IdentityDocument;
}

/** Whether the document is that of the person whose number the process was started with. */
function readOwner(entry: Reader): Check[] {
  const isSame = entry.flag("cpf_match");
  if (isSame === undefined) return [];
  return [{ kind: "document", name: "cpf_match", result: isSame ? "pass" : "fail", vendorValue: isSame }];
}

/** But for the link: it is a credential, and another one each time. One more than may be kept shows that there were more. */
function leftoversOf(documents: readonly ListedDocument[]): Record<string, Scalar> {
  const left: [string, Scalar][] = [];
  for (const [index, { entry }] of documents.entries()) {
    if (left.length > MAX_EXTRACTED) break;
    entry.value("signed_url");
    for (const [path, value] of Object.entries(entry.leftovers())) {
      left.push([`services.documents.${index}.${path}`, value]);
    }
  }
  return Object.fromEntries(left);
}

/** Each name in camel case, then in snake case. */
function spelled(...names: string[]): string[] {
  return names.flatMap((name) => [name, name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]);
}

/** `dd/mm/yyyy`, as a Brazilian document has it, or ISO 8601. */
function toDate(text: string): string | undefined {
  const [, day, month, year] = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text.trim()) ?? [];
  return toCalendarDate(year === undefined ? text.trim() : `${year}-${month}-${day}`);
}

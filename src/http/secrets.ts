/** `/api/secrets`: secrets set at run time. A value goes in and never comes out. */
import * as v from "valibot";
import { SECRET_NAME } from "../config/schema-parts.ts";
import { secretUses } from "../config/uses.ts";
import { object, pattern as textLike } from "../core/json-schema.ts";
import { readJson } from "./body.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { DONE, listOf, WRITTEN } from "./schemas.ts";

interface Listing {
  name: string;
  version: number;
  createdAt: string;
  updatedAt: string;
}

export interface SecretsDeps {
  secrets: {
    write(name: string, value: string): Promise<Listing>;
    remove(name: string): Promise<boolean>;
    isSet(name: string): Promise<boolean>;
    list(): Promise<Listing[]>;
  };
  /** The document in force, for who uses which secret. */
  document(): Promise<unknown>;
  reservedNames: ReadonlySet<string>;
}

const MAX_VALUE_CHARACTERS = 65_536;
const MAX_BODY_BYTES = 512 * 1024;
const bodySchema = v.strictObject({ value: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_VALUE_CHARACTERS)) });

export async function listSecrets(deps: SecretsDeps): Promise<Response> {
  const uses = secretUses(await deps.document());
  const items = (await deps.secrets.list()).map((listing) => ({ ...listing, usedBy: uses.get(listing.name) ?? [] }));
  return Response.json({ items }, { headers: { "cache-control": "no-store" } });
}

export async function putSecret(request: Request, name: string, deps: SecretsDeps): Promise<Response> {
  if (!SECRET_NAME.test(name) || deps.reservedNames.has(name)) return problem("invalid_secret_name");
  const reading = await readJson(request, MAX_BODY_BYTES);
  if (!reading.ok) return reading.refusal;
  const parsed = v.safeParse(bodySchema, reading.value);
  if (!parsed.success) return problem("invalid_secret");
  return Response.json({ success: true, ...(await deps.secrets.write(name, parsed.output.value)) });
}

export async function deleteSecret(name: string, deps: SecretsDeps): Promise<Response> {
  if (!SECRET_NAME.test(name)) return problem("unknown_secret");
  return (await deps.secrets.remove(name)) ? Response.json({ success: true }) : problem("unknown_secret");
}

export const secretRoutes: readonly Route<{ secrets: SecretsDeps }>[] = [
  {
    method: "GET",
    path: "/api/secrets",
    allow: "admin",
    id: "listSecrets",
    summary: "The secrets set at run time and who uses them; never a value",
    answers: { 200: { schema: listOf("Secret") } },
    handle: ({ deps }) => listSecrets(deps.secrets),
  },
  {
    method: "PUT",
    path: "/api/secrets/{name}",
    allow: "admin",
    id: "putSecret",
    summary: "Sets a secret, or a new version of it",
    parameters: { name: textLike(SECRET_NAME) },
    body: { schema: object({ value: { type: "string", minLength: 1, maxLength: MAX_VALUE_CHARACTERS } }, ["value"]) },
    answers: { 200: { schema: WRITTEN } },
    problems: ["invalid_secret", "invalid_secret_name", "too_large"],
    handle: ({ request, parameter, deps }) => putSecret(request, parameter("name"), deps.secrets),
  },
  {
    method: "DELETE",
    path: "/api/secrets/{name}",
    allow: "admin",
    id: "deleteSecret",
    summary: "Removes a secret",
    parameters: { name: textLike(SECRET_NAME) },
    answers: { 200: { schema: DONE } },
    problems: ["unknown_secret"],
    handle: ({ parameter, deps }) => deleteSecret(parameter("name"), deps.secrets),
  },
];

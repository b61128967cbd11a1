/** Holds every answer against what the gateway's description declares for it. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { default as addFormats } from "ajv-formats";

interface Content {
  content: Record<string, { schema: object }>;
}

export interface Description {
  openapi: string;
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, Content> }>>;
  components: object;
}

export interface Operation {
  id: string;
  method: string;
  /** With the names of parameters. */
  path: string;
}

export const operationsOf = ({ paths }: Description): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path,
    })),
  );

export interface Witness {
  fetch: typeof globalThis.fetch;
  /** Operations that have been answered with a success. */
  done: ReadonlySet<string>;
  /** What was not as declared. */
  faults: readonly string[];
}

/** A fetch that looks at every answer of the gateway on its way. */
export function createWitness(description: Description, url: string, real: typeof globalThis.fetch): Witness {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(closed(description) as object, "description");
  const patterns = operationsOf(description).map((operation) => ({
    ...operation,
    pattern: new RegExp(`^${operation.path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
  }));
  const done = new Set<string>();
  const faults: string[] = [];

  function validatorOf({ path, method }: Operation, status: number, type: string): ValidateFunction | undefined {
    const parts = ["paths", path, method.toLowerCase(), "responses", String(status), "content", type, "schema"];
    const pointer = parts.map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1")).join("/");
    return ajv.getSchema(`description#/${pointer}`);
  }

  async function look(operation: Operation, response: Response): Promise<void> {
    const { id } = operation;
    const declared = description.paths[operation.path]?.[operation.method.toLowerCase()]?.responses[response.status];
    if (!declared) return void faults.push(`${id}: ${response.status} is not declared`);
    if (response.ok) done.add(id);
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    if ("*/*" in declared.content) return undefined;
    const validate = validatorOf(operation, response.status, type);
    if (!validate) return void faults.push(`${id}: ${response.status} as ${type} is not declared`);
    const body: unknown = type.endsWith("json") ? await response.json() : await response.text();
    if (!validate(body)) faults.push(`${id}: ${response.status} ${ajv.errorsText(validate.errors)}`);
    return undefined;
  }

  return {
    done,
    faults,
    async fetch(input, init) {
      const response = await real(input, init);
      const request = new Request(input, init);
      const { origin, pathname } = new URL(request.url);
      const operation = patterns.find(({ method, pattern }) => method === request.method && pattern.test(pathname));
      if (origin === url && operation) await look(operation, response.clone());
      return response;
    },
  };
}

/** The same, with no object holding what is not named: a member that nobody described is one that nobody can rely on. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  const isOpen = members["type"] === "object" && "properties" in members && !("additionalProperties" in members);
  return isOpen ? { ...members, additionalProperties: false } : members;
}

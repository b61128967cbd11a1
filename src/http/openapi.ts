/** `GET /openapi.json`: the route table as an OpenAPI 3.1 document, for people and for generated clients. */
import type { Schema } from "../core/json-schema.ts";
import { wordingOf, type ProblemReason } from "./problem.ts";
import { resourceOf, type Content, type Route } from "./route.ts";
import { ref, SCHEMAS } from "./schemas.ts";

type Described = Omit<Route<never>, "admit" | "handle"> & { admit?: unknown };

export function describe(
  routes: readonly Described[],
  { version, publicUrl }: { version: string; publicUrl: string },
): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  return {
    openapi: "3.1.0",
    info: {
      title: "Gatepost",
      version,
      description: "Webhooks of identity-verification vendors: verified, completed, normalized, archived, delivered.",
    },
    servers: [{ url: publicUrl }],
    paths,
    components: { schemas: SCHEMAS, securitySchemes: { token: { type: "http", scheme: "bearer" } } },
  };
}

function operationOf(route: Described): object {
  const { id, summary, allow, body, query = {} } = route;
  const isPrivate = allow !== "public";
  const reads = Object.entries(query).map(([name, { expects, schema }]) => parameter("query", name, schema, expects));
  const headers = Object.entries(route.headers ?? {}).map(([name, schema]) => parameter("header", name, schema));
  return {
    operationId: id,
    summary,
    tags: [resourceOf(route.path)],
    ...(isPrivate ? { description: `Needs the role ${allow}${route.admit ? ", or a link" : ""}.` } : {}),
    security: isPrivate ? [{ token: [] }, ...(route.admit ? [{}] : [])] : [],
    parameters: [...pathParameters(route), ...reads, ...headers],
    ...(body ? { requestBody: { required: true, content: contentOf(body) } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, content]) => [
          status,
          { description: summary, content: contentOf(content) },
        ]),
      ),
      ...problemsOf(route),
    },
  };
}

function parameter(place: "path" | "query" | "header", name: string, schema: Schema, description?: string): object {
  const required = place === "path";
  return { name, in: place, ...(required ? { required } : {}), ...(description ? { description } : {}), schema };
}

function pathParameters({ path, parameters = {} }: Described): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) =>
    parameter("path", name, parameters[name] ?? { type: "string" }),
  );
}

const contentOf = ({ type = "application/json", schema = {} }: Content) => ({ [type]: { schema } });

const OF_EVERY_PRIVATE_ROUTE: readonly ProblemReason[] = [
  "not_signed_in",
  "forbidden",
  "bad_query",
  "too_many_refusals",
];

/** One answer for each status, which names all that it may mean. */
function problemsOf({ allow, problems = [], answers }: Described): object {
  const reasons: ProblemReason[] = [...problems, ...(allow === "public" ? [] : OF_EVERY_PRIVATE_ROUTE), "unavailable"];
  const titles = new Map<number, string[]>();
  for (const { status, title } of reasons.map(wordingOf)) titles.set(status, [...(titles.get(status) ?? []), title]);
  const content = contentOf({ type: "application/problem+json", schema: ref("Problem") });
  return Object.fromEntries(
    [...titles]
      .filter(([status]) => !answers[status])
      .map(([status, all]) => [status, { description: all.join("; "), content }]),
  );
}

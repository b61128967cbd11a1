/** The description is made from the table: nothing is registered that it does not name, and it names nothing else. */
import { beforeAll, describe, expect, it } from "vitest";
import { ROUTES } from "../../src/http/routes.ts";
import { createGateway, ORIGIN } from "./gateway.ts";

interface Parameter {
  name: string;
  in: string;
  schema: object;
}
interface Operation {
  operationId: string;
  summary: string;
  security: object[];
  parameters: Parameter[];
  requestBody?: object;
  responses: Record<string, { description: string; content: Record<string, object> }>;
}
interface Description {
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

let description: Description;

beforeAll(async () => {
  description = await (await createGateway().request("/openapi.json")).json<Description>();
});

describe.each(ROUTES)("$method $path", (route) => {
  const operationOf = () => {
    const operation = description.paths[route.path]?.[route.method.toLowerCase()];
    if (!operation) throw new Error("not described");
    return operation;
  };

  it("is described with who may call it, what it takes and what it answers", () => {
    const operation = operationOf();
    expect([operation.operationId, operation.summary]).toEqual([route.id, route.summary]);
    expect(operation.security.length === 0).toBe(route.allow === "public");
    const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const named = (place: string) => operation.parameters.filter((each) => each.in === place).map(({ name }) => name);
    expect(named("path")).toEqual(inPath);
    expect(named("query")).toEqual(Object.keys(route.query ?? {}));
    expect(operation.requestBody !== undefined).toBe(route.body !== undefined);
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(Object.keys(route.answers)));
    if (route.allow !== "public") {
      for (const status of ["401", "403", "429", "503"])
        expect(operation.responses[status]?.content).toHaveProperty(["application/problem+json"]);
    }
  });
});

describe("the description", () => {
  it("names nothing that is not there", () => {
    const described = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  it("says where the gateway is, and what each noun is made of", () => {
    expect(description.servers).toEqual([{ url: ORIGIN }]);
    const referred = [...JSON.stringify(description).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    expect(referred.length).toBeGreaterThan(10);
    for (const [, noun = ""] of referred) expect(description.components.schemas).toHaveProperty(noun);
    for (const noun of ["Event", "Receipt", "Delivery", "Attempt", "File", "Session", "AuditEntry", "Problem"])
      expect(description.components.schemas).toHaveProperty(noun);
  });
});

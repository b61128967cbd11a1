/** A client that a generator makes from the gateway's own description of itself, as an integrator would. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "openapi-typescript-codegen";

type Operation = (options?: object) => Promise<unknown>;

export interface GeneratedClient {
  /** Calls an operation by its id. */
  call(operation: string, options?: object): Promise<unknown>;
  /** Which it has. */
  operations: readonly string[];
  as(token: string | undefined, headers?: Readonly<Record<string, string>>): void;
  remove(): void;
}

interface Settings {
  BASE: string;
  TOKEN?: string | undefined;
  HEADERS?: Readonly<Record<string, string>> | undefined;
  ENCODE_PATH: (path: string) => string;
}

export async function generateClient(description: object, url: string): Promise<GeneratedClient> {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-client-"));
  const input = join(folder, "openapi.json");
  writeFileSync(input, JSON.stringify(description));
  await generate({ input, output: join(folder, "client"), httpClient: "fetch", useOptions: true });
  const generated = (await import(join(folder, "client", "index.ts"))) as Record<string, object>;

  const settings = generated["OpenAPI"] as Settings;
  Object.assign(settings, { BASE: url, ENCODE_PATH: encodeURIComponent });
  const services = Object.entries(generated).filter(([name]) => name.endsWith("Service"));
  const operations = new Map(
    services.flatMap(([, service]) =>
      Object.getOwnPropertyNames(service)
        .map((name) => [name, Reflect.get(service, name) as unknown] as const)
        .filter((member): member is readonly [string, Operation] => typeof member[1] === "function"),
    ),
  );
  return {
    operations: [...operations.keys()],
    async call(operation, options = {}) {
      const method = operations.get(operation);
      if (!method) throw new Error(`the client has no ${operation}`);
      return method(options);
    },
    as(token, headers) {
      settings.TOKEN = token;
      settings.HEADERS = headers;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

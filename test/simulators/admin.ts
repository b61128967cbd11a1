/** The admin API as the simulations and the end-to-end tests use it. */

export interface Admin {
  putSecret(name: string, value: string): Promise<void>;
  putConfig(document: object): Promise<void>;
  /** Any call with the admin token. */
  call(path: string, method?: string, body?: unknown): Promise<Response>;
}

export function createAdmin(gatewayUrl: string, token: string, fetch: typeof globalThis.fetch): Admin {
  const call: Admin["call"] = (path, method = "GET", body) =>
    fetch(`${gatewayUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  async function put(path: string, body: object): Promise<void> {
    const response = await call(path, "PUT", body);
    if (!response.ok) throw new Error(`PUT ${path} was answered ${response.status}: ${await response.text()}`);
  }

  return {
    call,
    putSecret: (name, value) => put(`/api/secrets/${name}`, { value }),
    putConfig: (document) => put("/api/config", document),
  };
}

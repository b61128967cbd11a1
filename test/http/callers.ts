/** Callers of the admin API, each with a token or none. */
import { expect } from "vitest";
import type { Role } from "../../src/core/roles.ts";
import type { Gateway } from "./gateway.ts";

export interface Created {
  id: string;
  name: string;
  role: Role;
  token: string;
  expiresAt?: string;
}

export async function createToken(gateway: Gateway, role: Role, more: object = {}): Promise<Created> {
  const response = await gateway.admin("/api/tokens", "POST", { name: `the-${role}`, role, ...more });
  expect(response.status).toBe(201);
  return response.json<Created>();
}

export const bearing = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

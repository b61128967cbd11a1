/** Who calls the admin API, and what that allows. A role may do what the ones before it may, and more. */
import { isLike } from "./glob.ts";

/**
 * `viewer` sees ids, states and outcomes: lists and single records, and the configuration. `operator` opens what is about a person
 * (events, receipts' bytes, files) and moves things on. `admin` changes what the gateway does, and says who may do what.
 */
export const ROLES = ["viewer", "operator", "admin"] as const;

export type Role = (typeof ROLES)[number];

export interface Caller {
  /** Of a token, an operator's e-mail, or `admin`, the holder of the root token. */
  name: string;
  role: Role;
}

/** Somebody who has proven who they are, and who may have no role here. */
export interface Identity {
  name: string;
  role?: Role | undefined;
}

export function hasRole({ role }: Identity, needed: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

export const isRole = (text: string): text is Role => ROLES.some((role) => role === text);

/** Who has which role, by a pattern of names in which `*` stands for anything; the first that fits decides. */
export interface RoleRule {
  role: Role;
  pattern: string;
}

/** `admin:alice@example.com,operator:*@example.com,viewer:*`; `undefined` where the text is not that. */
export function readRoleRules(text: string): RoleRule[] | undefined {
  const rules = text.split(",").map((part) => {
    const [role = "", pattern = "", ...more] = part.trim().split(":");
    return isRole(role) && pattern !== "" && more.length === 0 ? { role, pattern } : undefined;
  });
  return rules.every((rule) => rule !== undefined) ? rules : undefined;
}

export function roleOf(name: string, rules: readonly RoleRule[]): Role | undefined {
  return rules.find(({ pattern }) => isLike(pattern, name))?.role;
}

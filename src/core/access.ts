/** Cloudflare Access in front of the gateway: which team vouches for people here, and who of them has which role. */
import { readRoleRules, type RoleRule } from "./roles.ts";

export interface Access {
  /** Host of the team: its tokens' issuer, and where its keys are. */
  team: string;
  /** Of this application; tokens for the team's other applications open nothing here. */
  audience: string;
  rules: readonly RoleRule[];
}

export interface AccessVariables {
  ACCESS_TEAM_DOMAIN?: string;
  ACCESS_AUD?: string;
  ACCESS_ROLES?: string;
}

const TEAM = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.cloudflareaccess\.com$/;
const AUDIENCE = /^[\w-]{8,128}$/;

/** All of them or none; what each needs where it is missing or cannot be read. */
export function checkAccess(variables: AccessVariables): { name: keyof AccessVariables; message: string }[] {
  const { ACCESS_TEAM_DOMAIN = "", ACCESS_AUD = "", ACCESS_ROLES = "" } = variables;
  if (ACCESS_TEAM_DOMAIN === "" && ACCESS_AUD === "" && ACCESS_ROLES === "") return [];
  return [
    ...(TEAM.test(ACCESS_TEAM_DOMAIN)
      ? []
      : [{ name: "ACCESS_TEAM_DOMAIN" as const, message: "needs the team's host, such as acme.cloudflareaccess.com" }]),
    ...(AUDIENCE.test(ACCESS_AUD)
      ? []
      : [{ name: "ACCESS_AUD" as const, message: "needs the application's audience tag" }]),
    ...(readRoleRules(ACCESS_ROLES)
      ? []
      : [
          { name: "ACCESS_ROLES" as const, message: "needs roles and names, such as admin:alice@example.com,viewer:*" },
        ]),
  ];
}

/** `undefined` where Access is not used. */
export function readAccess(variables: AccessVariables): Access | undefined {
  const { ACCESS_TEAM_DOMAIN: team, ACCESS_AUD: audience, ACCESS_ROLES = "" } = variables;
  const rules = readRoleRules(ACCESS_ROLES);
  return team && audience && rules ? { team, audience, rules } : undefined;
}

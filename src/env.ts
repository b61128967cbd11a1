/** What the Worker is bound to, and one check that names everything that is missing with the command that sets it. */
import { checkAccess, type AccessVariables } from "./core/access.ts";
import { fromBase64 } from "./core/base64.ts";

/**
 * The generated `Env` knows what wrangler.toml binds. Secrets are not listed there: wrangler refuses a first deploy without
 * listed ones, and this Worker says itself what is missing.
 */
export type GatewayEnv = Env &
  AccessVariables & {
    ADMIN_TOKEN: string;
    MASTER_KEY: string;
    MASTER_KEY_PREVIOUS?: string;
    PUBLIC_URL?: string;
    EGRESS_ALLOW?: string;
    RECONCILE_AFTER_SECONDS?: string;
    METRICS?: AnalyticsEngineDataset;
  };

export interface EnvFault {
  name: string;
  message: string;
}

const ADMIN_TOKEN_CHARACTERS = 32;
const MASTER_KEY_BYTES = 32;
const BINDINGS = [
  "CONFIG",
  "IDEMPOTENCY",
  "TOKENS",
  "ARCHIVE",
  "LEDGER",
  "INBOUND",
  "SESSIONS",
  "DELIVERIES",
  "RETRIES",
] as const;

/** What the gateway does its work without. */
export const OPTIONAL_BINDINGS = ["REFUSALS", "METRICS"] as const;

/** Text bindings that are the gateway's own, and no secret for a configuration to name. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "ADMIN_TOKEN",
  "MASTER_KEY",
  "MASTER_KEY_PREVIOUS",
  "PUBLIC_URL",
  "EGRESS_ALLOW",
  "RECONCILE_AFTER_SECONDS",
  "ACCESS_TEAM_DOMAIN",
  "ACCESS_AUD",
  "ACCESS_ROLES",
]);

/** The Worker's own secrets and variables that a configuration may name. */
export function workerSecret(env: GatewayEnv, name: string): string | undefined {
  if (RESERVED_NAMES.has(name) || !Object.hasOwn(env, name)) return undefined;
  const value: unknown = Reflect.get(env, name);
  return typeof value === "string" ? value : undefined;
}

export const workerSecretNames = (env: GatewayEnv): string[] =>
  Object.keys(env).filter((name) => workerSecret(env, name) !== undefined);

export function checkEnv(env: GatewayEnv): EnvFault[] {
  const bindings = BINDINGS.filter((name) => !env[name]).map((name) => ({
    name,
    message: `the binding ${name} is missing: deploy with the project's wrangler.toml`,
  }));
  return [...checkSecrets(env), ...checkVariables(env), ...bindings];
}

const ORIGIN = /^https?:\/\/[^/?#@\s]+\/?$/;

function checkVariables({ PUBLIC_URL, RECONCILE_AFTER_SECONDS, ...variables }: GatewayEnv): EnvFault[] {
  const faults: EnvFault[] = checkAccess(variables).map(({ name, message }) => ({
    name,
    message: `${message}: mend it where the variable is set`,
  }));
  if (PUBLIC_URL && !(ORIGIN.test(PUBLIC_URL) && URL.canParse(PUBLIC_URL))) {
    const message = "needs an origin such as https://hooks.example.com: mend it where the variable is set";
    faults.push({ name: "PUBLIC_URL", message });
  }
  if (RECONCILE_AFTER_SECONDS && !/^\d+(\.\d+)?$/.test(RECONCILE_AFTER_SECONDS)) {
    faults.push({
      name: "RECONCILE_AFTER_SECONDS",
      message: "needs a number of seconds: mend it where the variable is set",
    });
  }
  return faults;
}

function checkSecrets({ ADMIN_TOKEN, MASTER_KEY, MASTER_KEY_PREVIOUS }: GatewayEnv): EnvFault[] {
  const faults: EnvFault[] = [];
  if (typeof ADMIN_TOKEN !== "string" || ADMIN_TOKEN.length < ADMIN_TOKEN_CHARACTERS) {
    const message = `needs at least ${ADMIN_TOKEN_CHARACTERS} characters: npx wrangler secret put ADMIN_TOKEN`;
    faults.push({ name: "ADMIN_TOKEN", message });
  }
  if (!isMasterKey(MASTER_KEY)) {
    const message = `needs ${MASTER_KEY_BYTES} random bytes in base64: openssl rand -base64 32 | npx wrangler secret put MASTER_KEY`;
    faults.push({ name: "MASTER_KEY", message });
  }
  if (MASTER_KEY_PREVIOUS !== undefined && MASTER_KEY_PREVIOUS !== "" && !isMasterKey(MASTER_KEY_PREVIOUS)) {
    const message = "is not a master key: npx wrangler secret delete MASTER_KEY_PREVIOUS";
    faults.push({ name: "MASTER_KEY_PREVIOUS", message });
  }
  return faults;
}

function isMasterKey(text: unknown): boolean {
  return typeof text === "string" && fromBase64(text)?.length === MASTER_KEY_BYTES;
}

/** How a source is configured that reads its sessions from a simulated account: its `session` block, and the secrets to put. */
import type { IncodeSessions } from "./incode/sessions.ts";
import type { RegulaSessions } from "./regula/sessions.ts";
import type { UnicoSessions } from "./unico/sessions.ts";

export interface SessionConfig {
  /** The source's `session`. */
  session: Readonly<Record<string, unknown>>;
  /** Names to values. */
  secrets: Readonly<Record<string, string>>;
}

export function regulaSession({ url, apiKey }: RegulaSessions): SessionConfig {
  return {
    session: { baseUrl: url, apiKey: { secret: "regula-api-key" }, files: ["*"] },
    secrets: { "regula-api-key": apiKey },
  };
}

export function incodeSession({ url, apiKey, email, password }: IncodeSessions): SessionConfig {
  return {
    session: {
      baseUrl: url,
      apiKey: { secret: "incode-api-key" },
      login: { email, password: { secret: "incode-password" } },
      fetch: ["score", "ocr", "images"],
    },
    secrets: { "incode-api-key": apiKey, "incode-password": password },
  };
}

export function unicoSession(
  { url, apiKey, identity }: UnicoSessions,
  contract: "websdk" | "api" = "websdk",
): SessionConfig {
  const { tokenUrl, account, tenant, privateKey } = identity;
  const needsKey = contract === "api";
  return {
    session: {
      baseUrl: url,
      contract,
      tokenUrl,
      account,
      tenant,
      privateKey: { secret: "unico-key-pem" },
      ...(needsKey ? { apiKey: { secret: "unico-api-key" } } : { files: ["*"] }),
    },
    secrets: { "unico-key-pem": privateKey, ...(needsKey && { "unico-api-key": apiKey }) },
  };
}

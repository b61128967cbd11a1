/**
 * What opens Incode's API: the key of the organization, and the token of a user who may read every session. The user logs in
 * without the path segment that other calls may have after the host.
 * Source: developer.incode.com/reference/how-to-get-an-session-token.
 */
import { createReader } from "../reader.ts";
import type { SessionSecrets, TokenSource } from "../session.ts";

const API_VERSION = "1.0";
const DAY_SECONDS = 86_400;
const TEN_MINUTES_SECONDS = 600;

export const incodeToken: TokenSource = {
  async request({ baseUrl, email }, { apiKey, password }) {
    if (email === undefined || apiKey === undefined || password === undefined) return undefined;
    return {
      url: `${baseUrl.replace(/\/0$/, "")}/executive/log-in`,
      headers: { "x-api-key": apiKey, "api-version": API_VERSION, "content-type": "application/json" },
      body: JSON.stringify({ email, password }),
    };
  },
  read(json) {
    const token = createReader(json).text("token");
    return token === undefined ? undefined : { token };
  },
  defaultSeconds: DAY_SECONDS,
  marginSeconds: TEN_MINUTES_SECONDS,
};

export function authorize({ apiKey }: SessionSecrets, token: string | undefined): Record<string, string> | undefined {
  if (apiKey === undefined || token === undefined) return undefined;
  return { "x-api-key": apiKey, "api-version": API_VERSION, "X-Incode-Hardware-Id": token };
}

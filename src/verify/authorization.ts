/** The `Authorization` header, RFC 9110 section 11.4 and RFC 7617. */
import { fromBase64 } from "../core/base64.ts";

/** What follows the scheme's name, which is case-insensitive; `undefined` where it is another scheme. */
export function credentialsOf(header: string, scheme: "Basic" | "Bearer"): string | undefined {
  const [name, ...rest] = header.trim().split(/ +/);
  return name?.toLowerCase() === scheme.toLowerCase() && rest.length === 1 ? rest[0] : undefined;
}

export interface UserAndPassword {
  user: string;
  password: string;
}

/** Split at the first colon: a password may hold more of them. */
export function readBasic(header: string): UserAndPassword | undefined {
  const credentials = credentialsOf(header, "Basic");
  const bytes = credentials === undefined ? undefined : fromBase64(credentials);
  if (!bytes) return undefined;
  const text = new TextDecoder().decode(bytes);
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** What to enter at the vendor for a source, by scheme. Secrets by their names: their values are known to nobody but who set them. */
import type { Scheme, SignatureLayout, Source } from "./source.ts";

/** A name and what to enter there. */
export type Entry = readonly [name: string, text: string];

export function entriesOf(source: Source, gateway: string): Entry[][] {
  return source.verify.map((each) => {
    const schemes = "all" in each ? each.all : [each];
    return schemes.flatMap((scheme) => entriesOfScheme(scheme, gateway));
  });
}

const valueOf = (refs: readonly { secret: string }[]): string =>
  `the value of ${refs.map(({ secret }) => secret).join(" or ")}`;

function entriesOfScheme(scheme: Scheme, gateway: string): Entry[] {
  switch (scheme.scheme) {
    case "hmac":
      return [
        [
          "proof",
          `a signature: HMAC-${(scheme.algorithm ?? "sha256").toUpperCase().replace("SHA", "SHA-")} of ${scheme.signed ?? "{body}"}`,
        ],
        ["header", layoutWords(scheme)],
        ["key", valueOf(scheme.secrets)],
      ];
    case "ed25519":
      return [
        ["proof", `a signature: Ed25519 of ${scheme.signed ?? "{body}"}`],
        ["header", layoutWords(scheme)],
        ["key", "the vendor's own: its public half stands in the configuration"],
      ];
    case "jwt":
      return [
        ["proof", "a JWT of the vendor's"],
        ["header", scheme.header ?? "Authorization"],
        ["key", `the vendor's own, published at ${scheme.jwksUrl ?? "its JWKS"}`],
      ];
    case "header":
      return [
        ["proof", "a secret in a header"],
        ["header", scheme.name],
        ["value", valueOf(scheme.values)],
      ];
    case "basic":
      return [
        ["proof", "HTTP Basic"],
        ["user", scheme.username],
        ["password", valueOf(scheme.passwords)],
      ];
    case "bearer":
      return [
        ["proof", "OAuth 2.0, client credentials"],
        ["token URL", `${gateway}/oauth/token`],
        ...scheme.clients.flatMap(({ id, secret }): Entry[] => [
          ["client id", id],
          ["client secret", valueOf([secret])],
        ]),
      ];
    case "ip":
      return [["proof", `the address it comes from: ${scheme.ranges?.join(", ") ?? "the vendor's"}`]];
    case "none":
      return [["proof", "none: anybody can call it"]];
  }
}

function layoutWords({ header = "?", prefix = "", encoding, list, timestamp }: SignatureLayout): string {
  const signature = `${prefix}<${encoding ?? "hex or base64"}>`;
  const value = list
    ? [list.timestamp === undefined ? undefined : `${list.timestamp}=<time>`, `${list.signature}=${signature}`]
        .filter(Boolean)
        .join(",")
    : signature;
  return `${header}: ${value}${timestamp?.header === undefined ? "" : `, and ${timestamp.header}: <time>`}`;
}

/** What the credentials of a source's `session` must be allowed at the vendor. */
export function permissionOf({ vendor, session }: Source): string | undefined {
  return session === undefined
    ? undefined
    : (PERMISSIONS[vendor] ?? "reading the session, and the files of it that are wanted");
}

const PERMISSIONS: Readonly<Record<string, string>> = {
  regula: "API key with the permission session_all:read (All Sessions: READ)",
  incode: "API key, and a user that may log in and read every session",
  unico: "service account with its RSA key, and with contract api the API key, allowed to read processes",
};

/** The action that Regula's workflow needs, since its webhook is part of the workflow. */
export const regulaAction = (webhookUrl: string, header: string): string => `- id: NOTIFY_GATEPOST
  type: http
  async: true
  options:
    url: ${webhookUrl}
    method: POST
    headers: { Content-Type: application/json, ${header}: "<the secret>" }
    body: '{"sessionId": "{{ session.id }}", "event": "session.finished"}'
    successCodes: [200]`;

/** The defaults of a scheme that has passed its checks. */
import { readPublicKey } from "../core/public-key.ts";
import type { VendorAdapter } from "../vendors/adapter.ts";
import type { Scheme, SignatureLayout } from "./config.ts";
import type { SchemeDocument } from "./scheme-schema.ts";
import { parseSigned } from "./signed-template.ts";

const TOLERANCE_SECONDS = 300;

/** @param signature where the vendor puts its HMAC */
export function completeScheme(scheme: SchemeDocument, signature: VendorAdapter["signature"]): Scheme {
  switch (scheme.scheme) {
    case "hmac":
      return {
        scheme: "hmac",
        secrets: scheme.secrets,
        algorithm: scheme.algorithm ?? "sha256",
        key: scheme.key ?? "text",
        ...completeLayout(scheme, signature),
      };
    case "ed25519":
      return {
        scheme: "ed25519",
        publicKeys: scheme.publicKeys.flatMap((key) => readPublicKey(key) ?? []),
        ...completeLayout(scheme, undefined),
      };
    case "jwt":
      return {
        ...scheme,
        header: scheme.header ?? "Authorization",
        algorithms: scheme.algorithms ?? ["ES256", "RS256", "EdDSA"],
        bodyHash: scheme.bodyHash && { claim: scheme.bodyHash.claim, encoding: scheme.bodyHash.encoding ?? "hex" },
        // Whoever signs a body signs it as it is sent; a token that only opens the door has an end of its own.
        maxAgeSeconds: scheme.maxAgeSeconds ?? (scheme.bodyHash && TOLERANCE_SECONDS),
      };
    case "header":
      return { ...scheme, name: scheme.name ?? "" };
    case "ip":
      return { ...scheme, ranges: scheme.ranges ?? [] };
    default:
      return scheme;
  }
}

type LayoutDocument = Extract<SchemeDocument, { scheme: "hmac" | "ed25519" }>;

function completeLayout(written: LayoutDocument, signature: VendorAdapter["signature"]): SignatureLayout {
  const { header, encoding, list, timestamp } = written;
  const isTimed = list?.timestamp !== undefined || timestamp?.header !== undefined;
  return {
    header: header ?? signature?.header ?? "",
    prefix: written.prefix ?? prefixOf(header, signature),
    encoding,
    // With a place of its own, a time in the list is one that nobody need have signed.
    list: timestamp?.header === undefined ? list : list && { signature: list.signature },
    signed: parseSigned(written.signed ?? "{body}") ?? [],
    time: isTimed
      ? {
          header: timestamp?.header,
          unit: timestamp?.unit ?? "seconds",
          toleranceSeconds: written.toleranceSeconds ?? TOLERANCE_SECONDS,
        }
      : undefined,
  };
}

/** A vendor's prefix belongs to the vendor's own header, whether the configuration names it or not. */
function prefixOf(header: string | undefined, signature: VendorAdapter["signature"]): string {
  const isOwn = header === undefined || header.toLowerCase() === signature?.header.toLowerCase();
  return isOwn ? (signature?.prefix ?? "") : "";
}

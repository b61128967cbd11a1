/** Which headers a scheme reads: those that prove the bytes may be kept beside them, what opens the door may not. */
import type { Scheme, SignatureLayout } from "../config/config.ts";
import { coversBody } from "../config/signed-template.ts";

export interface ReadHeaders {
  /** With these and the key anybody can verify the bytes again. */
  signature?: string[];
  /** Whoever has it can send other bytes. */
  credential?: string;
}

export function headersOf(scheme: Scheme): ReadHeaders {
  switch (scheme.scheme) {
    case "hmac":
    case "ed25519":
      return coversBody(scheme.signed) ? { signature: signedHeaders(scheme) } : { credential: scheme.header };
    case "jwt":
      return scheme.bodyHash ? { signature: [scheme.header] } : { credential: scheme.header };
    case "header":
      return { credential: scheme.name };
    default:
      return {};
  }
}

function signedHeaders({ header, time, signed }: SignatureLayout): string[] {
  const named = signed.flatMap((part) => (part.kind === "header" ? [part.name] : []));
  return [header, ...(time?.header === undefined ? [] : [time.header]), ...named];
}

/** Persona: docs.withpersona.com, "Webhooks best practices". While a secret is rotated the header holds two lists. */
import type { Preset } from "./preset.ts";

export const persona: Preset = {
  verify: [
    {
      scheme: "hmac",
      header: "Persona-Signature",
      list: { signature: "v1", timestamp: "t" },
      encoding: "hex",
      signed: "{timestamp}.{body}",
      toleranceSeconds: 300,
    },
  ],
};

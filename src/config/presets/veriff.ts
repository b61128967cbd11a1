/** Veriff: devdocs.veriff.com. The older `X-Signature`, a plain hash of body and secret, is not read. */
import type { Preset } from "./preset.ts";

export const veriff: Preset = {
  verify: [{ scheme: "hmac", header: "X-HMAC-Signature", encoding: "hex" }],
};

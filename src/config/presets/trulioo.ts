/** Trulioo: developer.trulioo.com, "HMAC". Hex or base64 is not documented: either is read. */
import type { Preset } from "./preset.ts";

export const trulioo: Preset = {
  verify: [{ scheme: "hmac", header: "X-Trulioo-Signature" }],
};

/**
 * Sumsub: docs.sumsub.com, "Webhooks". `X-Payload-Digest-Alg` names the algorithm but is not signed itself: a source whose
 * webhooks are signed with another says so in `algorithm`.
 */
import type { Preset } from "./preset.ts";

export const sumsub: Preset = {
  verify: [{ scheme: "hmac", header: "X-Payload-Digest", encoding: "hex" }],
};

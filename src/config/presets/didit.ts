/**
 * Didit: docs.didit.me, "Webhooks". Of its three signatures the one over the bytes as they are sent. `X-Timestamp` is part of
 * none, so no window could rest on it.
 */
import type { Preset } from "./preset.ts";

export const didit: Preset = {
  verify: [{ scheme: "hmac", header: "X-Signature", encoding: "hex" }],
};

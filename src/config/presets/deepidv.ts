/** deepidv: docs.deepidv.com, "Webhooks". The header is the secret itself: a credential, which says nothing about the body. */
import type { Preset } from "./preset.ts";

export const deepidv: Preset = {
  verify: [{ scheme: "header", name: "deepidv-signature" }],
  webhook: { event: "/type", session: "/data/sessionId" },
  map: {
    outcome: { at: "/data/status", values: { VERIFIED: "approved", REJECTED: "declined" } },
  },
};

/** deepidv: docs.deepidv.com, "Webhooks". The header is the secret itself: a credential, which says nothing about the body. */
import type { Preset } from "./preset.ts";

export const deepidv: Preset = {
  verify: [{ scheme: "header", name: "deepidv-signature" }],
};

/** Onfido (Entrust): developers.onfido.com, "Manual webhook signature verification". */
import type { Preset } from "./preset.ts";

export const onfido: Preset = {
  verify: [{ scheme: "hmac", header: "X-SHA2-Signature", encoding: "hex" }],
};

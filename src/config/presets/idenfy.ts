/** iDenfy: documentation.idenfy.com, "Callback signing". */
import type { Preset } from "./preset.ts";

export const idenfy: Preset = {
  verify: [{ scheme: "hmac", header: "Idenfy-Signature", encoding: "hex" }],
};

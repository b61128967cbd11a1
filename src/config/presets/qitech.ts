/** QI Tech, anti-fraud and onboarding: docs.qitech.com.br, "Webhook". Its other products sign by JWT, with MD5 or a shared key. */
import type { Preset } from "./preset.ts";

export const qitech: Preset = {
  verify: [{ scheme: "hmac", header: "Signature", algorithm: "sha1", encoding: "hex", signed: "{url}{method}{body}" }],
};

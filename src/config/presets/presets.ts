/** The one list of presets. A new one is its file, its line here, and its fixtures. */
import { deepidv } from "./deepidv.ts";
import { didit } from "./didit.ts";
import { idenfy } from "./idenfy.ts";
import { jumio } from "./jumio.ts";
import { onfido } from "./onfido.ts";
import { persona } from "./persona.ts";
import { pomelo } from "./pomelo.ts";
import type { Preset } from "./preset.ts";
import { qitech } from "./qitech.ts";
import { stripeIdentity } from "./stripe-identity.ts";
import { sumsub } from "./sumsub.ts";
import { trulioo } from "./trulioo.ts";
import { veriff } from "./veriff.ts";

const PRESETS = {
  onfido,
  veriff,
  persona,
  sumsub,
  "stripe-identity": stripeIdentity,
  jumio,
  idenfy,
  trulioo,
  didit,
  deepidv,
  pomelo,
  qitech,
};

export type PresetName = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

export const presets: Readonly<Record<PresetName, Preset>> = PRESETS;

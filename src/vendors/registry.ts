/** The one list of vendors. A new one is its folder and its line here. */
import type { Vendor, VendorAdapter } from "./adapter.ts";
import { incode } from "./incode/adapter.ts";
import { regula } from "./regula/adapter.ts";
import { seon } from "./seon/adapter.ts";
import { unico } from "./unico/adapter.ts";

export const adapters: Readonly<Record<Vendor, VendorAdapter>> = { regula, incode, seon, unico };

/** The one list of vendors. A new one is its folder and its line here. */
import type { Vendor, VendorAdapter } from "./adapter.ts";
import { custom } from "./custom/adapter.ts";
import { customSession } from "./custom/session.ts";
import { incode } from "./incode/adapter.ts";
import { regula } from "./regula/adapter.ts";
import { seon } from "./seon/adapter.ts";
import type { SessionAdapter } from "./session.ts";
import { incodeSession } from "./incode/session.ts";
import { regulaSession } from "./regula/session.ts";
import { unico } from "./unico/adapter.ts";
import { unicoSession } from "./unico/session.ts";

/** Vendors whose sessions can be read back. */
export const sessionAdapters: Readonly<Partial<Record<Vendor, SessionAdapter>>> = {
  regula: regulaSession,
  incode: incodeSession,
  unico: unicoSession,
  custom: customSession,
};

export const adapters: Readonly<Record<Vendor, VendorAdapter>> = { regula, incode, seon, unico, custom };

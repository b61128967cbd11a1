/** The configuration as the stages use it: read, checked, every default filled in. */
import type { Includable } from "../core/projection.ts";
import type { Environment } from "../core/event.ts";
import type { Filter } from "../core/filter.ts";
import type { KeptAction } from "../core/receipt.ts";
import type { AdapterOptions, Vendor } from "../vendors/adapter.ts";

export interface SecretRef {
  secret: string;
}

/** How a webhook proves where it comes from. */
export type Scheme =
  | { scheme: "hmac"; secrets: SecretRef[]; header: string; prefix: string; encoding?: "hex" | "base64" | undefined }
  | { scheme: "header"; name: string; values: SecretRef[] }
  | { scheme: "basic"; username: string; passwords: SecretRef[] }
  | { scheme: "bearer"; clients: { id: string; secret: SecretRef }[] }
  | { scheme: "ip"; ranges: string[] }
  | { scheme: "none" };

export type Verification = Scheme | { all: Scheme[] };

export type Action = KeptAction | "ignore";

export interface Source {
  name: string;
  vendor: Vendor;
  enabled: boolean;
  environment: Environment;
  maxBytes: number;
  verify: Verification[];
  events: Readonly<Record<string, Action>>;
  windowSeconds: number;
  adapterOptions: AdapterOptions;
  /** Its sessions are to be read back from the vendor. */
  readsSessions: boolean;
}

export type SubscriberAuth =
  | { type: "none" }
  | { type: "header"; name: string; value: SecretRef }
  | { type: "basic"; username: string; password: SecretRef };

export interface Subscriber {
  name: string;
  url: string;
  enabled: boolean;
  filter?: Filter | undefined;
  signing: SecretRef[];
  include?: readonly Includable[] | undefined;
  redact: readonly string[];
  auth: SubscriberAuth;
  schedule: readonly number[];
  accept: "2xx" | "success";
  timeoutSeconds: number;
}

export interface Config {
  sources: ReadonlyMap<string, Source>;
  subscribers: ReadonlyMap<string, Subscriber>;
}

/** How a source handles an event: by the most specific of its names that is configured, else by `*`, else `record`. */
export function handlingOf(source: Source, names: readonly string[]): { name: string; action: Action } {
  const name = [...names, "*"].find((each) => Object.hasOwn(source.events, each)) ?? "*";
  return { name, action: source.events[name] ?? "record" };
}

/** A source as it stands in the configuration document, and how its webhooks prove where they come from. */
import { isObject, parseText } from "../core/json.ts";
import { Failure, Misuse } from "./failure.ts";
import type { Session } from "./session.ts";

interface SecretName {
  secret: string;
}

/** Where a signature stands, and what it is over. */
export interface SignatureLayout {
  header?: string;
  prefix?: string;
  encoding?: "hex" | "base64";
  list?: { signature: string; timestamp?: string };
  /** Such as `{timestamp}.{body}`. */
  signed?: string;
  timestamp?: { header?: string; unit?: "seconds" | "milliseconds" | "iso" };
}

export type Scheme =
  | ({
      scheme: "hmac";
      secrets: SecretName[];
      algorithm?: "sha1" | "sha256" | "sha512";
      key?: "text" | "base64" | "hex" | "whsec";
    } & SignatureLayout)
  | ({ scheme: "ed25519" } & SignatureLayout)
  | { scheme: "jwt"; header?: string; jwksUrl?: string }
  | { scheme: "header"; name: string; values: SecretName[] }
  | { scheme: "basic"; username: string; passwords: SecretName[] }
  | { scheme: "bearer"; clients: { id: string; secret: SecretName }[] }
  | { scheme: "ip"; ranges?: string[] }
  | { scheme: "none" };

export interface Source {
  name: string;
  vendor: string;
  preset?: string;
  environment: string;
  enabled: boolean;
  /** Any of them suffices; of `all` every one is needed. */
  verify: (Scheme | { all: Scheme[] })[];
  events: Readonly<Record<string, string | { action: string }>>;
  session?: { baseUrl: string };
  webhook?: { event?: string | string[]; session?: string | string[]; delivery?: string | string[] };
}

/** SEON puts its HMAC where no configuration needs to say. */
const SEON_SIGNATURE = { header: "Digest", prefix: "SHA-256=" };

type Document = Readonly<Record<string, unknown>>;

export async function loadSources({ api }: Session): Promise<Map<string, Source>> {
  const { status, text } = await api.call("GET", "/api/config", {}, [200, 404]);
  const document = status === 404 ? undefined : parseText(text);
  const sources = isObject(document) && isObject(document["sources"]) ? document["sources"] : {};
  // The presets are many small files, and only these commands need them.
  const { withPreset } = await import("../config/preset.ts");
  const entries = Object.entries(sources).map(([name, source]) => [name, withPreset(source as Document)] as const);
  return new Map(entries.map(([name, source]) => [name, complete(name, source)]));
}

export async function loadSource(session: Session, name: string): Promise<Source> {
  const source = (await loadSources(session)).get(name);
  if (!source) throw new Failure("there is no such source", "gatepost sources list");
  return source;
}

function complete(name: string, written: Document): Source {
  const { verify = [], ...source } = written as Partial<Source> & { vendor: string; events: Source["events"] };
  const completeScheme = (scheme: Scheme): Scheme =>
    scheme.scheme === "hmac" && source.vendor === "seon" && isAtSeonsPlace(scheme)
      ? { ...SEON_SIGNATURE, ...scheme }
      : scheme;
  return {
    ...source,
    name,
    environment: source.environment ?? "live",
    enabled: source.enabled ?? true,
    verify: verify.map((each) => ("all" in each ? { all: each.all.map(completeScheme) } : completeScheme(each))),
  };
}

/** The prefix belongs to the vendor's own header. */
const isAtSeonsPlace = ({ header }: SignatureLayout): boolean =>
  header === undefined || header.toLowerCase() === SEON_SIGNATURE.header.toLowerCase();

/** Every one is needed. @param which from 1 on, of the alternatives */
export function schemesOf({ name, verify }: Source, which: number): Scheme[] {
  const chosen = verify[which - 1];
  if (!chosen) throw new Misuse(`${name} has ${verify.length} ways to prove itself, and no number ${which}`);
  return "all" in chosen ? chosen.all : [chosen];
}

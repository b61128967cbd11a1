/**
 * What a schema cannot say: faults that depend on the vendor, or on where the gateway may send. Works on a document of any
 * shape, so that these faults are told together with those of shape.
 */
import { refuseDestination, type Allowance } from "../core/destination.ts";
import { isObject } from "../core/json.ts";
import { toPointer } from "../core/pointer.ts";
import { adapters } from "../vendors/registry.ts";
import { VENDORS, type Vendor, type VendorAdapter } from "../vendors/adapter.ts";
import { checkCustom } from "./check-custom.ts";
import { checkSchemes, schemesIn } from "./check-schemes.ts";
import { checkSubscriber } from "./check-subscriber.ts";
import { describeDestination, type Fault } from "./faults.ts";
import { withPreset } from "./preset.ts";

export function crossCheck(document: unknown, allowance: Allowance, ownOrigins: readonly string[]): Fault[] {
  const checkUrl = (url: unknown, path: Path): Fault[] => {
    const fault = typeof url === "string" ? refuseDestination(url, allowance, ownOrigins) : undefined;
    return fault ? [{ path: toPointer(path), message: describeDestination(fault) }] : [];
  };
  const sources = membersOf(document, "sources").flatMap(([name, source]) => {
    const session = isObject(source) && isObject(source.session) ? source.session : {};
    const urls = ["baseUrl", "tokenUrl"].map((key): [unknown, Path] => [session[key], [key]]);
    const auth = isObject(session.auth) ? session.auth : {};
    urls.push([auth.tokenUrl, ["auth", "tokenUrl"]]);
    const hosts = Array.isArray(session.hosts) ? session.hosts : [];
    const origins = hosts.map((host: unknown, index): [unknown, Path] => [
      typeof host === "string" && !host.includes("://") ? `https://${host}` : host,
      ["hosts", index],
    ]);
    const faults = [...urls, ...origins].flatMap(([url, path]) => checkUrl(url, ["sources", name, "session", ...path]));
    const schemes = isObject(source) ? checkSchemes(name, source, adapterOf(source.vendor), checkUrl) : [];
    return [
      ...checkSource(name, source),
      ...checkSession(name, source),
      ...checkCustom(name, source),
      ...schemes,
      ...faults,
    ];
  });
  const credentials = credentialHeaders(document);
  const subscribers = membersOf(document, "subscribers").flatMap(([name, subscriber]) => {
    const { url, auth } = isObject(subscriber) ? subscriber : {};
    const { tokenUrl } = isObject(auth) ? auth : {};
    return [
      ...checkUrl(url, ["subscribers", name, "url"]),
      ...checkUrl(tokenUrl, ["subscribers", name, "auth", "tokenUrl"]),
      ...checkSubscriber(name, subscriber, credentials),
    ];
  });
  return [...checkNames(document), ...sources, ...subscribers];
}

/** What the gateway says itself is of this source, in the ledger and in every list. */
const OWN_NAME = "gateway";

/** The library leaves members with these names out without a word, wherever names are free. */
const IMPOSSIBLE_NAMES = ["__proto__", "constructor", "prototype"];

function checkNames(document: unknown): Fault[] {
  const isTaken = membersOf(document, "sources").some(([name]) => name === OWN_NAME);
  const taken = { path: toPointer(["sources", OWN_NAME]), message: "the gateway's own notices have this name" };
  return [...impossibleNames(document, []), ...(isTaken ? [taken] : [])];
}

function impossibleNames(value: unknown, path: Path): Fault[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const at = [...path, key];
    const isImpossible = IMPOSSIBLE_NAMES.includes(key);
    return isImpossible ? [{ path: toPointer(at), message: "this name cannot be used" }] : impossibleNames(member, at);
  });
}

function checkSource(name: string, source: unknown): Fault[] {
  const adapter = isObject(source) ? adapterOf(source.vendor) : undefined;
  if (!isObject(source) || !adapter) return [];
  const hasSession = adapter.vendor === "seon" && source.session !== undefined;
  const session = {
    path: toPointer(["sources", name, "session"]),
    message: "SEON's webhook is complete; it has no session to read",
  };
  return hasSession ? [session] : [];
}

/** Without these a vendor's sessions can never be read. */
const NEEDED: Readonly<Partial<Record<Vendor, readonly string[]>>> = {
  regula: ["apiKey"],
  incode: ["apiKey", "login"],
  unico: ["tokenUrl", "account", "tenant", "privateKey"],
};

function checkSession(name: string, source: unknown): Fault[] {
  const session = isObject(source) ? source.session : undefined;
  const vendor = isObject(source) ? VENDORS.find((each) => each === source.vendor) : undefined;
  if (!isObject(session) || !vendor) return [];
  const contracts = [session.contract, ...(isObject(session.contracts) ? Object.values(session.contracts) : [])];
  const needed = [...(NEEDED[vendor] ?? []), ...(vendor === "unico" && contracts.includes("api") ? ["apiKey"] : [])];
  return needed
    .filter((key) => session[key] === undefined)
    .map((key) => ({
      path: toPointer(["sources", name, "session", key]),
      message: "missing: this vendor's sessions cannot be read without it",
    }));
}

function adapterOf(vendor: unknown): VendorAdapter | undefined {
  const known = VENDORS.find((each) => each === vendor);
  return known && adapters[known];
}

type Path = readonly (string | number)[];

/** In lower case. */
function credentialHeaders(document: unknown): ReadonlySet<string> {
  const schemes = membersOf(document, "sources").flatMap(([, source]) =>
    isObject(source) ? schemesIn(withPreset(source).verify, []) : [],
  );
  const names = schemes.map(({ scheme }) => {
    if (scheme.scheme === "jwt" && scheme.bodyHash === undefined) return scheme.header;
    return scheme.scheme === "header" ? scheme.name : undefined;
  });
  return new Set(names.flatMap((name) => (typeof name === "string" ? [name.toLowerCase()] : [])));
}

function membersOf(document: unknown, key: string): [string, unknown][] {
  const members = isObject(document) ? document[key] : undefined;
  return isObject(members) ? Object.entries(members) : [];
}

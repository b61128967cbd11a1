/** What makes no sense together in a source's schemes, each with what the source's preset says for it. */
import { isObject } from "../core/json.ts";
import { toPointer } from "../core/pointer.ts";
import type { VendorAdapter } from "../vendors/adapter.ts";
import type { Fault } from "./faults.ts";
import { withPreset } from "./preset.ts";
import { coversBody, coversTimestamp, parseSigned, type SignedPart } from "./signed-template.ts";

type Path = readonly (string | number)[];
type Members = Readonly<Record<string, unknown>>;
type Found = [path: Path, message: string];

export function checkSchemes(
  name: string,
  source: Members,
  adapter: VendorAdapter | undefined,
  checkUrl: (url: unknown, path: Path) => Fault[],
): Fault[] {
  const written = schemesIn(source.verify, ["sources", name, "verify"]);
  const schemes = schemesIn(withPreset(source).verify, []);
  return written.flatMap(({ scheme: own, path }, index) => {
    const scheme = schemes[index]?.scheme ?? own;
    const found = [...checkPresence(scheme, adapter), ...checkSigned(own, scheme), ...checkJwt(scheme)];
    return [
      ...found.map(([at, message]) => ({ path: toPointer([...path, ...at]), message })),
      ...(scheme.scheme === "jwt" ? checkUrl(scheme.jwksUrl, [...path, "jwksUrl"]) : []),
    ];
  });
}

/** Every scheme by its path; of those inside `all`, each. */
export function schemesIn(verify: unknown, path: Path): { scheme: Members; path: Path }[] {
  if (!Array.isArray(verify)) return [];
  return verify.flatMap((each: unknown, index) => {
    if (!isObject(each)) return [];
    const at = [...path, index];
    return "all" in each ? schemesIn(each.all, [...at, "all"]) : [{ scheme: each, path: at }];
  });
}

/** What a vendor or a preset may say in the source's stead. */
function checkPresence(scheme: Members, adapter: VendorAdapter | undefined): Found[] {
  if (scheme.scheme === "header" && scheme.name === undefined)
    return [[["name"], "missing: the name of the header that holds the secret"]];
  if (scheme.scheme === "ip" && scheme.ranges === undefined)
    return [[["ranges"], "missing: the addresses that a webhook may come from"]];
  const isOfVendor = scheme.scheme === "hmac" && (!adapter || adapter.signature !== undefined);
  if (!isSignature(scheme) || isOfVendor || scheme.header !== undefined) return [];
  return [[["header"], "missing: this vendor has no signature header of its own"]];
}

function checkSigned(own: Members, scheme: Members): Found[] {
  const parts = parseSigned(typeof scheme.signed === "string" ? scheme.signed : "{body}");
  if (!isSignature(scheme) || !parts) return [];
  const unsigned: Found = [
    ["signed"],
    "expected {body} in it: of a webhook whose body is not signed nothing is proven",
  ];
  const isBare = typeof own.signed === "string" && !coversBody(parts);
  return [...(isBare ? [unsigned] : []), ...checkTimestamp(scheme, parts)];
}

function checkTimestamp({ list, timestamp, toleranceSeconds }: Members, parts: readonly SignedPart[]): Found[] {
  const header = isObject(timestamp) && typeof timestamp.header === "string" ? timestamp.header : undefined;
  const place: Path = header === undefined ? ["list", "timestamp"] : ["timestamp"];
  const isNamed = header !== undefined || (isObject(list) && list.timestamp !== undefined);
  if (coversTimestamp(parts, header)) {
    const at: Path = isObject(timestamp) ? ["timestamp", "header"] : ["timestamp"];
    return isNamed ? [] : [[at, "missing: {timestamp} is signed; say in which header or list member it is"]];
  }
  const message = "a timestamp that is not part of `signed` could be anybody's";
  if (isNamed) return [[place, message]];
  return toleranceSeconds === undefined ? [] : [[["toleranceSeconds"], `needs a timestamp: ${message}`]];
}

function checkJwt({ scheme, audience, bodyHash }: Members): Found[] {
  if (scheme !== "jwt" || audience !== undefined || bodyHash !== undefined) return [];
  return [[["audience"], "missing: without it or a bodyHash a token made for anybody opens this source"]];
}

const isSignature = ({ scheme }: Members): boolean => scheme === "hmac" || scheme === "ed25519";

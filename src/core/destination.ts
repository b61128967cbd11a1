/**
 * Where the gateway may send a request: the one rule for every configured or vendor-given URL, at save and at send.
 * Names that resolve to private addresses are refused by the platform; a Worker cannot resolve them itself.
 */
import { isInRange, isPublic, parseAddress, parseRange, translated, type Address, type Range } from "./address.ts";

export type DestinationFault =
  | "not_a_url"
  | "not_https"
  | "has_credentials"
  | "cloud_metadata"
  | "not_public"
  | "own_origin";

/** What development or a private network may reach although it is private or plain http. */
export interface Allowance {
  hosts: ReadonlySet<string>;
  ranges: readonly Range[];
}

const METADATA_NAMES = new Set([
  "metadata.google.internal",
  "metadata.goog",
  "metadata",
  "instance-data",
  "instance-data.ec2.internal",
]);
const METADATA_RANGES = [
  "169.254.0.0/16",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "fd00:ec2::/32",
  "fd20:ce::254",
].map((text) => parseRange(text) as Range);
const LOCAL_SUFFIXES = [
  ".localhost",
  ".local",
  ".internal",
  ".intranet",
  ".lan",
  ".home",
  ".corp",
  ".private",
  ".home.arpa",
  ".arpa",
  ".onion",
];

/** Reads `EGRESS_ALLOW`: comma-separated hosts, `host:port` or CIDRs. */
export function readAllowance(text: string | undefined): Allowance {
  const entries = (text ?? "")
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "");
  const ranges = entries.map(parseRange).filter((range) => range !== undefined);
  return { hosts: new Set(entries), ranges };
}

/** Of an allowance what names a host or a single address: nothing else opens a URL that the operator has not written. */
export function withoutRanges({ hosts, ranges }: Allowance): Allowance {
  return { hosts, ranges: ranges.filter(([network, bits]) => bits === network.width) };
}

/** `undefined` where the URL may be called. `ownOrigins`: a gateway that subscribes to itself would never stop. */
export function refuseDestination(
  text: string,
  allowance: Allowance,
  ownOrigins: readonly string[] = [],
): DestinationFault | undefined {
  if (!URL.canParse(text)) return "not_a_url";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "not_https";
  if (url.username !== "" || url.password !== "") return "has_credentials";
  const name = url.hostname.replace(/\.+$/, "");
  if (ownOrigins.includes(url.origin.replace(url.hostname, name))) return "own_origin";
  const address = parseAddress(name);
  if (isMetadata(name, address)) return "cloud_metadata";
  if (isAllowed(url, name, address, allowance)) return undefined;
  if (url.protocol !== "https:") return "not_https";
  return (address ? isPublic(address) : isPublicName(name)) ? undefined : "not_public";
}

function isMetadata(name: string, address: Address | undefined): boolean {
  if (METADATA_NAMES.has(name)) return true;
  const reached = address && [address, translated(address) ?? address];
  return METADATA_RANGES.some((range) => reached?.some((each) => isInRange(each, range)));
}

function isAllowed(url: URL, name: string, address: Address | undefined, allowance: Allowance): boolean {
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  if (allowance.hosts.has(name) || allowance.hosts.has(`${name}:${port}`)) return true;
  return address !== undefined && allowance.ranges.some((range) => isInRange(address, range));
}

function isPublicName(name: string): boolean {
  return name.includes(".") && !LOCAL_SUFFIXES.some((suffix) => name.endsWith(suffix));
}

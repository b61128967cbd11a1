/** IP addresses and ranges; an IPv4 address inside an IPv6 one (`::ffff:…`) is the IPv4 address. */
import ipaddr from "ipaddr.js";

export type Address = ReturnType<typeof ipaddr.process>;
export type Range = [Address, number];

export function parseAddress(text: string): Address | undefined {
  const bare = text.replace(/^\[|\]$/g, "");
  // Only the two standard spellings: the library would also read "1" or "0x7f.1" as IPv4.
  if (!ipaddr.IPv4.isValidFourPartDecimal(bare) && !ipaddr.IPv6.isValid(bare)) return undefined;
  return ipaddr.process(bare);
}

/** `192.0.2.0/24`, `2001:db8::/32`, or a single address. */
export function parseRange(text: string): Range | undefined {
  const [network = "", bits, ...rest] = text.split("/");
  const address = rest.length === 0 ? parseAddress(network) : undefined;
  if (!address) return undefined;
  const width = address.kind() === "ipv4" ? 32 : 128;
  if (bits === undefined) return [address, width];
  return /^\d{1,3}$/.test(bits) && Number(bits) <= width ? [address, Number(bits)] : undefined;
}

export function isInRange(address: Address, [network, bits]: Range): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

/** All that has been given out for the public network; IPv6 elsewhere is local, translated or not in use. */
const GLOBAL_IPV6 = parseRange("2000::/3");

/** Reachable by anybody: no private, loopback, link-local, shared, reserved, translated or documentation range. */
export function isPublic(address: Address): boolean {
  const isAssigned = address.kind() === "ipv4" || (GLOBAL_IPV6 !== undefined && isInRange(address, GLOBAL_IPV6));
  return isAssigned && address.range() === "unicast";
}

/** The IPv4 address that a translator (NAT64, RFC 6052) or a relay (6to4, RFC 3056) would reach for an IPv6 one. */
export function translated(address: Address): Address | undefined {
  const bytes = address.toByteArray();
  if (address.range() === "rfc6052") return parseAddress(bytes.slice(12).join("."));
  if (address.range() === "6to4") return parseAddress(bytes.slice(2, 6).join("."));
  return undefined;
}

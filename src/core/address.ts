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
  const address = parseAddress(text);
  if (address) return [address, address.kind() === "ipv4" ? 32 : 128];
  return /^[0-9a-f.:]+\/\d{1,3}$/i.test(text) && ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
}

export function isInRange(address: Address, [network, bits]: Range): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

/** Reachable by anybody: no private, loopback, link-local, shared, reserved, translated or documentation range. */
export function isPublic(address: Address): boolean {
  return address.range() === "unicast";
}

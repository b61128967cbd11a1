/**
 * IP addresses and ranges; an IPv4 address inside an IPv6 one (`::ffff:…`) is the IPv4 address. Text is read by the URL
 * standard's own parser, which also decides where a request goes: there is no second opinion to fall out with.
 */

export interface Address {
  /** Bits of an address of its kind. */
  width: 32 | 128;
  value: bigint;
}

/** All addresses whose first so many bits are this one's. */
export type Range = [Address, number];

/** Only the two standard spellings: a URL would also take `1` or `0x7f.1` for IPv4. */
export function parseAddress(text: string): Address | undefined {
  const bare = text.replace(/^\[|\]$/g, "");
  return bare.includes(":") ? parseIpv6(bare) : parseIpv4(bare);
}

function parseIpv4(text: string): Address | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !/^[\d.]+$/.test(text) || URL.parse(`http://${text}`)?.hostname !== text) return undefined;
  return { width: 32, value: parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n) };
}

function parseIpv6(text: string): Address | undefined {
  const hostname = /^[\da-f:.]+$/i.test(text) ? URL.parse(`http://[${text}]`)?.hostname : undefined;
  if (hostname === undefined) return undefined;
  // The parser has left nothing but groups in hexadecimal, and `::` at most once.
  const [before = [], after = []] = hostname.slice(1, -1).split("::").map(groupsOf);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0000");
  const value = BigInt(`0x${[...before, ...zeros, ...after].join("")}`);
  return value >> 32n === 0xffffn ? { width: 32, value: lastIpv4(value) } : { width: 128, value };
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":").map((group) => group.padStart(4, "0"));
}

/** `192.0.2.0/24`, `2001:db8::/32`, or a single address. */
export function parseRange(text: string): Range | undefined {
  const [network = "", bits, ...rest] = text.split("/");
  const address = rest.length === 0 ? parseAddress(network) : undefined;
  if (!address) return undefined;
  if (bits === undefined) return [address, address.width];
  return /^\d{1,3}$/.test(bits) && Number(bits) <= address.width ? [address, Number(bits)] : undefined;
}

export function isInRange(address: Address, [network, bits]: Range): boolean {
  const rest = BigInt(network.width - bits);
  return address.width === network.width && address.value >> rest === network.value >> rest;
}

const ranges = (text: string): Range[] => text.split(" ").map((range) => parseRange(range) as Range);

/** All of IPv6 that has been given out for the public network; the rest is local, translated or not in use. */
const GLOBAL_IPV6 = ranges("2000::/3");
/** Of what remains, the special purposes that the IANA registries list (RFC 6890): private, shared, reserved, translated, documentation. */
const SPECIAL = [
  ...ranges("0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24"),
  ...ranges("192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15"),
  ...ranges("198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"),
  ...ranges("2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20"),
];

/** Reachable by anybody. */
export function isPublic(address: Address): boolean {
  const isIn = (range: Range) => isInRange(address, range);
  return (address.width === 32 || GLOBAL_IPV6.some(isIn)) && !SPECIAL.some(isIn);
}

/** NAT64, RFC 6052 and 8215. */
const TRANSLATED = ranges("64:ff9b::/96 64:ff9b:1::/48");
/** 6to4, RFC 3056. */
const RELAYED = ranges("2002::/16");

/** The IPv4 address that a translator or a relay would reach for an IPv6 one. */
export function translated(address: Address): Address | undefined {
  const isIn = (range: Range) => isInRange(address, range);
  if (TRANSLATED.some(isIn)) return { width: 32, value: lastIpv4(address.value) };
  if (RELAYED.some(isIn)) return { width: 32, value: lastIpv4(address.value >> 80n) };
  return undefined;
}

function lastIpv4(value: bigint): bigint {
  return value & 0xffffffffn;
}

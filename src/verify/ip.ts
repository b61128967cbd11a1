/** The sender's address, as Cloudflare saw it. It says where a webhook comes from, not who wrote it: no basis. */
import type { Scheme } from "../config/config.ts";
import { isInRange, parseAddress, parseRange } from "../core/address.ts";
import { pass, refuse, type Unproven, type Verdict } from "./scheme.ts";

type Ip = Extract<Scheme, { scheme: "ip" }>;

export function verifyIp(scheme: Ip, webhook: Unproven): Verdict {
  const address = webhook.address === undefined ? undefined : parseAddress(webhook.address);
  if (!address) return refuse("address_unknown");
  const ranges = scheme.ranges.map(parseRange).filter((range) => range !== undefined);
  return ranges.some((range) => isInRange(address, range)) ? pass("none") : refuse("address_not_allowed");
}

/** ipaddr.js, which many keep an eye on, is the judge of our own reading of addresses. */
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { isInRange, isPublic, parseAddress, parseRange } from "../../src/core/address.ts";

const SEED = { seed: 20_261_121, numRuns: 2000 };

const octet = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(octet, octet, octet, octet).map((bytes) => bytes.join("."));
/** Every special range's first and last address, and their neighbours outside it. */
const EDGES = specialRanges().flatMap(([network, bits]) => edgesOf(network.toByteArray(), bits));
/** Not `::1.2.3.4`, which the library takes for `::ffff:1.2.3.4`; RFC 4291 and URLs do not. */
const ipv6 = fc.ipV6().filter((text) => !/^::\d+\./.test(text));
const written = fc.oneof(ipv4, ipv6, fc.constantFrom(...EDGES));
/** What looks like an address and mostly is none. */
const scrawl = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEFx:.[]%/@?# "), maxLength: 24 });

type JudgedRange = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** The library's table, which its types keep to themselves: by name, one range or several. */
function specialRanges(): JudgedRange[] {
  return [ipaddr.parse("0.0.0.0"), ipaddr.parse("::")].flatMap((address) => {
    const { SpecialRanges: table } = address as unknown as {
      SpecialRanges: Record<string, JudgedRange | JudgedRange[]>;
    };
    return Object.values(table).flatMap((entry) =>
      Array.isArray(entry[0]) ? (entry as JudgedRange[]) : [entry as JudgedRange],
    );
  });
}

function edgesOf(network: number[], bits: number): string[] {
  const width = BigInt(8 * network.length);
  const first = network.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const last = first + (1n << (width - BigInt(bits))) - 1n;
  return [first - 1n, first, last, last + 1n].map((value) => {
    const bytes = network.map((_, at) =>
      Number((BigInt.asUintN(Number(width), value) >> BigInt(8 * (network.length - 1 - at))) & 255n),
    );
    return ipaddr.fromByteArray(bytes).toString();
  });
}

const isReadByJudge = (text: string) => ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
const GIVEN_OUT = ipaddr.IPv6.parseCIDR("2000::/3");
const isPublicToJudge = (text: string) => {
  const address = ipaddr.process(text);
  return (address instanceof ipaddr.IPv4 || address.match(GIVEN_OUT)) && address.range() === "unicast";
};
const bytesOf = (value: bigint, width: number) =>
  Array.from({ length: width / 8 }, (_, at) => Number((value >> BigInt(width - 8 - 8 * at)) & 255n));

describe("an address", () => {
  it("is read as the library reads it, in whatever spelling", () => {
    fc.assert(
      fc.property(written, (text) => {
        const [ours, theirs] = [parseAddress(text), ipaddr.process(text)];
        expect(ours && bytesOf(ours.value, ours.width)).toEqual(theirs.toByteArray());
      }),
      SEED,
    );
  });

  it("is never read where the library reads none", () => {
    fc.assert(
      fc.property(scrawl, (text) => {
        if (parseAddress(text)) expect(isReadByJudge(text.replace(/^\[|\]$/g, ""))).toBe(true);
      }),
      { ...SEED, numRuns: 20_000 },
    );
  });

  it.each([
    "1",
    "127.1",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "256.0.0.1",
    "1.2.3.4.",
    "1.2.3.4:80",
    "::1]:80/[",
    "fe80::1%eth0",
  ])("%s is none", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it("is public where the library knows of no special purpose, and IPv6 only of the part that is given out", () => {
    const check = (text: string) => {
      const address = parseAddress(text);
      expect([text, address && isPublic(address)]).toEqual([text, isPublicToJudge(text)]);
    };
    EDGES.forEach(check);
    fc.assert(fc.property(written, check), SEED);
  });

  it("is in a range where the library says so", () => {
    fc.assert(
      fc.property(written, written, fc.nat(128), (text, network, bits) => {
        const [address, range] = [ipaddr.process(text), ipaddr.process(network)];
        fc.pre(bits <= 8 * range.toByteArray().length);
        const [ours, ourRange] = [parseAddress(text), parseRange(`${range.toString()}/${bits}`)];
        const isHeld = address.kind() === range.kind() && address.match(range, bits);
        expect(ours && ourRange && isInRange(ours, ourRange)).toBe(isHeld);
      }),
      SEED,
    );
  });
});

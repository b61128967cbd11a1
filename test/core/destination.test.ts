import { describe, expect, it } from "vitest";
import { isInRange, isPublic, parseAddress, parseRange } from "../../src/core/address.ts";
import { readAllowance, refuseDestination, withoutRanges } from "../../src/core/destination.ts";

const NOTHING = readAllowance(undefined);
const refused = (url: string, allow?: string, own: string[] = []) => refuseDestination(url, readAllowance(allow), own);

/** Where nobody may be sent to, in every spelling that a URL knows. */
const NOT_PUBLIC = [
  "127.0.0.1",
  "127.1",
  "127.255.255.254",
  "2130706433",
  "0x7f000001",
  "0x7f.0.0.1",
  "0177.0.0.1",
  "017700000001",
  "127.0.0.1.",
  "%31%32%37.0.0.1",
  "１２７.0.0.1",
  "127。0。0。1",
  "0",
  "0.0.0.0",
  "10.0.0.1",
  "167772161",
  "0xa.1",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.0.1",
  "100.64.0.1",
  "100.127.255.255",
  "192.0.0.1",
  "192.0.2.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "[::]",
  "[::1]",
  "[0:0:0:0:0:0:0:1]",
  "[::127.0.0.1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::ffff:a00:1]",
  "[::ffff:0:10.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[64:ff9b::10.0.0.1]",
  "[64:ff9b:1::10.0.0.1]",
  "[2002:7f00:1::]",
  "[2002:a00:1::1]",
  "[2001::1]",
  "[2001:db8::1]",
  "[100::1]",
  "[fc00::1]",
  "[fd12:3456::1]",
  "[fe80::1]",
  "[fec0::1]",
  "[ff02::1]",
  "localhost",
  "localhost.",
  "LOCALHOST",
  "a.localhost",
  "router",
  "printer.local",
  "db.internal",
  "nas.lan",
  "intra.corp",
  "1.0.0.10.in-addr.arpa",
  "hidden.onion",
];

const METADATA = [
  "169.254.169.254",
  "2852039166",
  "0xa9fea9fe",
  "0251.0376.0251.0376",
  "169.254.170.2",
  "[::ffff:169.254.169.254]",
  "[::ffff:a9fe:a9fe]",
  "[fd00:ec2::254]",
  "[fd20:ce::254]",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "metadata.google.internal",
  "METADATA.google.internal.",
  "metadata",
  "instance-data",
];

describe("a destination", () => {
  it.each([
    "https://example.com/hooks",
    "https://example.com:8443/hooks?a=1#b",
    "https://93.184.216.34/",
    "https://[2606:4700::1111]/",
    "https://xn--bcher-kva.example/",
    "https://bücher.example/",
    "https://localhost.example.com/",
  ])("%s may be reached", (url) => {
    expect(refused(url)).toBeUndefined();
  });

  it.each(NOT_PUBLIC)("https://%s/ is not public", (host) => {
    expect(refused(`https://${host}/hook`)).toBe("not_public");
  });

  it.each(METADATA)("https://%s/ is a cloud's metadata, whatever is allowed", (host) => {
    const allow = `0.0.0.0/0,::/0,metadata,instance-data,metadata.google.internal,169.254.169.254:443,169.254.169.254`;
    expect(refused(`https://${host}/latest/`)).toBe("cloud_metadata");
    expect(refused(`https://${host}/latest/`, allow)).toBe("cloud_metadata");
    expect(refused(`http://${host}/latest/`, allow)).toBe("cloud_metadata");
  });

  it.each(["[64:ff9b::169.254.169.254]", "[2002:a9fe:a9fe::]"])(
    "https://%s/ is a cloud's metadata through a translator, whatever is allowed",
    (host) => {
      expect(refused(`https://${host}/latest/`, "::/0,64:ff9b::/96,2002::/16")).toBe("cloud_metadata");
    },
  );

  it.each([
    ["http://example.com/", "not_https"],
    ["ftp://example.com/", "not_https"],
    ["file:///etc/passwd", "not_https"],
    ["javascript:alert(1)", "not_https"],
    ["data:text/plain,x", "not_https"],
    ["wss://example.com/", "not_https"],
    ["https://user:password@example.com/", "has_credentials"],
    ["https://user@example.com/", "has_credentials"],
    ["https://:password@example.com/", "has_credentials"],
    ["https://example.com@127.0.0.1/", "has_credentials"],
    ["example.com/hooks", "not_a_url"],
    ["//example.com/hooks", "not_a_url"],
    ["", "not_a_url"],
    ["https://", "not_a_url"],
    ["https://exa mple.com/", "not_a_url"],
    ["https://999.999.999.999/", "not_a_url"],
  ])("%s is refused as %s", (url, fault) => {
    expect(refused(url)).toBe(fault);
  });

  it.each(["https://localhost../", "https://metadata.google.internal../", "https://db.internal../"])(
    "%s is no public name, however many dots end it",
    (url) => {
      expect(refused(url)).toBeDefined();
    },
  );
});

describe("the gateway itself", () => {
  const own = ["https://gateway.example", "http://localhost:8787"];

  it.each([
    "https://gateway.example/in/seon",
    "https://GATEWAY.example:443/",
    "http://localhost:8787/in/seon",
    "https://gateway.example./in/seon",
  ])("%s is no destination", (url) => {
    expect(refused(url, "localhost", own)).toBe("own_origin");
  });

  it("is not its neighbour", () => {
    expect(refused("https://gateway.example:8443/", undefined, own)).toBeUndefined();
    expect(refused("https://www.gateway.example/", undefined, own)).toBeUndefined();
  });
});

describe("EGRESS_ALLOW", () => {
  it.each<[string, string, boolean]>([
    ["localhost", "http://localhost:9000/", true],
    ["localhost", "https://localhost/", true],
    ["localhost", "http://localhost./", true],
    ["localhost", "http://a.localhost/", false],
    [" LocalHost , other", "http://localhost/", true],
    ["localhost:9000", "http://localhost:9000/", true],
    ["localhost:9000", "http://localhost:9001/", false],
    ["localhost:80", "http://localhost/", true],
    ["localhost:443", "https://localhost/", true],
    ["localhost:443", "http://localhost/", false],
    ["127.0.0.1", "http://127.0.0.1:9000/", true],
    ["127.0.0.1", "http://2130706433/", true],
    ["127.0.0.1", "http://127.0.0.2/", false],
    ["127.0.0.1:9000", "http://127.0.0.1:9000/", true],
    ["127.0.0.1:9000", "http://127.0.0.1:9001/", false],
    ["10.0.0.0/8", "http://10.255.0.1/", true],
    ["10.0.0.0/8", "http://11.0.0.1/", false],
    ["10.0.0.0/8", "http://[::ffff:10.0.0.1]/", true],
    ["::1", "http://[::1]:9000/", true],
    ["[::1]", "http://[::1]:9000/", true],
    ["[::1]:9000", "http://[::1]:9000/", true],
    ["[::1]:9000", "http://[::1]:9001/", false],
    ["fd00::/8", "http://[fd12::1]/", true],
    ["sub.internal.example", "http://sub.internal.example/", true],
    ["", "http://localhost/", false],
    [",,", "http://localhost/", false],
    ["*", "http://localhost/", false],
  ])("%j and %s: %s", (allow, url, isAllowed) => {
    expect(refused(url, allow) === undefined).toBe(isAllowed);
  });

  it("opens no URL with credentials and no other protocol", () => {
    expect(refused("http://user:pw@localhost/", "localhost")).toBe("has_credentials");
    expect(refused("ftp://localhost/", "localhost")).toBe("not_https");
  });

  it("unset allows nothing", () => {
    expect(NOTHING).toEqual({ hosts: new Set(), ranges: [] });
  });
});

describe("EGRESS_ALLOW for a URL that the operator has not written", () => {
  it.each<[string, string, boolean]>([
    ["localhost", "http://localhost:9000/", true],
    ["localhost:9000", "http://localhost:9000/", true],
    ["localhost:9000", "http://localhost:9001/", false],
    ["127.0.0.1", "http://127.0.0.1:9000/", true],
    ["127.0.0.1:9000", "http://127.0.0.1:9000/", true],
    ["127.0.0.1/32", "http://127.0.0.1:9000/", true],
    ["::1", "http://[::1]:9000/", true],
    ["[::1]", "http://[::1]:9000/", true],
    ["::1/128", "http://[::1]:9000/", true],
    ["127.0.0.0/8", "http://127.0.0.1/", false],
    ["10.0.0.0/31", "http://10.0.0.0/", false],
    ["10.0.0.0/8", "https://10.0.0.0/", false],
    ["10.0.0.0/8,10.0.0.1", "http://10.0.0.1/", true],
    ["10.0.0.0/8,10.0.0.1", "http://10.0.0.2/", false],
    ["::/0", "http://[::1]/", false],
    ["0.0.0.0/0", "http://127.0.0.1/", false],
    ["0.0.0.0/0", "http://example.com/", false],
  ])("%j and %s: %s", (allow, url, isAllowed) => {
    expect(refuseDestination(url, withoutRanges(readAllowance(allow))) === undefined).toBe(isAllowed);
  });
});

describe("an address or a range", () => {
  it.each(["1", "0x7f.1", "127.1", "010.0.0.1", "256.0.0.1", "::g", "", "example.com", "1.2.3.4/8"])(
    "%j is no address",
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  it.each(["10.0.0.0/33", "10.0.0.0/-1", "::/129", "example.com/8", "", "/8", "10.0.0.0/8/8", "10.0.0.0/ 8"])(
    "%j is no range",
    (text) => {
      expect(parseRange(text)).toBeUndefined();
    },
  );

  it.each(["10/8", "192.168/16", "010.0.0.0/8", "0xa.0.0.0/8", "167772160/8"])(
    "%j is no range: it would be read as another one than is meant",
    (text) => {
      expect(parseRange(text)).toBeUndefined();
    },
  );

  it.each<[string, string, boolean]>([
    ["192.0.2.0/24", "192.0.2.255", true],
    ["192.0.2.0/24", "192.0.3.0", false],
    ["192.0.2.77/24", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["192.0.2.0/24", "::ffff:192.0.2.1", true],
    ["::ffff:192.0.2.1", "192.0.2.1", true],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:DB8::/32", "2001:db9::1", false],
    ["::/0", "2001:db8::1", true],
  ])("%s holds %s: %s", (range, address, isHeld) => {
    const [parsedRange, parsedAddress] = [parseRange(range), parseAddress(address)];
    if (!parsedRange || !parsedAddress) throw new Error("expected both to be read");
    expect(isInRange(parsedAddress, parsedRange)).toBe(isHeld);
  });

  it("is public or not", () => {
    const verdicts = ["8.8.8.8", "2606:4700::1", "10.0.0.1", "::1"].map((text) => {
      const address = parseAddress(text);
      return address && isPublic(address);
    });
    expect(verdicts).toEqual([true, true, false, false]);
  });
});

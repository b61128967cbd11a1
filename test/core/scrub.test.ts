import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dropCredentials, isCredentialAt, scrubUrls } from "../../src/core/scrub.ts";

const scrubbed = (value: string) => scrubUrls({ value })["value"];

describe("the user in a URL", () => {
  it.each([
    ["https://user:MARKER@h.example/x", "https://h.example/x"],
    ["https://MARKER@h.example", "https://h.example"],
    ["HTTP://user:MARKER@h.example:8443/x?k=MARKER", "HTTP://h.example:8443/x"],
    ["https://user:p@MARKER@h.example/x@y", "https://h.example/x@y"],
    ["https:///user:MARKER@h.example/x", "https:///h.example/x"],
    ["https://\n/user:MARKER@h.example/x", "https://\n/h.example/x"],
    ["https://user\n:MARKER@h.example/x", "https://h.example/x"],
    ["https://\\user:MARKER@h.example\\x@y", "https://\\h.example\\x@y"],
    ["https://h.example/mail@x.example", "https://h.example/mail@x.example"],
    ["https://h.example?mail=a@MARKER", "https://h.example"],
    ["mail a@x.example", "mail a@x.example"],
    ["https://h.example", "https://h.example"],
  ])("is gone from %j", (before, after) => {
    expect(scrubbed(before)).toBe(after);
  });

  it("is gone as whoever reads URLs would find it, in a text and in a name", () => {
    const part = fc.stringMatching(/^[a-z@:%\t\n]{0,12}$/);
    const slashes = fc.stringMatching(/^[/\\\n\t]{0,4}$/);
    const property = fc.property(slashes, part, part, (more, user, path) => {
      const url = `https://${more}${user}:MARKER@h.example/${path}`;
      const parsed = URL.parse(url);
      fc.pre(parsed?.password.includes("MARKER") === true);
      expect(JSON.stringify(scrubUrls({ [`see ${url} now`]: url }))).not.toContain("MARKER");
    });
    fc.assert(property, { seed: 20_261_120, numRuns: 500 });
  });
});

describe("the name of a field", () => {
  it("is scrubbed like a text", () => {
    expect(scrubUrls({ "https://h.example/x?k=MARKER": 1, plain: 2 })).toEqual({ "https://h.example/x": 1, plain: 2 });
  });
});

describe("a credential", () => {
  it.each(
    "access_token refreshToken token tokens.0 n.apiKey X-Api-Key api_key client_secret password Authorization session.jwt cookie secret.value private_key".split(
      " ",
    ),
  )("is known by its name: %s", (path) => {
    expect(isCredentialAt(path)).toBe(true);
  });

  it.each(
    "status token_type tokenized keys monkey document.number passport secretary authorizationStatus key a.expires_in".split(
      " ",
    ),
  )("is not seen where none is: %s", (path) => {
    expect(isCredentialAt(path)).toBe(false);
  });

  it("is gone with all that is in it, wherever it stands", () => {
    const value = {
      a: [{ password: "MARKER", b: 1 }],
      authorization: { scheme: "MARKER" },
      access_token: "MARKER",
      n: null,
    };
    expect(dropCredentials(value)).toEqual({ a: [{ b: 1 }], n: null });
  });
});

describe("a text that was made to be slow", () => {
  it.each([
    "https://",
    "https:///@",
    "https://\n",
    "https:// ",
    "@",
    "https://a:",
    "http",
    "https://a@?",
    "https://\\\t/",
  ])("is gone over once: %j again and again", (part) => {
    const text = part.repeat(Math.ceil(4_000_000 / part.length));
    const { elapsed } = timed(() => scrubUrls({ text, after: `https://${text}` }));
    expect(elapsed).toBeLessThan(2000);
  });

  function timed(run: () => unknown): { elapsed: number } {
    const start = Date.now();
    run();
    return { elapsed: Date.now() - start };
  }
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTraceparent, spanOf, traceOf, writeTraceparent } from "../../src/core/trace.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const OWN = "5d41402abc4b2a76b9719d911017c592";
const GIVEN = `00-${ID}-${SPAN}-01`;

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
const somethingHex = (length: number) => hex(length).filter((text) => /[^0]/.test(text));

describe("a traceparent", () => {
  it.each([
    ["as the specification has it", GIVEN, { id: ID, flags: "01" }],
    ["not sampled", `00-${ID}-${SPAN}-00`, { id: ID, flags: "00" }],
    ["with flags that nobody knows", `00-${ID}-${SPAN}-ff`, { id: ID, flags: "03" }],
    ["of a later version", `cc-${ID}-${SPAN}-01`, { id: ID, flags: "01" }],
    ["of a later version with more to it", `cc-${ID}-${SPAN}-01-what-is-to-come`, { id: ID, flags: "01" }],
  ])("%s is continued", (_name, header, trace) => {
    expect(readTraceparent(header)).toEqual(trace);
  });

  it.each([
    ["absent", undefined],
    ["empty", ""],
    ["of the forbidden version", `ff-${ID}-${SPAN}-01`],
    ["of this version with more to it", `${GIVEN}-more`],
    ["without a trace", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["without a parent", `00-${ID}-${"0".repeat(16)}-01`],
    ["in capitals", GIVEN.toUpperCase()],
    ["too short", GIVEN.slice(0, -1)],
    ["with something before it", ` ${GIVEN}`],
    ["two of them", `${GIVEN}, ${GIVEN}`],
    ["a person's name", "Ana Sample"],
  ])("that is %s starts a trace of the receipt's own", (_name, header) => {
    expect(traceOf(`rcp_${OWN}`, header)).toEqual({ id: OWN, flags: "01" });
  });

  it("that is written is read as the same trace, whatever the trace", () => {
    fc.assert(
      fc.property(somethingHex(32), somethingHex(16), fc.constantFrom("00", "01", "02", "03"), (id, span, flags) => {
        expect(readTraceparent(writeTraceparent({ id, flags }, span))).toEqual({ id, flags });
      }),
      { seed: 7 },
    );
  });

  it("never brings anything but hex digits into a record", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          hex(40).map((text) => `00-${text}`),
        ),
        (header) => {
          expect(traceOf(`rcp_${ID}`, header).id).toMatch(/^[0-9a-f]{32}$/);
        },
      ),
      { seed: 7 },
    );
  });
});

describe("a span", () => {
  it("is of one unit of work, and of no other", async () => {
    const spans = await Promise.all([
      spanOf("dlv_1", "1"),
      spanOf("dlv_1", "1"),
      spanOf("dlv_1", "2"),
      spanOf("dlv_11", ""),
    ]);
    expect(spans[0]).toBe(spans[1]);
    expect(new Set(spans).size).toBe(3);
    for (const span of spans) expect(span).toMatch(/^[0-9a-f]{16}$/);
  });
});

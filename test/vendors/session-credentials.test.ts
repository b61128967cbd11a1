/** What a vendor signs its links with opens them for whoever reads it: it is asked with, and told to nobody. */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { incode } from "../../src/vendors/incode/adapter.ts";
import { incodeSession } from "../../src/vendors/incode/session.ts";
import { regula } from "../../src/vendors/regula/adapter.ts";
import { regulaSession } from "../../src/vendors/regula/session.ts";
import { toVendorData } from "../../src/vendors/vendor-data.ts";
import { unico } from "../../src/vendors/unico/adapter.ts";
import { unicoSession } from "../../src/vendors/unico/session.ts";
import { run, SESSION_OPTIONS, unreadOf, type Answers } from "./session-reading.ts";

const SECRET = "s3cret";
const SIGNED = `X-Amz-Signature=${SECRET}`;

/** The forms in which a link may stand where a name should. */
const LINKS = [
  `https://storage.example/front.jpg?${SIGNED}`,
  `https://user:${SECRET}@storage.example/front.jpg`,
  `/api/files/front.jpg?${SIGNED}`,
  `ID front.jpg?${SIGNED}`,
  `front.jpg?${SIGNED}&more=1 (2)`,
];

const readRegula = (answers: Answers) => {
  const payload = { sessionId: "s" };
  const statement = unreadOf(regula.normalize, payload);
  return run(regulaSession.read({ statement, payload, isProven: true }, SESSION_OPTIONS), answers).read;
};

/** Everything that a reading makes known; the requests themselves are sent to the vendor only. */
const toldBy = ({ statement, vendorData, files }: ReturnType<typeof readRegula>) =>
  JSON.stringify([statement, vendorData, files.map((file) => ({ ...file, request: undefined }))]);

describe.each(LINKS)("a link where a name should be: %s", (link) => {
  const forms: [string, JsonObject][] = [
    ["a file's names", { files: [{ id: link, name: link, action: link, type: link, contentType: link, url: "/f" }] }],
    ["a file's URL alone", { files: [{ url: link }] }],
    ["a file that has no URL", { files: [{ id: link }, { name: link }, { action: link }] }],
    ["a key of files", { files: { [link]: { url: "/f" } } }],
    ["a key of URLs", { files: { [link]: link, photos: [link], more: { name: link } } }],
    ["properties", { properties: { DOC_PHOTO: { url: link, name: link, contentType: link }, [link]: link } }],
    ["a list of properties", { properties: [{ id: link, value: link }] }],
    ["a status", { status: link, workflow: { id: link } }],
  ];

  it.each(forms)("is told without what signs it, in Regula's session: %s", (_form, session) => {
    expect(toldBy(readRegula({ "/api/sessions/": { status: 2, ...session } }))).not.toContain(SECRET);
  });

  it("is told without what signs it, in a Document Reader's result", () => {
    const fieldList = [
      { fieldType: 8, value: link },
      { fieldType: 24, fieldName: link, valueList: [{ value: link }] },
    ];
    const result = { ContainerList: { List: [{ Text: { fieldList } }] } };
    const file = { id: "DOCREADER_SCENARIO", contentType: "application/json", url: "/api/files/result" };
    expect(toldBy(readRegula({ "/api/sessions/": { status: 2, result } }))).not.toContain(SECRET);
    const fetched = readRegula({ "/api/sessions/": { status: 2, files: [file] }, "/api/files/": result });
    expect(fetched.statement.person?.familyName).toBeDefined();
    expect(toldBy(fetched)).not.toContain(SECRET);
  });

  it("is told without what signs it, in Unico's process", () => {
    const payload = { processId: "p", state: "PROCESS_STATE_FINISHED" };
    const statement = unreadOf(unico.normalize, payload);
    const document = { doc_id: link, signed_url: link, doc: { code: link, data: { nome: link, [link]: link } } };
    const process = { state: link, flow: link, services: { documents: [document, { signed_url: link }] } };
    for (const contract of ["websdk", "api"] as const) {
      const options = { ...SESSION_OPTIONS, contract };
      const reading = unicoSession.read({ statement, payload, isProven: true }, options);
      expect(toldBy(run(reading, { "/client/": { process }, "/processes/": process }).read)).not.toContain(SECRET);
    }
  });

  it("is told without what signs it, in Incode's answers", () => {
    const payload = { interviewId: "i" };
    const statement = unreadOf(incode.normalize, payload);
    const answer = { overall: { status: link }, section: { key: link, value: link }, name: link, [link]: link };
    const reading = incodeSession.read({ statement, payload, isProven: false }, SESSION_OPTIONS);
    expect(toldBy(run(reading, { "": answer }).read)).not.toContain(SECRET);
  });
});

describe("a signed URL", () => {
  it("is still what is asked with", () => {
    const url = `https://storage.example/f?${SIGNED}`;
    const { files } = readRegula({ "/api/sessions/": { status: 2, files: [{ id: "f", url }] } });
    expect(files[0]?.request.url).toBe(url);
  });
});

describe("what is no URL", () => {
  it.each(["what? yes", "a=b", "really?", "a ? b = c", "Ana Sample?", "5 = 5? yes"])("stays: %j", (text) => {
    expect(toVendorData({ text })).toEqual({ text });
  });

  it("is gone over once, however it was made", () => {
    for (const part of ["?", "?a ", "? =", "a?b=c ", "A"]) {
      const text = part.repeat(4_000_000 / part.length);
      const start = Date.now();
      toVendorData({ text, other: `${text}!` });
      expect(Date.now() - start).toBeLessThan(2000);
    }
  });
});

/** What subscribers answered can be read again, and a single answer can be taken out, whoever else takes out others at the same time. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { Unavailable } from "../../src/core/unavailable.ts";
import { createAnswerStore } from "../../src/stores/answers.ts";
import { brokenR2, faulty, hangs } from "../faults.ts";

const PLACE = "2026-02-03/holder";
const store = createAnswerStore(env.ARCHIVE);
const names = Array.from({ length: 20 }, (_, index) => `dlv_${index}.1`);
const referenceOf = (name: string, place = PLACE) => `${place}/${name}`;
const textsOf = async (references: readonly string[]) => [...(await store.read(references)).values()];
const keys = async () => (await env.ARCHIVE.list({ prefix: "answers/" })).objects.map(({ key }) => key);

beforeEach(async () => {
  await reset();
  await store.write(PLACE, Object.fromEntries(names.map((name) => [name, `says ${name}`])));
});

describe("answers", () => {
  it("are read by their references, from one object or several", async () => {
    await store.write("2026-02-04/other", { "dlv_a.2": "says a" });
    const wanted = [referenceOf("dlv_3.1"), referenceOf("dlv_a.2", "2026-02-04/other")];
    const found = await store.read([...wanted, referenceOf("dlv_99.1"), referenceOf("dlv_0.1", "2026-02-05/none")]);
    expect([...found]).toEqual([
      [wanted[0], "says dlv_3.1"],
      [wanted[1], "says a"],
    ]);
    expect(await keys()).toEqual(["answers/2026-02-03/holder.json", "answers/2026-02-04/other.json"]);
  });

  it("are taken out one by one, and the others stay", async () => {
    const [first = "", second = "", third = ""] = names.map((name) => referenceOf(name));
    await store.forget([first, second]);
    await store.forget([first]);
    expect(await textsOf([first, second, third])).toEqual(["says dlv_2.1"]);
    expect(await (await env.ARCHIVE.get("answers/2026-02-03/holder.json"))?.text()).not.toContain("dlv_0.1");
  });

  it("are all gone where all are taken out at once, and so is their object", async () => {
    await Promise.all(names.map((name) => store.forget([referenceOf(name)])));
    expect(await keys()).toEqual([]);
    await store.forget(names.map((name) => referenceOf(name)));
  });

  it("are still there, and nobody is told otherwise, where the archive fails", async () => {
    const failing = createAnswerStore(brokenR2(env.ARCHIVE));
    await expect(failing.forget([referenceOf("dlv_0.1")])).rejects.toThrow(Unavailable);
    expect(await textsOf([referenceOf("dlv_0.1")])).toEqual(["says dlv_0.1"]);
  });

  it("keep nobody waiting for an archive that hangs", async () => {
    const hanging = createAnswerStore(faulty(env.ARCHIVE, { put: hangs }));
    await expect(hanging.write(PLACE, {})).rejects.toThrow(Unavailable);
  });
});

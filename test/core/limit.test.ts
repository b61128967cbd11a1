import { describe, expect, it } from "vitest";
import { mapFairly } from "../../src/core/limit.ts";

/** Items are a group's letter; every piece of work waits until it is let go. */
function work(items: string, limits: { width?: number; share?: number; most?: Readonly<Record<string, number>> } = {}) {
  const { width = 5, share = 2, most = {} } = limits;
  const running: { group: string; finish(): void }[] = [];
  const done = mapFairly(
    [...items],
    { width, share, groupOf: (item) => item, mostOf: (group) => most[group] ?? width },
    (group) =>
      new Promise<string>((resolve) => {
        const entry = {
          group,
          finish() {
            running.splice(running.indexOf(entry), 1);
            resolve(group.toLowerCase());
          },
        };
        running.push(entry);
      }),
  );
  const letGo = async (group: string) => {
    running.find((each) => each.group === group)?.finish();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  const inFlight = () =>
    running
      .map(({ group }) => group)
      .sort()
      .join("");
  return { done, letGo, inFlight };
}

describe("work in groups", () => {
  it("of one that hangs takes no more than its share while others wait", async () => {
    const { letGo, inFlight } = work("AAAAAAAABBBBCC");
    expect(inFlight()).toBe("AABBC");
    for (const [group, expected] of [
      ["B", "AABBC"],
      ["C", "AABBC"],
      ["C", "AABB"],
      ["B", "AAABB"],
      ["B", "AAAAB"],
      ["B", "AAAAA"],
    ] as const) {
      await letGo(group);
      expect(inFlight()).toBe(expected);
    }
  });

  it("takes all there is where nobody else waits", () => {
    expect(work("AAAAAAAA").inFlight()).toBe("AAAAA");
  });

  it("never takes more than the group may have, even alone", async () => {
    const { letGo, inFlight } = work("AAAAB", { most: { A: 1 } });
    expect(inFlight()).toBe("AB");
    await letGo("B");
    expect(inFlight()).toBe("A");
  });

  it("ends with each result in its item's place", async () => {
    const { done, letGo, inFlight } = work("ABABAAB");
    while (inFlight() !== "") await letGo(inFlight().slice(-1));
    expect((await done).join("")).toBe("ababaab");
  });

  it("fails as soon as any of it fails", async () => {
    const failing = mapFairly(["a", "b"], { width: 1, share: 1, groupOf: (item) => item, mostOf: () => 1 }, (item) =>
      item === "a" ? Promise.reject(new Error("no")) : Promise.resolve(item),
    );
    await expect(failing).rejects.toThrow("no");
  });
});

/** What strangers have written does nothing to a terminal, and a pipe carries nothing but data. */
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { createMeter, progressLine } from "../../src/cli/meter.ts";
import { jsonLine, plain } from "../../src/cli/plain.ts";
import { createPrinter, type PrinterOptions } from "../../src/cli/printer.ts";
import { headings, layOut, styled } from "../../src/cli/table.ts";

const HOSTILE = "\u001b[2Jsession\u009b31m\r\n\u202eid";

async function printed(
  options: PrinterOptions,
  print: (printer: ReturnType<typeof createPrinter>) => void,
  isTTY = false,
) {
  const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY })];
  print(createPrinter({ stdout, stderr }, options));
  stdout.end();
  stderr.end();
  return { stdout: await text(stdout), stderr: await text(stderr) };
}

describe("a stranger's text", () => {
  it("keeps its letters and loses what a terminal would obey", () => {
    expect(plain(HOSTILE)).toBe("\ufffd[2Jsession\ufffd31m\ufffd\ufffd\ufffdid");
  });

  it("is JSON that can be read back, in one line without such characters", () => {
    const line = jsonLine({ id: HOSTILE });
    expect(JSON.parse(line)).toEqual({ id: HOSTILE });
    expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});

describe("a table", () => {
  it("lines up, and ends no line with blanks", () => {
    const rows = layOut(
      [headings("name", "state", ""), ["a", styled("red", "dead"), undefined], ["longer", "ok", HOSTILE]],
      (_style, cell) => cell,
    );
    expect(rows).toEqual(["NAME    STATE", "a       dead", `longer  ok     ${plain(HOSTILE)}`]);
  });
});

describe("output", () => {
  it("is data on stdout and everything else on stderr", async () => {
    const { stdout, stderr } = await printed({}, (printer) => {
      printer.line("data");
      printer.note("hint");
      printer.success("done");
      printer.complain("fault");
    });
    expect(stdout).toBe("data\n");
    expect(stderr).toBe("hint\n✓ done\nfault\n");
  });

  it("says no more than data and faults when it is to be quiet", async () => {
    const { stdout, stderr } = await printed({ quiet: true }, (printer) => {
      printer.line("data");
      printer.note("hint");
      printer.complain("fault");
    });
    expect([stdout, stderr]).toEqual(["data\n", "fault\n"]);
  });

  it("has no colours where nobody looks", async () => {
    const { stdout } = await printed({}, ({ line, paint }) => line(paint("red", "text")));
    expect(stdout).toBe("text\n");
  });
});

describe("progress", () => {
  it("says how far, how fast, how long and how many failed", () => {
    expect(progressLine({ done: 412, of: 1204, dead: 3 }, 12_118)).toBe("412/1,204  34/s  eta 23 s  dead 3");
    expect(progressLine({ done: 0, of: 10, dead: 0 }, 0)).toBe("0/10");
    expect(progressLine({ done: 7, dead: 0 }, 1000)).toBe("7  7.0/s");
  });

  it("is a line each tenth where there is no terminal, and objects for machines", async () => {
    const run = (options: PrinterOptions) =>
      printed(options, (printer) => {
        const tell = createMeter(printer, () => 0);
        for (let done = 0; done <= 100; done++) tell({ done, of: 100, dead: 0 });
      });
    expect((await run({})).stderr.trim().split("\n")).toHaveLength(11);
    const lines = (await run({ json: true })).stderr.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { done: number }).done)).toEqual([
      0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100,
    ]);
  });
});

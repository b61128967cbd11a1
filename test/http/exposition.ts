/** A strict reader of Prometheus' text format 0.0.4: what it does not know, or finds out of place, is an error. */

export interface Family {
  name: string;
  type: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const HELP = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\]|\\\\|\\n)*$/;
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)/;
const NUMBER = /^(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)$/;

const ESCAPED: Readonly<Record<string, string>> = { n: "\n", '"': '"', "\\": "\\" };

export function parseExposition(text: string): Family[] {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const lines = text.slice(0, -1).split("\n");
  const families: Family[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.startsWith("# HELP")) {
      const name = HELP.exec(line)?.[1];
      const next = TYPE.exec(lines[index + 1] ?? "");
      if (name === undefined || next?.[1] !== name) throw new Error(`no type follows: ${line}`);
      if (families.some((each) => each.name === name)) throw new Error(`twice: ${line}`);
      families.push({ name, type: next[2] ?? "", samples: [] });
    } else if (line.startsWith("#")) {
      if (TYPE.exec(line)?.[1] !== families.at(-1)?.name) throw new Error(`out of place: ${line}`);
    } else {
      addSample(line, families.at(-1));
    }
  }
  for (const family of families.filter(({ type }) => type === "histogram")) checkHistogram(family);
  return families;
}

function addSample(line: string, family: Family | undefined): void {
  const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
  const suffixes = family?.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
  if (!family || !suffixes.some((suffix) => name === `${family.name}${suffix}`))
    throw new Error(`of no family: ${line}`);
  if (!NUMBER.test(value)) throw new Error(`no number: ${line}`);
  const sample = { name, labels: parseLabels(labels), value: Number(value.replace("Inf", "Infinity")) };
  const key = ({ name: of, labels: by }: typeof sample) =>
    JSON.stringify([of, Object.entries(by).toSorted(([left], [right]) => left.localeCompare(right))]);
  if (family.samples.some((each) => key(each) === key(sample))) throw new Error(`twice: ${line}`);
  family.samples.push(sample);
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== "";) {
    const [whole, name = "", value = ""] = LABEL.exec(rest) ?? [];
    if (whole === undefined || Object.hasOwn(labels, name)) throw new Error(`no labels: ${text}`);
    labels[name] = value.replaceAll(/\\(.)/g, (_escape, character: string) => ESCAPED[character] ?? "");
    rest = rest.slice(whole.length);
  }
  return labels;
}

function checkHistogram({ name, samples }: Family): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => Number(labels["le"]?.replace("+Inf", "Infinity")));
  const isSorted = (values: readonly number[]) => values.every((value, index) => value >= (values[index - 1] ?? value));
  if (bounds.some(Number.isNaN) || !isSorted(bounds) || bounds.at(-1) !== Number.POSITIVE_INFINITY)
    throw new Error("bounds");
  if (!isSorted(buckets.map(({ value }) => value))) throw new Error("buckets fall");
  if (buckets.at(-1)?.value !== samples.find((sample) => sample.name === `${name}_count`)?.value)
    throw new Error("count");
}

/** `npm run generate`: writes what is made from the schema of the configuration; with `--check` only says whether it is fresh. */
import { readFileSync, writeFileSync } from "node:fs";
import { documentSchema } from "../config/schema.ts";
import { filter } from "../config/subscriber-schema.ts";
import { WORDS } from "./config-words.ts";
import { condition, filterSchema } from "./filter-schema.ts";
import { createConverter, type JsonSchema } from "./json-schema-of.ts";
import { projectFolder } from "./wrangler.ts";
import { writeOnce } from "./write-once.ts";

const FILE = `${projectFolder}src/http/config-schema.ts`;

export function configSchema(): JsonSchema {
  const describe = (around: string, name: string) =>
    WORDS[`${around}.${name}`] ?? WORDS[name.includes(".") ? `${around}.*` : name] ?? WORDS[name];
  const { convert, undescribed } = createConverter({ describe, known: new Map([[filter, filterSchema]]) });
  const converted = convert(documentSchema, "");
  if (undescribed.size > 0) throw new Error(`src/cli/config-words.ts says nothing of ${[...undescribed].join(", ")}`);
  const named = { $schema: "http://json-schema.org/draft-07/schema#", title: "Gatepost configuration", ...converted };
  return writeOnce(named, new Map([[condition, "condition"]]));
}

/** A text and no object: it is served as it is, and parsed by nobody here. */
function moduleOf(schema: JsonSchema): string {
  const text = JSON.stringify(schema).replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  return `/** The JSON Schema of the configuration, made by \`npm run generate\`. */\nexport const CONFIG_SCHEMA =\n  '${text}';\n`;
}

if (import.meta.main) {
  const made = moduleOf(configSchema());
  if (!process.argv.includes("--check")) writeFileSync(FILE, made);
  else if (readFileSync(FILE, "utf8") !== made) {
    console.error("src/http/config-schema.ts is not what the schema of the configuration makes: npm run generate");
    process.exit(1);
  }
}

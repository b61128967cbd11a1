/** `gatepost sources`: where webhooks come from, what to enter there, and whether they would be taken. */
import type { Command } from "commander";
import { describe, type Act } from "../command.ts";
import { entriesOf, permissionOf, regulaAction } from "../entering.ts";
import type { Session } from "../session.ts";
import { loadSource, loadSources, type Source } from "../source.ts";
import { headings, styled, type Cell } from "../table.ts";
import { test, type TestOptions } from "./test-source.ts";

export function addSources(program: Command, act: Act): void {
  const sources = describe(program.command("sources"), "where webhooks come from");
  describe(sources.command("list"), "list the sources and how each proves itself").action(act<object, []>(list));
  describe(sources.command("show"), "say what to enter at the vendor", ["sources show seon-live"])
    .argument("<source>")
    .action(act<object, [string]>(show));
  describe(
    sources.command("test"),
    "send a signed sample from this machine, and see whether it is taken",
    ["sources test seon-live", "sources test seon-live --tampered", "sources test regula --session 7f9c2ba4"],
    [
      "The secret's value is typed unseen, or comes by standard input, since the gateway never tells it. The sample is of a session that",
      "does not exist and of an event that no vendor has; what `events` says about that name happens to it.",
    ].join(" "),
  )
    .argument("<source>")
    .option("--tampered", "change the sample after it was proven: it must be refused")
    .option("--unsigned", "send no proof: it must be refused")
    .option("--session <id>", "have this session read back from the vendor instead")
    .option("--event <name>", "the sample's event name")
    .option("--body <file>", "a body of your own, - for standard input")
    .option("--scheme <number>", "which of the source's schemes, where it has several", "1")
    .action(act<TestOptions, [string]>(test));
}

const schemeNames = ({ verify }: Source): string =>
  verify.map((each) => ("all" in each ? each.all.map(({ scheme }) => scheme).join(" + ") : each.scheme)).join(" or ");

async function list(session: Session): Promise<void> {
  const { printer } = session;
  const sources = [...(await loadSources(session)).values()];
  if (printer.isJson) {
    for (const source of sources) {
      const { name, vendor, preset, environment, enabled } = source;
      printer.record({
        name,
        vendor,
        preset,
        environment,
        enabled,
        verify: schemeNames(source),
        readsBack: source.session !== undefined,
      });
    }
    return;
  }
  if (sources.length === 0) return printer.note("no sources are configured. Begin: gatepost config push <file>");
  printer.table([
    headings("name", "vendor", "environment", "proven by", "read back", ""),
    ...sources.map((source): Cell[] => [
      styled("bold", source.name),
      source.preset ?? source.vendor,
      source.environment,
      schemeNames(source),
      source.session ? "yes" : "no",
      source.enabled ? undefined : styled("yellow", "disabled"),
    ]),
  ]);
}

async function show(session: Session, _options: object, name: string): Promise<void> {
  const { api, printer } = session;
  const source = await loadSource(session, name);
  const webhookUrl = `${api.url}/in/${name}`;
  const entries = entriesOf(source, api.url);
  const permission = permissionOf(source);
  if (printer.isJson)
    return printer.record({
      name,
      vendor: source.vendor,
      webhookUrl,
      proofs: entries.map((each) => Object.fromEntries(each)),
      permission,
    });
  printer.line(
    `${printer.paint("bold", name)}  ${source.preset ?? source.vendor}, ${source.environment}${source.enabled ? "" : ", disabled"}\n`,
  );
  const alternatives = entries.map((each, index) => [...(index > 0 ? [["or", ""] as const] : []), ...each]);
  const rows = [["webhook URL", webhookUrl] as const, ...alternatives.flat()];
  if (permission !== undefined) rows.push(["permission", permission]);
  printer.table(rows.map(([what, text]) => ["", styled("dim", what), text]));
  const header = source.verify.find((each) => "scheme" in each && each.scheme === "header");
  if (source.vendor === "regula" && header && "name" in header)
    printer.line(`\nIn the workflow:\n\n${regulaAction(webhookUrl, header.name)}`);
  printer.note(`\nTry it from here: gatepost sources test ${name}`);
}

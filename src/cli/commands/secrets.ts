/** `gatepost secrets`: values go in and never come out; a key that the gateway makes is shown once. */
import type { Command } from "commander";
import { segment } from "../api.ts";
import { describe, type Act } from "../command.ts";
import { Misuse } from "../failure.ts";
import { choice } from "../listing.ts";
import type { Session } from "../session.ts";
import { headings, styled } from "../table.ts";
import { moment } from "../times.ts";

interface Secret {
  name: string;
  version: number;
  createdAt: string;
  updatedAt: string;
}

interface MadeKey extends Secret {
  kind: string;
  value: string;
  publicKey?: string;
}

const PATH = "/api/secrets";
const KINDS = ["whsec", "whsk"] as const;

export function addSecrets(program: Command, act: Act): void {
  const secrets = describe(program.command("secrets"), "what vendors and subscribers are proven with");
  describe(secrets.command("list"), "list the secrets and who uses them; never a value").action(act(list));
  describe(
    secrets.command("set"),
    "set a secret, or a new version of it",
    ["secrets set seon-license-key", "secrets set unico-key-pem < key.pem"],
    "The value is typed unseen, or comes by standard input: a flag would leave it in the shell's history and in `ps`.",
  )
    .argument("<name>", "letters, digits, - and _")
    .action(act<object, [string]>(set));
  describe(secrets.command("delete"), "remove a secret", ["secrets delete seon-license-key"])
    .argument("<name>")
    .option("-y, --yes", "without a question")
    .action(act(remove));
  describe(
    secrets.command("generate"),
    "make a signing key, and show it this once",
    ["secrets generate decisioning-signing", "secrets generate decisioning-signing --kind whsk > key.txt"],
    "whsec signs with HMAC-SHA256, and the subscriber needs the key too; whsk signs with Ed25519, and the public half is at /keys.",
  )
    .argument("<name>")
    .addOption(choice("--kind <kind>", "which kind of key", KINDS).default("whsec"))
    .option("--replace", "in the place of one that there is")
    .action(act(generate));
}

async function list({ api, printer }: Session): Promise<void> {
  const { items } = await api.get<{ items: (Secret & { usedBy: string[] })[] }>(PATH);
  if (printer.isJson) return items.forEach((each) => printer.record(each));
  if (items.length === 0) return printer.note("no secrets are set at run time. Set one: gatepost secrets set <name>");
  printer.table([
    headings("name", "version", "updated (UTC)", "used by"),
    ...items.map(({ name, version, updatedAt, usedBy }) => [
      styled("bold", name),
      version,
      moment(updatedAt),
      usedBy.length > 0 ? usedBy.join(", ") : styled("yellow", "nobody"),
    ]),
  ]);
}

async function set({ api, printer, questions }: Session, _options: object, name: string): Promise<void> {
  const value = await questions.secret(`Value of ${name}`);
  if (value === "") throw new Misuse("the value is empty", `printf %s "$VALUE" | gatepost secrets set ${name}`);
  const { body } = await api.call<Secret>("PUT", `${PATH}/${segment(name)}`, { body: { value } });
  if (printer.isJson) return printer.record(body);
  printer.success(`${body.name} is set, version ${body.version}; in use everywhere within two minutes`);
}

async function remove({ api, printer, questions }: Session, { yes }: { yes?: true }, name: string): Promise<void> {
  if (yes !== true) {
    const { items } = await api.get<{ items: { name: string; usedBy: string[] }[] }>(PATH);
    const usedBy = items.find((each) => each.name === name)?.usedBy ?? [];
    const users = usedBy.length > 0 ? `${usedBy.join(", ")} will fail without it. ` : "";
    await questions.confirm(`${users}Remove ${name} from ${api.url}?`, "Pass --yes to remove it without a question.");
  }
  await api.call("DELETE", `${PATH}/${segment(name)}`);
  if (printer.isJson) return printer.record({ success: true, name });
  printer.success(`${name} is removed`);
}

async function generate(
  { api, printer }: Session,
  { kind, replace }: { kind: string; replace?: true },
  name: string,
): Promise<void> {
  const made = await api.post<MadeKey>(`${PATH}/${segment(name)}/generate`, { kind, ...(replace ? { replace } : {}) });
  if (printer.isJson) return printer.record(made);
  printer.line(made.value);
  printer.success(`${made.name} is made, version ${made.version}. This is the one time that it is shown.`);
  if (made.publicKey !== undefined) printer.note(`  Whoever verifies needs its public half: ${made.publicKey}`);
}

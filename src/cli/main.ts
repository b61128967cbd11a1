/** The command line as a process: its terminal, its signals, its end. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { CommanderError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { Refusal } from "./api.ts";
import { EXIT, Failure, Interrupted, Silent } from "./failure.ts";
import { jsonLine } from "./plain.ts";
import { createProgram } from "./program.ts";

const { stdin, stdout, stderr, env } = process;
const interruption = new AbortController();

/** For a last word about what goes on without us, milliseconds. */
const LAST_WORD_MS = 500;

process.once("SIGINT", () => {
  interruption.abort();
  setTimeout(() => process.exit(EXIT.interrupted), LAST_WORD_MS).unref();
});
// Whoever reads has seen enough, as `head` has.
for (const stream of [stdout, stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? EXIT.done : EXIT.failed));

const program = createProgram(
  {
    stdin,
    stdout,
    stderr,
    environment: env,
    // npm runs scripts in the project's folder, wherever its reader is.
    folder: (env["npm_lifecycle_event"] === "gatepost" ? env["INIT_CWD"] : undefined) ?? process.cwd(),
    fetch(input, init) {
      const signals = init?.signal ? [init.signal, interruption.signal] : [interruption.signal];
      return fetch(input, { ...init, signal: AbortSignal.any(signals) });
    },
    now: Date.now,
    newId: randomUUID,
    async pause(milliseconds) {
      await pause(milliseconds, undefined, { signal: interruption.signal }).catch(() => {
        throw new Interrupted("interrupted");
      });
    },
  },
  packageJson.version,
);

try {
  if (process.argv.length <= 2) stdout.write(program.helpInformation());
  else await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
if (interruption.signal.aborted) process.exitCode = EXIT.interrupted;

function exitCodeOf(error: unknown): number {
  // Its words have been written already; help that was asked for is no mistake.
  if (error instanceof CommanderError)
    return error.exitCode === 0 && error.code !== "commander.help" ? EXIT.done : EXIT.misuse;
  if (!(error instanceof Failure)) throw error;
  if (!(error instanceof Silent || error instanceof Interrupted)) tell(error);
  return error.exitCode;
}

function tell(error: Failure): void {
  if (error instanceof Refusal && program.opts<{ json?: true }>().json)
    return void stderr.write(`${jsonLine(error.problem)}\n`);
  stderr.write(`gatepost: ${error.message}\n${error.hint === undefined ? "" : `${error.hint}\n`}`);
}

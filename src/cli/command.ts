/** How a command is described, and run. */
import type { Command } from "commander";
import { notAGateway } from "./api.ts";
import { openSession, type GlobalOptions, type Session, type World } from "./session.ts";

/** A command's work: its options, then its arguments in the order of their declaration. */
export type Work<Options, Arguments extends unknown[]> = (
  session: Session,
  options: Options,
  ...given: Arguments
) => Promise<void>;

/** Makes a command do its work, with a session of its own. */
export type Act = <Options, Arguments extends unknown[]>(
  work: Work<Options, Arguments>,
) => (...given: unknown[]) => Promise<void>;

export const createAct =
  (world: World): Act =>
  (work) =>
  async (...given) => {
    const command = given.pop() as Command;
    given.pop();
    const options = command.optsWithGlobals<GlobalOptions>();
    const session = await openSession(options, world);
    await work(session, options as never, ...(given as never)).catch((error: unknown) => {
      // Answers are believed to be what the description promises; where one is not, its members are missing.
      throw error instanceof TypeError || error instanceof RangeError ? notAGateway(session.api) : error;
    });
  };

/** One line for lists of commands; examples stand before the flags, since people read those first. */
export function describe(command: Command, summary: string, examples: readonly string[] = [], more = ""): Command {
  const shown =
    examples.length === 0 ? "" : `\n\nExamples:\n${examples.map((each) => `  gatepost ${each}`).join("\n")}`;
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}`;
  return command.summary(summary).description(`${sentence}.${more === "" ? "" : `\n${more}`}${shown}`);
}

/** Of an option that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** What is asked of whoever sits at the terminal. Where nobody does, nothing is asked, and the flag that answers is named. */
import { text as readAll } from "node:stream/consumers";
import type { ReadStream } from "node:tty";
import { Failure, Interrupted, Misuse } from "./failure.ts";

export interface Questions {
  /** @param otherwise what to do where nobody can be asked */
  confirm(question: string, otherwise: string): Promise<void>;
  /** Of standard input, or typed unseen. */
  secret(question: string): Promise<string>;
  /** All of standard input. */
  input(): Promise<string>;
}

/** @param asks `false` with `--no-input` */
export function createQuestions(stdin: NodeJS.ReadStream, stderr: NodeJS.WriteStream, asks: boolean): Questions {
  const isTerminal = (stdin as Partial<ReadStream>).isTTY === true;
  // Prompts are drawn on stderr: stdout is for data. The library costs 13 ms that most commands need not wait for.
  const around = { input: stdin, output: stderr };
  let isRead = false;
  const input = async () => {
    if (isRead)
      throw new Misuse("standard input can be read once", "Only one of token, document and secret may come from it.");
    isRead = true;
    return readAll(stdin);
  };
  return {
    input,
    async confirm(question, otherwise) {
      if (!isTerminal || !asks) throw new Misuse(`this is not done without a yes`, otherwise);
      const { confirm, isCancel } = await import("@clack/prompts");
      const answer = await confirm({ ...around, message: question, initialValue: false });
      if (isCancel(answer)) throw new Interrupted("nothing was changed");
      if (!answer) throw new Failure("nothing was changed");
    },
    async secret(question) {
      if (!isTerminal) return withoutLastBreak(await input());
      if (!asks) throw new Misuse("the value is wanted on standard input", 'printf %s "$VALUE" | gatepost …');
      const { password, isCancel } = await import("@clack/prompts");
      const answer = await password({ ...around, message: question });
      if (isCancel(answer)) throw new Interrupted("nothing was changed");
      return answer;
    },
  };
}

/** That of `echo`, which is no part of the value. */
const withoutLastBreak = (text: string): string => text.replace(/\r?\n$/, "");

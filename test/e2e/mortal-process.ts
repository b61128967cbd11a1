/** The process that `mortal-worker.ts` starts and kills: a Worker with its state in a folder, and with an ear for whoever started it. */
import { startLocalWorker } from "../local-worker.ts";
import type { Question } from "./mortal-worker.ts";

// Whoever started it is gone: nothing of it may stay, workerd neither.
process.on("disconnect", () => process.kill(-process.pid, "SIGKILL"));

const [script = "", persistTo = "", variables = ""] = process.argv.slice(2);
const worker = await startLocalWorker(script, {
  variables: JSON.parse(variables) as Record<string, string>,
  persistTo,
});

async function answer(question: Question): Promise<unknown> {
  if (question.what === "sweep") return worker.scheduled();
  return worker.stores.query(question.sql);
}

process.on("message", ({ number, question }: { number: number; question: Question }) => {
  answer(question).then(
    (result) => process.send?.({ number, result }),
    (error: unknown) => process.send?.({ number, failure: String(error) }),
  );
});
process.send?.({ url: worker.url });

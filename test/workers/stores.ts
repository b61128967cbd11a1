/**
 * What stands beside a Worker on this machine and reaches into its stores, or wakes it as cron does. Miniflare's own stand-ins for
 * bindings stop Node until workerd answers; where workerd waits just then for Node to read its log, neither ever goes on.
 */
import { tracesIn } from "../traces.ts";
import type { StoresQuestion } from "./stores-question.ts";

interface StoresEnv {
  ARCHIVE: R2Bucket;
  LEDGER: D1Database;
  CONFIG: KVNamespace;
  IDEMPOTENCY: KVNamespace;
  TOKENS: KVNamespace;
  /** With the compatibility flag `service_binding_extra_handlers`, which the types do not know. */
  WORKER: { scheduled(event: { cron: string; scheduledTime: Date }): Promise<{ outcome: string }> };
}

async function answerTo(question: StoresQuestion, { ARCHIVE, LEDGER, CONFIG, IDEMPOTENCY, TOKENS, WORKER }: StoresEnv) {
  switch (question.what) {
    case "keys":
      return (await ARCHIVE.list({ prefix: question.prefix })).objects.map(({ key }) => key);
    case "object":
      return ARCHIVE.get(question.key);
    case "traces":
      return tracesIn(
        { archive: ARCHIVE, ledger: LEDGER, namespaces: { CONFIG, IDEMPOTENCY, TOKENS } },
        question.needles,
      );
    case "query": {
      const statement = LEDGER.prepare(question.sql).bind(...question.values);
      return (await statement.all()).results;
    }
    case "batch":
      return (await LEDGER.batch(question.statements.map((sql) => LEDGER.prepare(sql)))).length;
    case "sweep":
      return (await WORKER.scheduled({ cron: "* * * * *", scheduledTime: new Date() })).outcome;
  }
}

export default {
  async fetch(request, env) {
    try {
      const answer = await answerTo(await request.json<StoresQuestion>(), env);
      return answer instanceof Object && "body" in answer ? new Response(answer.body) : Response.json(answer);
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
} satisfies ExportedHandler<StoresEnv>;

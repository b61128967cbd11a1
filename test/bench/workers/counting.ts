/** Bindings that count what they are billed for; around the gateway and the floor in the benchmark only. */
import type { Operations } from "../operations.ts";

type Counted = Omit<Operations, "logRecords">;

const none = (): Counted => ({
  requests: 0,
  r2A: 0,
  r2B: 0,
  kvReads: 0,
  kvWrites: 0,
  queueWrites: 0,
  queueReads: 0,
  queueDeletes: 0,
  d1Queries: 0,
  d1RowsRead: 0,
  d1RowsWritten: 0,
});

let operations = none();

const BY_METHOD: Readonly<Record<string, Readonly<Record<string, keyof Counted>>>> = {
  R2Bucket: { put: "r2A", list: "r2A", createMultipartUpload: "r2A", get: "r2B", head: "r2B" },
  KvNamespace: { get: "kvReads", getWithMetadata: "kvReads", put: "kvWrites", delete: "kvWrites", list: "kvWrites" },
};
const QUEUE_UNIT_BYTES = 64_000;

function queueUnits(body: unknown): number {
  return Math.max(1, Math.ceil(JSON.stringify(body).length / QUEUE_UNIT_BYTES));
}

function countMethods(target: object, methods: Readonly<Record<string, keyof Counted>>): object {
  return replaceMethods(target, (name, call) => {
    const operation = methods[name];
    return (...given: unknown[]) => {
      if (operation) operations[operation]++;
      return call(...given);
    };
  });
}

type Call = (...given: unknown[]) => unknown;

function replaceMethods(target: object, replace: (name: string, call: Call) => Call): object {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name);
      return typeof member === "function" && typeof name === "string"
        ? replace(name, (...given) => Reflect.apply(member, object, given))
        : member;
    },
  });
}

function countQueue(queue: Queue): object {
  return replaceMethods(queue, (name, call) => (...given) => {
    if (name === "send") operations.queueWrites += queueUnits(given[0]);
    if (name === "sendBatch")
      for (const { body } of given[0] as { body: unknown }[]) operations.queueWrites += queueUnits(body);
    return call(...given);
  });
}

function countRows<T extends D1Result>(result: T): T {
  operations.d1RowsRead += result.meta.rows_read;
  operations.d1RowsWritten += result.meta.rows_written;
  return result;
}

const bare = new WeakMap<object, D1PreparedStatement>();

function countStatement(statement: D1PreparedStatement): D1PreparedStatement {
  const counting = {
    bind: (...values: unknown[]) => countStatement(statement.bind(...values)),
    run: async () => countQuery(await statement.run()),
    all: async () => countQuery(await statement.all()),
    first: async () => countQuery(await statement.all()).results[0] ?? null,
  } as unknown as D1PreparedStatement;
  bare.set(counting, statement);
  return counting;
}

function countQuery<T extends D1Result>(result: T): T {
  operations.d1Queries++;
  return countRows(result);
}

function countDatabase(database: D1Database): object {
  return {
    prepare: (sql: string) => countStatement(database.prepare(sql)),
    async batch(statements: D1PreparedStatement[]) {
      operations.d1Queries++;
      const results = await database.batch(statements.map((each) => bare.get(each) ?? each));
      return results.map(countRows);
    },
    exec: (sql: string) => database.exec(sql),
  };
}

function countBinding(binding: unknown): unknown {
  if (typeof binding !== "object" || binding === null) return binding;
  const methods = BY_METHOD[binding.constructor.name];
  if (methods) return countMethods(binding, methods);
  if (binding.constructor.name === "WorkerQueue") return countQueue(binding as Queue);
  return "prepare" in binding ? countDatabase(binding as D1Database) : binding;
}

const countBindings = <Env extends object>(env: Env): Env =>
  Object.fromEntries(Object.entries(env).map(([name, binding]) => [name, countBinding(binding)])) as Env;

function countMessages(batch: MessageBatch): MessageBatch {
  const messages = batch.messages.map((message) => {
    const units = queueUnits(message.body);
    operations.queueReads += units;
    const ack = () => {
      operations.queueDeletes += units;
      message.ack();
    };
    const { id, body, attempts, timestamp } = message;
    return { id, body, attempts, timestamp, ack, retry: (options?: QueueRetryOptions) => message.retry(options) };
  });
  const ackAll = () => {
    for (const message of messages) message.ack();
  };
  return { queue: batch.queue, messages, ackAll, retryAll: batch.retryAll.bind(batch), metadata: batch.metadata };
}

/** The same Worker, counted. `POST /operations` answers with what was counted since the last time, and starts anew. */
export function counted<Env extends object>(worker: ExportedHandler<Env>): ExportedHandler<Env> {
  return {
    fetch(request, env, context) {
      if (new URL(request.url).pathname === "/operations") {
        const answer = Response.json(operations);
        operations = none();
        return answer;
      }
      operations.requests++;
      return worker.fetch?.(request, countBindings(env), context) ?? new Response(null, { status: 404 });
    },
    async queue(batch, env, context) {
      operations.requests++;
      await worker.queue?.(countMessages(batch), countBindings(env), context);
    },
  };
}

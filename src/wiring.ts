/** The composition root: bindings to dependencies. The only file that knows everything. */
import { ulid } from "ulid";
import { createConfigLoader } from "./config/load.ts";
import type { SecretRef } from "./config/config.ts";
import { consume, type QueueMessage } from "./core/consume.ts";
import { readAllowance } from "./core/destination.ts";
import { queueOf } from "./core/tasks.ts";
import { createDeliverLane } from "./deliver/lane.ts";
import { obtainToken } from "./egress/obtain-token.ts";
import { post } from "./egress/post.ts";
import { createTokenKeeper } from "./egress/token-keeper.ts";
import { FILE_MS, IDLE_MS, readJsonBody, withTimeouts } from "./egress/vendor-body.ts";
import { discard, fetchFromVendor } from "./egress/vendor-fetch.ts";
import { RESERVED_NAMES, workerSecret, type GatewayEnv } from "./env.ts";
import { isSignedIn } from "./http/admin.ts";
import { createRoutes, type RouteDeps } from "./http/routes.ts";
import type { Clock, IsolateMemory } from "./isolate.ts";
import type { Log } from "./observe/log.ts";
import { createProcessLane } from "./process/lane.ts";
import { createVault } from "./stores/crypto.ts";
import { createDeadLetterStore } from "./stores/dead-letters.ts";
import { createDocumentStore } from "./stores/documents.ts";
import { createEventStore } from "./stores/events.ts";
import { createFileStore } from "./stores/files.ts";
import { createIdempotencyStore } from "./stores/idempotency.ts";
import { createLedger } from "./stores/ledger/ledger.ts";
import { createObtainedTokenStore } from "./stores/obtained-tokens.ts";
import { createQueueStore } from "./stores/queues.ts";
import { createReceiptStore } from "./stores/receipts.ts";
import { createSecretStore } from "./stores/secrets.ts";
import { createTokenStore } from "./stores/tokens.ts";
import { findAmiss } from "./sweep/findings.ts";
import { sweep, type Swept } from "./sweep/sweep.ts";

export const VERSION = "0.1.0";

export interface Wiring {
  env: GatewayEnv;
  memory: IsolateMemory;
  clock: Clock;
  log: Log;
  /** Work that runs on after an answer. */
  afterwards(work: Promise<unknown>): void;
}

const RECONCILE_AFTER_SECONDS = 300;

const routes = createRoutes();

export function wire({ env, memory, clock, log, afterwards }: Wiring) {
  const allowance = (memory.allowance ??= readAllowance(env.EGRESS_ALLOW));
  const publicUrl = env.PUBLIC_URL ? new URL(env.PUBLIC_URL).origin : undefined;
  const publicOrigins = publicUrl === undefined ? [] : [publicUrl];
  const vault = createVault(env.MASTER_KEY, env.MASTER_KEY_PREVIOUS);
  const documents = createDocumentStore(env.CONFIG);
  const loader = createConfigLoader({
    documents,
    allowance,
    memory: memory.config,
    afterwards,
    reportInvalid: () => log({ stage: "config", outcome: "invalid", reason: "an older document is used" }),
  });
  const secrets = createSecretStore(env.CONFIG, vault, (name) => workerSecret(env, name), memory.secrets);
  const tokens = createTokenStore(env.TOKENS, memory.revocations);
  const receipts = createReceiptStore(env.ARCHIVE);
  const idempotency = createIdempotencyStore(env.IDEMPOTENCY);
  const events = createEventStore(env.ARCHIVE);
  const queues = createQueueStore(
    { inbound: env.INBOUND, sessions: env.SESSIONS, deliveries: env.DELIVERIES, retries: env.RETRIES },
    env.ARCHIVE,
  );
  const ledger = createLedger(env.LEDGER, memory.schema);
  const deadLetters = createDeadLetterStore(env.ARCHIVE);
  const files = createFileStore(env.ARCHIVE);
  const keeper = createTokenKeeper({
    memory: memory.tokens,
    store: createObtainedTokenStore(env.TOKENS, vault),
    now: clock.now,
    pause: clock.pause,
  });

  const config = () => loader.load(clock.now());
  const telling = { config, subscribers: ledger.subscribers, notices: ledger.notices, events, queues };
  const secret = (ref: SecretRef) => secrets.read(ref.secret, clock.now());
  const sequence = (now: number) => ulid(now, clock.random);
  /** A limiter that fails lets everybody on to the real check. */
  const isRefusedTooOften = async (key: string) => {
    const verdict = await env.REFUSALS?.limit({ key }).catch(() => undefined);
    return verdict?.success === false;
  };

  function routeDeps(request: Request): RouteDeps {
    const now = clock.now();
    const { origin } = new URL(request.url);
    return {
      version: VERSION,
      publicUrl: publicUrl ?? origin,
      log,
      receive: {
        config,
        verifying: { now, secret, tokenKeys: vault.tokenKeys, isRevoked: (id) => tokens.isRevoked(id, now) },
        isRefusedTooOften,
        sequence,
        publicUrl,
        receipts,
        idempotency,
        queues,
        afterwards,
      },
      token: {
        config,
        secret,
        tokenKeys: vault.tokenKeys,
        record: tokens.record,
        isRefusedTooOften,
        newTokenId: clock.uniqueId,
        now,
        afterwards,
        log,
      },
      admin: { adminToken: env.ADMIN_TOKEN, isRefusedTooOften },
      config: {
        documents,
        adopt: (text, accepted) => loader.adopt(text, accepted, now),
        allowance,
        ownOrigins: [origin, ...publicOrigins],
      },
      secrets: {
        secrets: {
          write: (name, value) => secrets.write(name, value, now),
          remove: (name) => secrets.remove(name, now),
          list: secrets.list,
        },
        document: async () => parseOrNothing(await documents.current()),
        reservedNames: RESERVED_NAMES,
      },
      tokens: { list: tokens.list, revoke: (id) => tokens.revoke(id, now) },
      files: {
        open: files.open,
        linkKeys: vault.linkKeys,
        config,
        isSignedIn: (asking) => isSignedIn(asking, env.ADMIN_TOKEN),
        isRefusedTooOften,
        now,
        log,
      },
      subscribers: { ...telling, publicUrl: publicUrl ?? origin, now, newId: clock.uniqueId },
      search: { ledger: ledger.search, config, event: events.read, receipt: receipts.read },
      pull: { config, sequence, now, publicUrl: publicUrl ?? origin, receipts, idempotency, queues, afterwards },
    };
  }

  const processLane = (queue: "inbound" | "sessions") =>
    createProcessLane(queue, {
      config,
      secret,
      receipts,
      events,
      files,
      ledger: ledger.processing,
      queues,
      addressOf: receipts.addressOf,
      keyOf: receipts.keyOf,
      tokens: keeper,
      obtainToken: (exchange) => obtainToken(exchange, clock.now(), allowance, publicOrigins),
      fetch: (request, cameInAt) => fetchFromVendor(request, allowance, [cameInAt, ...publicOrigins]),
      pause: clock.pause,
      illUntil: memory.illUntil,
      discard,
      readJson: readJsonBody,
      guardBody: (body) => withTimeouts(body, { idleMs: IDLE_MS, totalMs: FILE_MS }),
      now: clock.now,
    });
  const deliverLane = createDeliverLane({
    config,
    secret,
    event: events.read,
    linkKey: async () => (await vault.linkKeys())[0],
    post: (request, cameInAt) => post(request, allowance, [cameInAt, ...publicOrigins]),
    ledger: ledger.delivering,
    limits: ledger.limits,
    tripped: memory.tripped,
    queues,
    newId: () => sequence(clock.now()),
    newHolder: clock.uniqueId,
    now: clock.now,
    random: clock.random,
    pause: clock.pause,
  });

  return {
    fetch: (request: Request) => routes.fetch(request, routeDeps(request)),

    async queue(name: string, messages: readonly QueueMessage[]): Promise<void> {
      const lane = queueOf(name);
      if (!lane) throw new Error("a queue that this Worker does not know");
      const batch = { queue: name, messages, isDeadLetter: lane.isDeadLetter };
      const deps = { recordDeadLetter: deadLetters.record, log };
      const { queue } = lane;
      await (queue === "inbound" || queue === "sessions"
        ? consume(batch, processLane(queue), deps)
        : consume(batch, deliverLane, deps));
    },

    async scheduled(): Promise<Swept> {
      const now = clock.now();
      const afterMs = Number(env.RECONCILE_AFTER_SECONDS ?? RECONCILE_AFTER_SECONDS) * 1000;
      const swept = await sweep({
        deliveries: ledger.delivering,
        processing: ledger.processing,
        cursors: ledger.cursors,
        receipts,
        ...telling,
        publicUrl,
        findings: () => findAmiss(memory.config.invalid, now),
        now,
        afterMs,
      });
      const { failures, ...counts } = swept;
      log({
        stage: "sweep",
        outcome: failures.length > 0 ? "incomplete" : "done",
        ...counts,
        failures: failures.length,
      });
      return swept;
    },
  };
}

/** A document that came into KV by another road need not be JSON. */
function parseOrNothing(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null") as unknown;
  } catch {
    return undefined;
  }
}

/** The composition root: bindings to dependencies. The only file that knows everything. */
import { createConfigLoader } from "./config/load.ts";
import type { SecretRef } from "./config/config.ts";
import { consume, type QueueMessage } from "./core/consume.ts";
import { readAccess } from "./core/access.ts";
import { readAllowance } from "./core/destination.ts";
import { createSequence } from "./core/sequence.ts";
import { parseText } from "./core/json.ts";
import { queueOf } from "./core/tasks.ts";
import { createDeliverLane } from "./deliver/lane.ts";
import { accessKey } from "./egress/access-keys.ts";
import { obtainToken } from "./egress/obtain-token.ts";
import { post } from "./egress/post.ts";
import { createTokenKeeper } from "./egress/token-keeper.ts";
import { FILE_MS, IDLE_MS, readJsonBody, withTimeouts } from "./egress/vendor-body.ts";
import { discard, fetchFromVendor } from "./egress/vendor-fetch.ts";
import { RESERVED_NAMES, workerSecret, type GatewayEnv } from "./env.ts";
import { createRouter } from "./http/router.ts";
import { ROUTES, type RouteDeps } from "./http/routes.ts";
import type { Clock, IsolateMemory } from "./isolate.ts";
import type { Log } from "./observe/log.ts";
import { createProcessLane } from "./process/lane.ts";
import { createVault, randomFraction, randomHex } from "./stores/crypto.ts";
import { createDocumentStore } from "./stores/documents.ts";
import { createEventStore } from "./stores/events.ts";
import { createFileStore } from "./stores/files.ts";
import { createIdempotencyStore } from "./stores/idempotency.ts";
import { createAuditParking } from "./stores/audit-parking.ts";
import { createApiTokenLedger } from "./stores/ledger/api-tokens.ts";
import { createAuditLedger } from "./stores/ledger/audit.ts";
import { createLedgerDatabase } from "./stores/ledger/database.ts";
import { createDeliveringLedger } from "./stores/ledger/delivering.ts";
import { createProcessingLedger } from "./stores/ledger/processing.ts";
import { createSearchLedger } from "./stores/ledger/searching.ts";
import { createObtainedTokenStore } from "./stores/obtained-tokens.ts";
import { createQueueStore } from "./stores/queues.ts";
import { createReceiptStore } from "./stores/receipts.ts";
import { createSecretStore } from "./stores/secrets.ts";
import { createTokenStore } from "./stores/tokens.ts";
import { sweep, type Swept } from "./sweep/sweep.ts";
import { wireKeeping } from "./wiring-keeping.ts";

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

const router = createRouter(ROUTES);

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
  const database = createLedgerDatabase(env.LEDGER, memory.schema);
  const processing = createProcessingLedger(database);
  const delivering = createDeliveringLedger(database);
  const apiTokens = createApiTokenLedger(database);
  const audit = { ledger: createAuditLedger(database), parking: createAuditParking(env.ARCHIVE) };
  const files = createFileStore(env.ARCHIVE);
  const keeper = createTokenKeeper({
    memory: memory.tokens,
    store: createObtainedTokenStore(env.TOKENS, vault),
    now: clock.now,
    pause: clock.pause,
  });

  const config = () => loader.load(clock.now());
  const keeping = wireKeeping(env, database, clock, config);
  const secret = (ref: SecretRef) => secrets.read(ref.secret, clock.now());
  const sequence = (now: number) => createSequence(now, clock.random);
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
      admission: {
        adminToken: env.ADMIN_TOKEN,
        apiToken: apiTokens.find,
        access: () => readAccess(env),
        accessKey: (kid, team) => accessKey(kid, team, memory.accessKeys, now, allowance),
        ownOrigins: [origin, ...publicOrigins],
        isRefusedTooOften,
        now,
      },
      audit: { ...audit, newId: () => createSequence(now, randomFraction) },
      apiTokens: { tokens: apiTokens, randomHex, now },
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
        document: async () => parseText((await documents.current()) ?? "null"),
        reservedNames: RESERVED_NAMES,
      },
      issuedTokens: { list: tokens.list, revoke: (id) => tokens.revoke(id, now) },
      files: { ...keeping, open: files.open, linkKeys: vault.linkKeys, config, isRefusedTooOften, now, log },
      search: { ...keeping, ledger: createSearchLedger(database), config, event: events.read, receipt: receipts.read },
      pull: {
        ...keeping,
        config,
        sequence,
        now,
        publicUrl: publicUrl ?? origin,
        receipts,
        idempotency,
        queues,
        afterwards,
      },
      keeping: { ...keeping, now },
    };
  }

  const processLane = (queue: "inbound" | "sessions") =>
    createProcessLane(queue, {
      config,
      secret,
      receipts,
      events,
      files,
      ledger: processing,
      queues,
      erase: keeping.erase,
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
    ledger: delivering,
    queues,
    newId: () => sequence(clock.now()),
    newHolder: clock.uniqueId,
    now: clock.now,
    random: clock.random,
    pause: clock.pause,
  });

  return {
    fetch: (request: Request) => router.fetch(request, routeDeps(request)),

    async queue(name: string, messages: readonly QueueMessage[]): Promise<void> {
      const lane = queueOf(name);
      if (!lane) throw new Error("a queue that this Worker does not know");
      const batch = { queue: name, messages, isDeadLetter: lane.isDeadLetter };
      const deps = { recordDeadLetter: keeping.recordDeadLetter, log };
      const { queue } = lane;
      await (queue === "inbound" || queue === "sessions"
        ? consume(batch, processLane(queue), deps)
        : consume(batch, deliverLane, deps));
    },

    async scheduled(): Promise<Swept> {
      const now = clock.now();
      const afterMs = Number(env.RECONCILE_AFTER_SECONDS ?? RECONCILE_AFTER_SECONDS) * 1000;
      const swept = await sweep({
        ...keeping,
        deliveries: delivering,
        processing,
        receipts,
        queues,
        audit,
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

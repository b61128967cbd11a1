/** The composition root: bindings to dependencies. The only file that knows everything. */
import { createConfigLoader, parseConfig } from "./config/load.ts";
import type { SecretRef } from "./config/config.ts";
import { consume, type QueueMessage } from "./core/consume.ts";
import { readAccess } from "./core/access.ts";
import { readAllowance } from "./core/destination.ts";
import { createSequence } from "./core/sequence.ts";
import { parseText } from "./core/json.ts";
import type { TokenExchange } from "./core/obtained-token.ts";
import { queueOf } from "./core/tasks.ts";
import { createDeliverLane } from "./deliver/lane.ts";
import { accessKey } from "./egress/access-keys.ts";
import { obtainToken } from "./egress/obtain-token.ts";
import { post } from "./egress/post.ts";
import { createTokenKeeper } from "./egress/token-keeper.ts";
import { FILE_MS, IDLE_MS, readJsonBody, withTimeouts } from "./egress/vendor-body.ts";
import { discard, fetchFromVendor } from "./egress/vendor-fetch.ts";
import { OPTIONAL_BINDINGS, RESERVED_NAMES, workerSecret } from "./env.ts";
import { createRouter } from "./http/router.ts";
import { ROUTES, type RouteDeps } from "./http/routes.ts";
import type { Note } from "./observe/observer.ts";
import { createProcessLane } from "./process/lane.ts";
import { reindex } from "./process/reindex.ts";
import { createAnswerStore } from "./stores/answers.ts";
import { createConfigVersionStore } from "./stores/config-versions.ts";
import { createVault, randomFraction, randomHex } from "./stores/crypto.ts";
import { createDeadLetterStore } from "./stores/dead-letters.ts";
import { createDocumentStore } from "./stores/documents.ts";
import { createEventStore } from "./stores/events.ts";
import { createFileStore } from "./stores/files.ts";
import { createIdempotencyStore } from "./stores/idempotency.ts";
import { createAuditParking } from "./stores/audit-parking.ts";
import { openLedger } from "./stores/ledger/open.ts";
import { createObtainedTokenStore } from "./stores/obtained-tokens.ts";
import { createQueueStore } from "./stores/queues.ts";
import { createReceiptStore } from "./stores/receipts.ts";
import { createSecretStore } from "./stores/secrets.ts";
import { createTokenStore } from "./stores/tokens.ts";
import { sweep, type Swept } from "./sweep/sweep.ts";
import { watch, type Watched } from "./watch.ts";

export const VERSION = "0.1.0";

const RECONCILE_AFTER_SECONDS = "300";

const router = createRouter(ROUTES);

export function wire(wiring: Watched) {
  const { memory, clock, log, afterwards } = wiring;
  const { env, database, tallies, health, observer, requesting } = watch(wiring);
  const allowance = (memory.allowance ??= readAllowance(env.EGRESS_ALLOW));
  const publicUrl = env.PUBLIC_URL ? new URL(env.PUBLIC_URL).origin : undefined;
  const publicOrigins = publicUrl === undefined ? [] : [publicUrl];
  const vault = createVault(env.MASTER_KEY, env.MASTER_KEY_PREVIOUS);
  const documents = createDocumentStore(env.CONFIG);
  const versions = createConfigVersionStore(env.ARCHIVE);
  const loader = createConfigLoader({
    documents,
    versions,
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
  const ledger = openLedger(database, env.ARCHIVE);
  const audit = { ledger: ledger.audit, parking: createAuditParking(env.ARCHIVE) };
  const deadLetters = createDeadLetterStore(env.ARCHIVE);
  const files = createFileStore(env.ARCHIVE);
  const answers = createAnswerStore(env.ARCHIVE);
  const keeper = createTokenKeeper({
    memory: memory.tokens,
    store: createObtainedTokenStore(env.TOKENS, vault),
    now: clock.now,
    pause: clock.pause,
  });

  const afterMs = Number(env.RECONCILE_AFTER_SECONDS ?? RECONCILE_AFTER_SECONDS) * 1000;
  const config = () => loader.load(clock.now());
  const configOf = async (version: string) => {
    const text = await versions.read(version);
    return text === undefined ? undefined : parseConfig(text, allowance);
  };
  const secret = (ref: SecretRef) => secrets.read(ref.secret, clock.now());
  const sequence = (now: number) => createSequence(now, clock.random);
  const askForToken = requesting((asked: TokenExchange) => obtainToken(asked, clock.now(), allowance, publicOrigins));
  /** A limiter that fails lets everybody on to the real check. */
  const isRefusedTooOften = async (key: string) => {
    const verdict = await env.REFUSALS?.limit({ key }).catch(() => undefined);
    return verdict?.success === false;
  };

  function routeDeps(request: Request, note: Note): RouteDeps {
    const now = clock.now();
    const { origin } = new URL(request.url);
    return {
      version: VERSION,
      publicUrl: publicUrl ?? origin,
      log: note,
      note,
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
        log: note,
      },
      admission: {
        adminToken: env.ADMIN_TOKEN,
        apiToken: ledger.apiTokens.find,
        access: () => readAccess(env),
        accessKey: (kid, team) => accessKey(kid, team, memory.accessKeys, now, allowance),
        ownOrigins: [origin, ...publicOrigins],
        isRefusedTooOften,
        now,
      },
      audit: { ...audit, newId: () => createSequence(now, randomFraction) },
      apiTokens: { tokens: ledger.apiTokens, randomHex, now },
      config: {
        documents,
        adopt: (text, accepted) => loader.adopt(text, accepted, now),
        allowance,
        ownOrigins: [origin, ...publicOrigins],
      },
      secrets: {
        secrets: {
          ...secrets,
          write: (name, value) => secrets.write(name, value, now),
          remove: (name) => secrets.remove(name, now),
        },
        document: async () => parseText((await documents.current()) ?? "null"),
        reservedNames: RESERVED_NAMES,
      },
      keys: { config, secret },
      issuedTokens: { list: tokens.list, revoke: (id) => tokens.revoke(id, now) },
      files: { open: files.open, linkKeys: vault.linkKeys, config, isRefusedTooOften, now, log: note },
      search: {
        ledger: ledger.searching,
        config,
        configOf,
        event: events.open,
        receipt: receipts.read,
        factsOf: receipts.factsOf,
        answers,
      },
      health: {
        version: VERSION,
        tallies,
        probes: () => health().probes,
        backlog: () => health().backlog(now),
        configuration: () => config().then(() => memory.config),
        secret: (name) => secrets.read(name, now),
        unbound: OPTIONAL_BINDINGS.filter((name) => env[name] === undefined),
        memory: memory.ready,
        now,
      },
      reindex: (from, isForced) => reindex(from, isForced, { config, ...ledger, events, receipts, now, afterMs }),
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
      obtainToken: askForToken,
      fetch: requesting((request, cameInAt) => fetchFromVendor(request, allowance, [cameInAt, ...publicOrigins])),
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
    event: events.open,
    receiptOf: (object, own) => receipts.read(receipts.keyOfEvent(object, own)),
    tokens: keeper,
    obtainToken: askForToken,
    newTokenId: clock.uniqueId,
    linkKey: async () => (await vault.linkKeys())[0],
    post: requesting((request, cameInAt) => post(request, allowance, [cameInAt, ...publicOrigins])),
    ledger: ledger.delivering,
    answers,
    queues,
    newId: () => sequence(clock.now()),
    newHolder: clock.uniqueId,
    now: clock.now,
    random: clock.random,
    pause: clock.pause,
  });

  return {
    fetch: (request: Request) => observer.request(async (note) => router.fetch(request, routeDeps(request, note))),

    async queue(name: string, messages: readonly QueueMessage[]): Promise<void> {
      const lane = queueOf(name);
      if (!lane) throw new Error("a queue that this Worker does not know");
      const batch = { queue: name, messages, isDeadLetter: lane.isDeadLetter };
      const { queue } = lane;
      await observer.work({ lane: name, batch: messages.length }, (report) => {
        const deps = { recordDeadLetter: deadLetters.record, log: report };
        return queue === "inbound" || queue === "sessions"
          ? consume(batch, processLane(queue), deps)
          : consume(batch, deliverLane, deps);
      });
    },

    async scheduled(): Promise<Swept> {
      const now = clock.now();
      return observer.work({}, async (report) => {
        const swept = await sweep({
          ...ledger,
          deliveries: ledger.delivering,
          tallies,
          receipts,
          queues,
          audit,
          now,
          afterMs,
        });
        const { failures, needsReindex, ...counts } = swept;
        report({
          stage: "sweep",
          outcome: failures.length > 0 || needsReindex ? "incomplete" : "done",
          reason: needsReindex ? "reindex" : undefined,
          ...counts,
          failures: failures.length,
        });
        return swept;
      });
    },
  };
}

/** Whatever the requests, lanes and the sweep of one invocation are put together from: its stores, configuration and limits. */
import type { HistoryDeps } from "../config/history.ts";
import { createConfigLoader, parseConfig } from "../config/load.ts";
import type { SecretRef } from "../config/config.ts";
import { readAllowance } from "../core/destination.ts";
import type { TokenExchange } from "../core/obtained-token.ts";
import { createSequence } from "../core/sequence.ts";
import { obtainToken } from "../egress/obtain-token.ts";
import { createTokenKeeper } from "../egress/token-keeper.ts";
import { workerSecret } from "../env.ts";
import { writeDown } from "../http/audit.ts";
import { createAnswerStore } from "../stores/answers.ts";
import { createConfigVersionStore } from "../stores/config-versions.ts";
import { createVault } from "../stores/crypto.ts";
import { createDocumentStore } from "../stores/documents.ts";
import { createEventStore } from "../stores/events.ts";
import { createFileStore } from "../stores/files.ts";
import { createIdempotencyStore } from "../stores/idempotency.ts";
import { createAuditParking } from "../stores/audit-parking.ts";
import { openLedger } from "../stores/ledger/open.ts";
import { createObtainedTokenStore } from "../stores/obtained-tokens.ts";
import { createQueueStore } from "../stores/queues.ts";
import { createReceiptStore } from "../stores/receipts.ts";
import { createSecretStore } from "../stores/secrets.ts";
import { createTokenStore } from "../stores/tokens.ts";
import { watch, type Watched } from "./watch.ts";
import { wireKeeping } from "./keeping.ts";

const RECONCILE_AFTER_SECONDS = "300";

export type Parts = ReturnType<typeof createParts>;

export function createParts(wiring: Watched) {
  const { memory, clock, log, afterwards } = wiring;
  const watched = watch(wiring);
  const { env, database } = watched;
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
  const history = (): HistoryDeps => ({
    documents,
    records: versions,
    isValid: async (text) => (await parseConfig(text, allowance)) !== undefined,
    note: ({ version, by }) => {
      const entry = { actor: by, role: "none", action: "config.adopted", target: `config/${version}`, status: 200 };
      return writeDown(entry, { ...audit, newId: () => sequence(clock.now()) });
    },
    pause: clock.pause,
    now: clock.now(),
  });
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
  const keeping = wireKeeping(env, database, clock, config);
  const telling = { config, subscribers: ledger.subscribers, notices: ledger.notices, events, queues };
  const secret = (ref: SecretRef) => secrets.read(ref.secret, clock.now());
  const sequence = (now: number) => createSequence(now, clock.random);
  const askForToken = watched.requesting((asked: TokenExchange) =>
    obtainToken(asked, clock.now(), allowance, publicOrigins),
  );
  /** A limiter that fails lets everybody on to the real check. */
  const isRefusedTooOften = async (key: string) => {
    const verdict = await env.REFUSALS?.limit({ key }).catch(() => undefined);
    return verdict?.success === false;
  };

  return {
    ...watched,
    memory,
    clock,
    afterwards,
    allowance,
    publicUrl,
    publicOrigins,
    vault,
    documents,
    history,
    loader,
    secrets,
    tokens,
    receipts,
    idempotency,
    events,
    queues,
    ledger,
    audit,
    files,
    answers,
    keeper,
    afterMs,
    config,
    configOf,
    keeping,
    telling,
    secret,
    sequence,
    askForToken,
    isRefusedTooOften,
  };
}

/** What the routes are given for one request. */
import { numberOf } from "../config/history.ts";
import { faultsIn } from "../config/load.ts";
import { readAccess } from "../core/access.ts";
import { createSequence } from "../core/sequence.ts";
import { parseText } from "../core/json.ts";
import { publishedKey } from "../egress/published-keys.ts";
import { OPTIONAL_BINDINGS, RESERVED_NAMES, workerSecretNames } from "../env.ts";
import type { RouteDeps } from "../http/routes.ts";
import type { Note } from "../observe/observer.ts";
import { reindex } from "../process/reindex.ts";
import { reprocess } from "../process/reprocess.ts";
import { randomFraction, randomHex } from "../stores/crypto.ts";
import type { Parts } from "./parts.ts";

export const VERSION = "0.1.0";

export function routeDepsOf(parts: Parts, request: Request, note: Note): RouteDeps {
  const {
    memory,
    clock,
    afterwards,
    env,
    tallies,
    health,
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
    afterMs,
    config,
    configOf,
    keeping,
    telling,
    secret,
    sequence,
    isRefusedTooOften,
  } = parts;
  const now = clock.now();
  const numberOfHash = (hash: string) => numberOf(hash, history());
  const { origin } = new URL(request.url);
  const keyOf = (url: string, id: string | undefined) =>
    publishedKey(url, id, { memory: memory.publishedKeys, allowance, ...clock });
  return {
    version: VERSION,
    publicUrl: publicUrl ?? origin,
    log: note,
    note,
    receive: {
      config,
      verifying: {
        now,
        secret,
        tokenKeys: vault.tokenKeys,
        isRevoked: (id) => tokens.isRevoked(id, now),
        publishedKey: keyOf,
      },
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
      publishedKey: keyOf,
      ownOrigins: [origin, ...publicOrigins],
      isRefusedTooOften,
      now,
    },
    audit: { ...audit, newId: () => createSequence(now, randomFraction) },
    apiTokens: { tokens: ledger.apiTokens, randomHex, now },
    config: {
      history: history(),
      adopt: (text, accepted, version) => loader.adopt(text, accepted, version, now),
      allowance,
      ownOrigins: [origin, ...publicOrigins],
      secrets: {
        names: async () => [...(await secrets.list()).map(({ name }) => name), ...workerSecretNames(env)],
        isSet: secrets.isSet,
      },
    },
    secrets: {
      secrets: {
        ...secrets,
        write: (name, value) => secrets.write(name, value, now),
        remove: (name) => secrets.remove(name, now),
      },
      document: async () => parseText((await documents.current())?.text ?? "null"),
      reservedNames: RESERVED_NAMES,
    },
    keys: { config, secret },
    issuedTokens: { list: tokens.list, revoke: (id) => tokens.revoke(id, now) },
    files: { ...keeping, open: files.open, linkKeys: vault.linkKeys, config, isRefusedTooOften, now, log: note },
    subscribers: { ...telling, publicUrl: publicUrl ?? origin, now, newId: clock.uniqueId },
    search: {
      ...keeping,
      ledger: ledger.searching,
      config,
      configOf,
      numberOf: numberOfHash,
      event: events.open,
      receipt: receipts.read,
      reprocess: (id, object) => reprocess(id, object, { config, ledger: ledger.reprocessing, receipts, queues, now }),
      factsOf: receipts.factsOf,
      answers,
    },
    health: {
      version: VERSION,
      tallies,
      probes: () => health().probes,
      backlog: () => health().backlog(now),
      isBehind: () => health().isBehind(),
      configuration: () => config().then(() => memory.config),
      numberOf: numberOfHash,
      faultsIn: (text) => faultsIn(text, allowance),
      secret: (name) => secrets.read(name, now),
      unbound: OPTIONAL_BINDINGS.filter((name) => env[name] === undefined),
      memory: memory.ready,
      now,
    },
    reindex: (from, isForced) =>
      reindex(from, isForced, { config, ...ledger, ...keeping, events, receipts, now, afterMs }),
    replaying: { ...keeping, ...ledger, config, queues, newId: () => createSequence(now, randomFraction), now },
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

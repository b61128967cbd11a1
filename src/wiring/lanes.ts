/** The stages as the queues see them. */
import { createDeliverLane } from "../deliver/lane.ts";
import { post } from "../egress/post.ts";
import { FILE_MS, IDLE_MS, readJsonBody, withTimeouts } from "../egress/vendor-body.ts";
import { discard, fetchFromVendor } from "../egress/vendor-fetch.ts";
import { createProcessLane } from "../process/lane.ts";
import type { Parts } from "./parts.ts";

export function processLaneOf(parts: Parts, queue: "inbound" | "sessions") {
  const {
    memory,
    clock,
    requesting,
    allowance,
    publicOrigins,
    receipts,
    events,
    queues,
    ledger,
    files,
    keeper,
    askForToken,
    config,
    configOf,
    keeping,
    secret,
  } = parts;
  return createProcessLane(queue, {
    config,
    configOf,
    secret,
    receipts,
    events,
    files,
    ledger: ledger.processing,
    queues,
    erase: keeping.erase,
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
}

export function deliverLaneOf(parts: Parts) {
  const {
    memory,
    clock,
    requesting,
    allowance,
    publicOrigins,
    vault,
    receipts,
    events,
    keeper,
    askForToken,
    queues,
    ledger,
    answers,
    config,
    secret,
    sequence,
  } = parts;
  return createDeliverLane({
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
    limits: ledger.limits,
    tripped: memory.tripped,
    answers,
    queues,
    newId: () => sequence(clock.now()),
    newHolder: clock.uniqueId,
    now: clock.now,
    random: clock.random,
    pause: clock.pause,
  });
}

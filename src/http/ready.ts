/**
 * `GET /readyz`: whether this gateway can do its work. Strangers, such as whatever watches it from outside, are told that and no more;
 * who is signed in is told what each part of the answer rests on.
 */
import type { Fault } from "../config/faults.ts";
import { versionOf } from "../config/version.ts";
import { secretUses } from "../config/uses.ts";
import type { Backlog } from "../core/backlog.ts";
import { array, integer, mapOf, object, text as someText, word } from "../core/json-schema.ts";
import { hasRole } from "../core/roles.ts";
import { bringsCredentials, identify, type AdmissionDeps } from "./admission.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { ref } from "./schemas.ts";
import { BACKLOG, describeBacklog } from "./stats.ts";

export interface ReadyDeps {
  version: string;
  /** By binding; each throws where it cannot be reached, and takes no longer than two seconds. */
  probes(): Readonly<Record<string, () => Promise<unknown>>>;
  /** Reads the configuration anew where it is time to. */
  configuration(): Promise<ConfigurationState>;
  /** The number of the newest version with the document of this hash. */
  numberOf(hash: string): Promise<number | undefined>;
  /** Why a document is not used. */
  faultsIn(text: string): Fault[];
  /** The value of a secret; `undefined` where none is set. */
  secret(name: string): Promise<string | undefined>;
  /** The ledger has forgotten what it knew: until it is reindexed much of the work rests. Takes no longer than two seconds. */
  isBehind(): Promise<boolean>;
  /** Optional bindings that are not there. */
  unbound: readonly string[];
  backlog(): Promise<Backlog>;
  memory: ReadyMemory;
  now: number;
}

export interface ConfigurationState {
  /** The document in use. */
  text: string | undefined;
  /** The newest document is not valid, and an older one is used in its stead. */
  passedOver: string | undefined;
}

/** What an isolate has last told strangers. */
export interface ReadyMemory {
  isReady: boolean;
  checkedAt: number;
}

/** Asking costs several operations, and strangers may ask as often as they like. */
const REMEMBERED_MS = 5000;

export async function getReadiness(deps: ReadyDeps): Promise<Response> {
  const { memory, now } = deps;
  if (now - memory.checkedAt >= REMEMBERED_MS) {
    const { isReady } = await check(deps);
    Object.assign(memory, { isReady, checkedAt: now });
  }
  return tell(memory.isReady, {});
}

export async function getReadinessInFull(deps: ReadyDeps): Promise<Response> {
  const [{ isReady, bindings, ledger, configuration }, backlog] = await Promise.all([
    check(deps),
    deps.backlog().catch(() => undefined),
  ]);
  const { text, passedOver } = configuration;
  const [missing, inUse] = await Promise.all([
    missingSecrets(text, deps),
    text === undefined ? undefined : deps.numberOf(await versionOf(text)).catch(() => undefined),
  ]);
  return tell(isReady, {
    version: deps.version,
    bindings,
    ledger,
    configuration: {
      state: stateOf(configuration),
      version: inUse,
      faults: passedOver === undefined ? undefined : deps.faultsIn(passedOver),
    },
    missing: { secrets: missing, bindings: deps.unbound },
    backlog: backlog && describeBacklog(backlog, deps.now),
  });
}

interface Checked {
  isReady: boolean;
  bindings: Readonly<Record<string, "reached" | "unreachable">>;
  /** Absent where nobody can tell. */
  ledger: "current" | "behind" | undefined;
  configuration: ConfigurationState;
}

async function check({ probes, configuration, isBehind }: ReadyDeps): Promise<Checked> {
  const reached = Object.entries(probes()).map(async ([name, probe]) => {
    const outcome = await probe().then(
      () => "reached" as const,
      () => "unreachable" as const,
    );
    return [name, outcome] as const;
  });
  const [state, ledger, outcomes] = await Promise.all([
    configuration().catch(() => NO_CONFIGURATION),
    isBehind().then(
      (behind) => (behind ? "behind" : "current"),
      () => undefined,
    ),
    Promise.all(reached),
  ]);
  const isReached = outcomes.every(([, outcome]) => outcome === "reached");
  const isReady = state.text !== undefined && ledger === "current" && isReached;
  return { isReady, bindings: Object.fromEntries(outcomes), ledger, configuration: state };
}

const NO_CONFIGURATION: ConfigurationState = { text: undefined, passedOver: undefined };

function stateOf({ text, passedOver }: ConfigurationState): "current" | "last_good" | "none" {
  if (text === undefined) return "none";
  return passedOver === undefined ? "current" : "last_good";
}

/** Secrets that the configuration names and nobody has set; one that cannot be looked up is not called missing. */
async function missingSecrets(text: string | undefined, { secret }: ReadyDeps): Promise<string[]> {
  const names = [...secretUses(JSON.parse(text ?? "null")).keys()];
  const known = await Promise.all(names.map((name) => secret(name).catch(() => "")));
  return names.filter((_name, index) => known[index] === undefined);
}

function tell(isReady: boolean, details: object): Response {
  return Response.json(
    { status: isReady ? "ready" : "not_ready", ...details },
    { status: isReady ? 200 : 503, headers: { "cache-control": "no-store" } },
  );
}

const STATUS = { status: word(["ready", "not_ready"]) };

const READINESS = object(
  {
    ...STATUS,
    version: someText,
    bindings: mapOf(word(["reached", "unreachable"])),
    ledger: word(["current", "behind"]),
    configuration: object(
      { state: word(["current", "last_good", "none"]), version: integer, faults: array(ref("Fault")) },
      ["state"],
    ),
    missing: object({ secrets: array(someText), bindings: array(someText) }, ["secrets", "bindings"]),
    backlog: BACKLOG,
  },
  ["status"],
);

export const readyRoutes: readonly Route<{ health: ReadyDeps; admission: AdmissionDeps }>[] = [
  {
    method: "GET",
    path: "/readyz",
    allow: "public",
    id: "getReadiness",
    summary: "Whether the gateway can do its work; with a token, what that rests on",
    answers: { 200: { schema: READINESS }, 503: { schema: READINESS } },
    problems: ["not_signed_in", "forbidden", "too_many_refusals"],
    async handle({ request, deps }) {
      if (!bringsCredentials(request)) return getReadiness(deps.health);
      const identity = await identify(request, deps.admission);
      if (identity instanceof Response) return identity;
      return hasRole(identity, "viewer") ? getReadinessInFull(deps.health) : problem("forbidden", { role: "viewer" });
    },
  },
];

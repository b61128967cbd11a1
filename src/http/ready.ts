/**
 * `GET /readyz`: whether this gateway can do its work. Strangers, such as whatever watches it from outside, are told that and no more;
 * who is signed in is told what each part of the answer rests on.
 */
import { secretUses } from "../config/uses.ts";
import type { Backlog } from "../core/backlog.ts";
import { versionOf } from "./config.ts";
import { describeBacklog } from "./stats.ts";

export interface ReadyDeps {
  version: string;
  /** By binding; each throws where it cannot be reached, and takes no longer than two seconds. */
  probes(): Readonly<Record<string, () => Promise<unknown>>>;
  /** Reads the configuration anew where it is time to. */
  configuration(): Promise<ConfigurationState>;
  /** The value of a secret; `undefined` where none is set. */
  secret(name: string): Promise<string | undefined>;
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
  isPassedOver: boolean;
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
  const [{ isReady, bindings, configuration }, backlog] = await Promise.all([
    check(deps),
    deps.backlog().catch(() => undefined),
  ]);
  const missing = await missingSecrets(configuration.text, deps);
  const etag = configuration.text === undefined ? undefined : await versionOf(configuration.text);
  return tell(isReady, {
    version: deps.version,
    bindings,
    configuration: { state: stateOf(configuration), version: etag?.replaceAll('"', "") },
    missing: { secrets: missing, bindings: deps.unbound },
    backlog: backlog && describeBacklog(backlog, deps.now),
  });
}

interface Checked {
  isReady: boolean;
  bindings: Readonly<Record<string, "reached" | "unreachable">>;
  configuration: ConfigurationState;
}

async function check({ probes, configuration }: ReadyDeps): Promise<Checked> {
  const reached = Object.entries(probes()).map(async ([name, probe]) => {
    const outcome = await probe().then(
      () => "reached" as const,
      () => "unreachable" as const,
    );
    return [name, outcome] as const;
  });
  const [state, outcomes] = await Promise.all([configuration().catch(() => NO_CONFIGURATION), Promise.all(reached)]);
  const isReady = state.text !== undefined && outcomes.every(([, outcome]) => outcome === "reached");
  return { isReady, bindings: Object.fromEntries(outcomes), configuration: state };
}

const NO_CONFIGURATION: ConfigurationState = { text: undefined, isPassedOver: false };

function stateOf({ text, isPassedOver }: ConfigurationState): "current" | "last_good" | "none" {
  if (text === undefined) return "none";
  return isPassedOver ? "last_good" : "current";
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

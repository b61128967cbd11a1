/** Runs a table of routes: finds the one that is asked for, sees who asks, and answers whatever becomes of it. */
import { Hono } from "hono/tiny";
import { targetOf } from "../core/audit.ts";
import { hasRole, type Caller, type Identity } from "../core/roles.ts";
import { Unavailable } from "../core/unavailable.ts";
import type { Log } from "../observe/log.ts";
import type { Note } from "../observe/observer.ts";
import { identify, type AdmissionDeps } from "./admission.ts";
import { writeDown, type AuditDeps } from "./audit.ts";
import { problem } from "./problem.ts";
import { readQuery, type Parameters } from "./query.ts";
import type { Call, Route } from "./route.ts";

export interface RouterDeps {
  admission: AdmissionDeps;
  audit: AuditDeps;
  log: Log;
  /** Adds to the record of this request. */
  note: Note;
}

/** Built once per isolate; each request brings its dependencies along in the place where Hono keeps an environment. */
export function createRouter<Deps extends RouterDeps>(routes: readonly Route<Deps>[]): Hono<{ Bindings: Deps }> {
  const app = new Hono<{ Bindings: Deps }>();
  for (const route of routes) {
    const methods = route.answersAnyMethod ? ["ALL"] : [route.method];
    app.on(methods, route.path.replaceAll(/\{(\w+)\}/g, ":$1"), (context) =>
      run(route, {
        request: context.req.raw,
        parameter: (name) => context.req.param(name) ?? "",
        deps: context.env,
      }),
    );
  }
  const methodsOf = createMethodTable(routes);
  app.notFound(async (context) => {
    const refusal = isPrivate(context.req.path) && (await refuseStranger(context.req.raw, context.env.admission));
    if (refusal) return refusal;
    const methods = methodsOf(context.req.path);
    return methods === undefined ? problem("not_found") : problem("method_not_allowed", {}, { allow: methods });
  });
  app.onError((error, context) => answerFailure(error, context.env.log));
  return app;
}

/** In the place of a caller where everybody may call. */
const NOBODY: Caller = { name: "nobody", role: "viewer" };

type Incoming<Deps> = Pick<Call<Deps>, "request" | "parameter" | "deps">;

async function run<Deps extends RouterDeps>(route: Route<Deps>, incoming: Incoming<Deps>): Promise<Response> {
  let target: string | undefined;
  incoming.deps.note({ route: route.id });
  const call = { ...incoming, concerns: (told: string) => void (target = told) };
  if (route.allow === "public") return route.handle({ ...call, caller: NOBODY });

  const guest = await route.admit?.(call);
  const identity = guest ?? (await identify(call.request, call.deps.admission));
  if (identity instanceof Response) return identity;
  const isAllowed = guest !== undefined || hasRole(identity, route.allow);
  const caller = { name: identity.name, role: identity.role ?? NOBODY.role };
  incoming.deps.note({ role: identity.role ?? "none" });
  const response = isAllowed
    ? await answerOrFail(() => handleRead(route, { ...call, caller }), call.deps.log)
    : problem("forbidden", { role: route.allow });
  const isNoted = route.method !== "GET" || (route.opens !== undefined && response.ok);
  return isNoted ? note(response, route, identity, target, incoming) : response;
}

/** A parameter that is not known, or that says nothing known, was meant to change something: `dryRun=yes` must not be the real thing. */
function handleRead<Deps>(route: Route<Deps>, call: Call<Deps>): Response | Promise<Response> {
  const reading = isPrivate(route.path)
    ? readQuery(call.request, (route.query ?? {}) as Parameters<object>)
    : undefined;
  return reading?.ok === false ? reading.refusal : route.handle(call);
}

/**
 * A change that was made is answered as it was, written down or not: that answer is true. What is about a person is not shown
 * unless it stands somewhere who has seen it.
 */
async function note<Deps extends RouterDeps>(
  response: Response,
  route: Route<Deps>,
  { name, role }: Identity,
  told: string | undefined,
  { parameter, deps }: Incoming<Deps>,
): Promise<Response> {
  const target = told ?? (await targetOf(route.path, parameter));
  const entry = { actor: name, role: role ?? "none", action: route.opens ?? route.id, target, status: response.status };
  if (await writeDown(entry, deps.audit)) return response;
  // The record of the request stands in for it, without the actor: that may be an e-mail.
  deps.note({ audit: "unwritten", target });
  if (route.opens === undefined) return response;
  await response.body?.cancel();
  deps.note({ outcome: "unavailable" });
  return problem("unavailable");
}

async function answerOrFail(handle: () => Response | Promise<Response>, log: Log): Promise<Response> {
  try {
    return await handle();
  } catch (error) {
    return answerFailure(error, log);
  }
}

function answerFailure(error: unknown, log: Log): Response {
  const isUnavailable = error instanceof Unavailable;
  const reason = isUnavailable ? `${error.store} unavailable` : error instanceof Error ? error.name : "unknown";
  log({ stage: "http", outcome: isUnavailable ? "unavailable" : "failed", reason });
  return problem(isUnavailable ? "unavailable" : "internal");
}

const isPrivate = (path: string): boolean => /^\/api(?:\/|$)/.test(path);

/** What there is under `/api` is told only to those who may look. */
async function refuseStranger(request: Request, deps: AdmissionDeps): Promise<Response | undefined> {
  const identity = await identify(request, deps);
  if (identity instanceof Response) return identity;
  return hasRole(identity, "viewer") ? undefined : problem("forbidden", { role: "viewer" });
}

/** The methods of the paths of a table, as `Allow` has them. */
function createMethodTable(routes: readonly Pick<Route<never>, "method" | "path">[]) {
  const table = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  for (const { method, path } of routes) {
    const shape = path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+");
    const entry = table.get(shape) ?? { pattern: new RegExp(`^${shape}/?$`), methods: new Set() };
    entry.methods.add(method);
    if (method === "GET") entry.methods.add("HEAD");
    table.set(shape, entry);
  }
  return (path: string): string | undefined => {
    const found = [...table.values()].find(({ pattern }) => pattern.test(path));
    return found && [...found.methods].join(", ");
  };
}

/** The route table: method, path, handler, who may call. */
import { Hono } from "hono/tiny";
import { noticeSchema } from "../core/notice-schema.ts";
import { eventSchema } from "../core/event-schema.ts";
import { Unavailable } from "../core/unavailable.ts";
import type { Log } from "../observe/log.ts";
import type { ReceiveDeps } from "../receive/receive.ts";
import { refuseStranger, type AdminDeps } from "./admin.ts";
import { getConfig, putConfig, type ConfigDeps } from "./config.ts";
import { getFile, type FilesDeps } from "./files.ts";
import { handleInbound } from "./inbound.ts";
import { listDeliveries, type DeliveriesDeps } from "./deliveries.ts";
import { getEvent, listEvents, type EventsDeps } from "./events.ts";
import { getReceipt, getReceiptBody, listReceipts, type ReceiptsDeps } from "./receipts.ts";
import { problem } from "./problem.ts";
import type { PullDeps } from "../receive/pull.ts";
import { getSession, pullSession, type SessionsDeps } from "./sessions.ts";
import {
  listSubscribers,
  pauseSubscriber,
  resumeSubscriber,
  testSubscriber,
  type SubscribersDeps,
} from "./subscribers.ts";
import { deleteSecret, listSecrets, putSecret, type SecretsDeps } from "./secrets.ts";
import { issueToken, type TokenDeps } from "./token.ts";
import { listTokens, revokeToken, type TokensDeps } from "./tokens.ts";

export interface RouteDeps {
  receive: ReceiveDeps;
  token: TokenDeps;
  admin: AdminDeps;
  config: ConfigDeps;
  secrets: SecretsDeps;
  tokens: TokensDeps;
  files: FilesDeps;
  pull: PullDeps;
  subscribers: SubscribersDeps;
  search: EventsDeps & ReceiptsDeps & DeliveriesDeps & SessionsDeps;
  version: string;
  /** Origin under which this gateway is reached. */
  publicUrl: string;
  log: Log;
}

/** Built once per isolate; each request brings its dependencies along in the place where Hono keeps an environment. */
export function createRoutes(): Hono<{ Bindings: RouteDeps }> {
  const app = new Hono<{ Bindings: RouteDeps }>();

  // For everybody: vendors prove themselves by their source's verification.
  app.all("/in/:source", (context) => {
    const { receive, log } = context.env;
    return handleInbound(context.req.raw, context.req.param("source"), receive, log);
  });
  app.all("/oauth/token", (context) => issueToken(context.req.raw, context.env.token));
  app.get("/schemas/event.v1.json", (context) => {
    context.header("cache-control", "public, max-age=3600");
    return context.json(eventSchema(context.env.publicUrl));
  });
  app.get("/schemas/notice.v1.json", (context) => {
    context.header("cache-control", "public, max-age=3600");
    return context.json(noticeSchema(context.env.publicUrl));
  });
  app.get("/healthz", (context) => context.json({ status: "up", version: context.env.version }));

  app.on(["GET", "HEAD"], "/files/:id", (context) =>
    getFile(context.req.raw, context.req.param("id"), context.env.files),
  );
  app.all("/files/:id", () => problem("method_not_allowed", {}, { allow: "GET, HEAD" }));
  app.all("/healthz", () => problem("method_not_allowed", {}, { allow: "GET" }));

  // For the holder of the admin token.
  app.use("/api/*", async (context, next) => {
    const refusal = await refuseStranger(context.req.raw, context.env.admin);
    if (refusal) return refusal;
    await next();
    return undefined;
  });
  app.get("/api/config", (context) => getConfig(context.env.config));
  app.put("/api/config", (context) => putConfig(context.req.raw, context.env.config));
  app.all("/api/config", () => problem("method_not_allowed", {}, { allow: "GET, PUT" }));
  app.get("/api/secrets", (context) => listSecrets(context.env.secrets));
  app.all("/api/secrets", () => problem("method_not_allowed", {}, { allow: "GET" }));
  app.put("/api/secrets/:name", (context) =>
    putSecret(context.req.raw, context.req.param("name"), context.env.secrets),
  );
  app.delete("/api/secrets/:name", (context) => deleteSecret(context.req.param("name"), context.env.secrets));
  app.all("/api/secrets/:name", () => problem("method_not_allowed", {}, { allow: "PUT, DELETE" }));
  app.get("/api/tokens", (context) => listTokens(context.env.tokens));
  app.all("/api/tokens", () => problem("method_not_allowed", {}, { allow: "GET" }));
  app.delete("/api/tokens/:id", (context) => revokeToken(context.req.param("id"), context.env.tokens));
  app.all("/api/tokens/:id", () => problem("method_not_allowed", {}, { allow: "DELETE" }));

  app.post("/api/sessions/:source/:id/pull", (context) =>
    pullSession(context.req.param("source"), context.req.param("id"), context.env.pull),
  );
  app.all("/api/sessions/:source/:id/pull", () => problem("method_not_allowed", {}, { allow: "POST" }));
  addSubscribers(app);
  addSearch(app);

  app.notFound(() => problem("not_found"));
  app.onError((error, context) => {
    const isUnavailable = error instanceof Unavailable;
    const reason = isUnavailable ? `${error.store} unavailable` : error.name;
    context.env.log({ stage: "http", outcome: isUnavailable ? "unavailable" : "failed", reason });
    return problem(isUnavailable ? "unavailable" : "internal");
  });
  return app;
}

function addSubscribers(app: Hono<{ Bindings: RouteDeps }>): void {
  const caller = { name: "admin", role: "admin" } as const;
  app.get("/api/subscribers", (context) => listSubscribers(context.env.subscribers));
  app.all("/api/subscribers", () => problem("method_not_allowed", {}, { allow: "GET" }));
  app.post("/api/subscribers/:name/pause", (context) =>
    pauseSubscriber(context.req.param("name"), caller, context.env.subscribers),
  );
  app.post("/api/subscribers/:name/resume", (context) =>
    resumeSubscriber(context.req.param("name"), context.env.subscribers),
  );
  app.post("/api/subscribers/:name/test", (context) =>
    testSubscriber(context.req.param("name"), context.env.subscribers),
  );
  for (const action of ["pause", "resume", "test"])
    app.all(`/api/subscribers/:name/${action}`, () => problem("method_not_allowed", {}, { allow: "POST" }));
}

/** What the ledger and the archive remember. */
function addSearch(app: Hono<{ Bindings: RouteDeps }>): void {
  app.get("/api/events", (context) => listEvents(context.req.raw, context.env.search));
  app.get("/api/events/:id", (context) => getEvent(context.req.param("id"), context.env.search));
  app.get("/api/receipts", (context) => listReceipts(context.req.raw, context.env.search));
  app.get("/api/receipts/:id", (context) => getReceipt(context.req.param("id"), context.env.search));
  app.get("/api/receipts/:id/body", (context) => getReceiptBody(context.req.param("id"), context.env.search));
  app.get("/api/deliveries", (context) => listDeliveries(context.req.raw, context.env.search));
  app.get("/api/sessions/:source/:id", (context) =>
    getSession(context.req.raw, context.req.param("source"), context.req.param("id"), context.env.search),
  );
  for (const path of ["events", "events/:id", "receipts", "receipts/:id", "receipts/:id/body", "deliveries"])
    app.all(`/api/${path}`, () => problem("method_not_allowed", {}, { allow: "GET" }));
  app.all("/api/sessions/:source/:id", () => problem("method_not_allowed", {}, { allow: "GET" }));
}

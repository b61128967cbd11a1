/** What anybody may read: whether the gateway is up, and the shape of its events and of its configuration. */
import { configSchema } from "../config/described/schema.ts";
import { eventSchema } from "../core/event-schema.ts";
import { object, text } from "../core/json-schema.ts";
import { noticeSchema } from "../core/notice-schema.ts";
import type { Route } from "./route.ts";

export interface PublicDeps {
  version: string;
  /** Origin under which this gateway is reached. */
  publicUrl: string;
}

export const CACHED = { headers: { "cache-control": "public, max-age=3600" } };

export const publicRoutes: readonly Route<PublicDeps>[] = [
  {
    method: "GET",
    path: "/healthz",
    allow: "public",
    id: "getHealth",
    summary: "Whether the gateway is up",
    answers: { 200: { schema: object({ status: { const: "up" }, version: text }, ["status", "version"]) } },
    handle: ({ deps }) => Response.json({ status: "up", version: deps.version }),
  },
  {
    method: "GET",
    path: "/schemas/event.v1.json",
    allow: "public",
    id: "getEventSchema",
    summary: "The JSON Schema of the event",
    answers: { 200: { schema: { type: "object" } } },
    handle: ({ deps }) => Response.json(eventSchema(deps.publicUrl), CACHED),
  },
  {
    method: "GET",
    path: "/schemas/notice.v1.json",
    allow: "public",
    id: "getNoticeSchema",
    summary: "The JSON Schema of the gateway's own events",
    answers: { 200: { schema: { type: "object" } } },
    handle: ({ deps }) => Response.json(noticeSchema(deps.publicUrl), CACHED),
  },
  {
    method: "GET",
    path: "/schemas/config.json",
    allow: "public",
    id: "getConfigSchema",
    summary: "The JSON Schema of the configuration, for editors",
    answers: { 200: { schema: { type: "object" } } },
    handle: () => Response.json(configSchema(), CACHED),
  },
];

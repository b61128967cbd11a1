/** The route table: every path of the gateway, who may call it, and what answers. A new resource is one line in this list. */
import type { HoldingLedger } from "../core/erasure.ts";
import type { ReceiveDeps } from "../receive/receive.ts";
import type { PullDeps } from "../receive/pull.ts";
import { apiTokenRoutes, type ApiTokensDeps } from "./api-tokens.ts";
import { auditRoutes } from "./audit.ts";
import { configRoutes, type ConfigDeps } from "./config.ts";
import { configVersionRoutes } from "./config-versions.ts";
import { deliveryRoutes, type DeliveriesDeps } from "./deliveries.ts";
import { erasureRoutes } from "./erasures.ts";
import { eventRoutes, type EventsDeps } from "./events.ts";
import { fileRoutes, type FilesDeps } from "./files.ts";
import { holdRoutes, type KeepingDeps } from "./holds.ts";
import { inboundRoutes } from "./inbound.ts";

import { issuedTokenRoutes, type IssuedTokensDeps } from "./issued-tokens.ts";
import { CACHED, publicRoutes, type PublicDeps } from "./public.ts";
import { describe } from "./openapi.ts";
import { receiptRoutes, type ReprocessDeps } from "./receipts.ts";
import { metricsRoutes } from "./metrics.ts";
import { replayRoutes, type ReplaysDeps } from "./replays.ts";
import { resendRoutes, type ResendDeps } from "./resend.ts";
import { reindexRoutes, type Reindex } from "./reindex.ts";
import { readyRoutes, type ReadyDeps } from "./ready.ts";
import type { Route } from "./route.ts";
import type { RouterDeps } from "./router.ts";
import { secretRoutes, type SecretsDeps } from "./secrets.ts";
import { sessionRoutes, type SessionsDeps } from "./sessions.ts";
import { signingKeyRoutes, type KeysDeps } from "./signing-keys.ts";
import type { StoryDeps } from "./story.ts";
import { statsRoutes, type StatsDeps } from "./stats.ts";
import { subscriberRoutes, type SubscribersDeps } from "./subscribers.ts";
import { tokenRoutes, type TokenDeps } from "./token.ts";

export interface RouteDeps extends RouterDeps, PublicDeps {
  receive: ReceiveDeps;
  token: TokenDeps;
  config: ConfigDeps;
  secrets: SecretsDeps;
  keys: KeysDeps;
  apiTokens: ApiTokensDeps;
  issuedTokens: IssuedTokensDeps;
  files: FilesDeps;
  pull: PullDeps & { holds: HoldingLedger };
  subscribers: SubscribersDeps;
  keeping: KeepingDeps;
  health: StatsDeps & ReadyDeps;
  reindex: Reindex;
  replaying: ResendDeps & ReplaysDeps;
  search: EventsDeps & StoryDeps & ReprocessDeps & DeliveriesDeps & SessionsDeps;
}

const descriptionRoute: Route<PublicDeps> = {
  method: "GET",
  path: "/openapi.json",
  allow: "public",
  id: "getOpenApi",
  summary: "This description",
  answers: { 200: { schema: { type: "object" } } },
  handle: ({ deps }) => Response.json(describe(ROUTES, deps), CACHED),
};

/** The first is the one that is measured: what stands before it is tried before it. */
export const ROUTES: readonly Route<RouteDeps>[] = [
  ...inboundRoutes,
  ...tokenRoutes,
  ...publicRoutes,
  ...readyRoutes,
  ...metricsRoutes,
  descriptionRoute,
  ...fileRoutes,
  ...eventRoutes,
  ...receiptRoutes,
  ...deliveryRoutes,
  ...resendRoutes,
  ...replayRoutes,
  ...subscriberRoutes,
  ...statsRoutes,
  ...sessionRoutes,
  ...reindexRoutes,
  ...erasureRoutes,
  ...holdRoutes,
  ...configRoutes,
  ...configVersionRoutes,
  ...secretRoutes,
  ...signingKeyRoutes,
  ...apiTokenRoutes,
  ...issuedTokenRoutes,
  ...auditRoutes,
];

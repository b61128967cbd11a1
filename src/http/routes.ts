/** The route table: every path of the gateway, who may call it, and what answers. A new resource is one line in this list. */
import type { ReceiveDeps } from "../receive/receive.ts";
import type { PullDeps } from "../receive/pull.ts";
import { configRoutes, type ConfigDeps } from "./config.ts";
import { deliveryRoutes, type DeliveriesDeps } from "./deliveries.ts";
import { eventRoutes, type EventsDeps } from "./events.ts";
import { fileRoutes, type FilesDeps } from "./files.ts";
import { inboundRoutes } from "./inbound.ts";
import { issuedTokenRoutes, type IssuedTokensDeps } from "./issued-tokens.ts";
import { publicRoutes, type PublicDeps } from "./public.ts";
import { receiptRoutes, type ReceiptsDeps } from "./receipts.ts";
import type { Route } from "./route.ts";
import type { RouterDeps } from "./router.ts";
import { secretRoutes, type SecretsDeps } from "./secrets.ts";
import { sessionRoutes, type SessionsDeps } from "./sessions.ts";
import { tokenRoutes, type TokenDeps } from "./token.ts";

export interface RouteDeps extends RouterDeps, PublicDeps {
  receive: ReceiveDeps;
  token: TokenDeps;
  config: ConfigDeps;
  secrets: SecretsDeps;
  issuedTokens: IssuedTokensDeps;
  files: FilesDeps;
  pull: PullDeps;
  search: EventsDeps & ReceiptsDeps & DeliveriesDeps & SessionsDeps;
}

/** The first is the one that is measured: what stands before it is tried before it. */
export const ROUTES: readonly Route<RouteDeps>[] = [
  ...inboundRoutes,
  ...tokenRoutes,
  ...publicRoutes,
  ...fileRoutes,
  ...eventRoutes,
  ...receiptRoutes,
  ...deliveryRoutes,
  ...sessionRoutes,
  ...configRoutes,
  ...secretRoutes,
  ...issuedTokenRoutes,
];

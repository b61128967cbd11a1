/**
 * An authorization server that is not ours (`oidc-provider`), with a client for each way of proving oneself, whose secrets can be
 * replaced while it runs; and an API that takes its tokens and nobody else's.
 */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { Provider } from "oidc-provider";
import { Webhook } from "standardwebhooks";

export const SCOPE = "events";

export interface AuthorizationServer {
  tokenUrl: string;
  /** PEM of the private keys that the client `private_key_jwt` may prove itself with. */
  privateKeys: readonly string[];
  /** Which secrets the clients `basic` and `post` may prove themselves with. */
  accepted: Set<string>;
  /** Tokens given, by client. */
  given: ReadonlyMap<string, number>;
  /** Why none was given. */
  refusals: readonly string[];
  /** The client whose token this is, where it holds and has the scope. */
  clientOf(token: string): Promise<string | undefined>;
  close(): Promise<void>;
}

export async function startAuthorizationServer(secret: string): Promise<AuthorizationServer> {
  const pairs = [
    generateKeyPairSync("rsa", { modulusLength: 2048 }),
    generateKeyPairSync("ec", { namedCurve: "P-256" }),
  ];
  const accepted = new Set([secret]);
  const given = new Map<string, number>();
  const refusals: string[] = [];
  // The issuer has the port in it, which is known only once the server listens.
  let answer: RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = await listen((request, response) => answer(request, response));
  const issuer = originOf(server);

  const client = (method: string, members: object) => ({
    client_id: method,
    token_endpoint_auth_method: method,
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
    scope: SCOPE,
    ...members,
  });
  const publicKeys = pairs.map(({ publicKey }, index) => ({
    ...publicKey.export({ format: "jwk" }),
    use: "sig",
    kid: `key-${index}`,
  }));
  const signing = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
  const provider = new Provider(issuer, {
    clients: [
      client("client_secret_basic", { client_secret: secret }),
      client("client_secret_post", { client_secret: secret }),
      client("private_key_jwt", { jwks: { keys: publicKeys } }),
    ],
    scopes: [SCOPE],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    enabledJWA: { clientAuthSigningAlgValues: ["RS256", "ES256"] },
    ttl: { ClientCredentials: 3600 },
    jwks: { keys: [{ ...signing, use: "sig", alg: "RS256" }] },
    cookies: { keys: ["unused"] },
  });
  provider.Client.prototype.compareClientSecret = (presented) => accepted.has(presented);
  provider.on("client_credentials.saved", (token) => {
    const { clientId = "" } = token as { clientId?: string };
    given.set(clientId, (given.get(clientId) ?? 0) + 1);
  });
  provider.on("grant.error", (_context, error) => void refusals.push(String(error)));
  answer = provider.callback();

  return {
    tokenUrl: `${issuer}/token`,
    privateKeys: pairs.map(({ privateKey }) => toPem(privateKey)),
    accepted,
    given,
    refusals,
    async clientOf(token) {
      const found = await provider.ClientCredentials.find(token);
      return found?.scope === SCOPE ? found.clientId : undefined;
    },
    close: () => close(server),
  };
}

export interface ProtectedApi {
  url: string;
  /** Symmetric keys of which one must have signed. */
  signingKeys: Set<string>;
  /** Tokens that it does not take any more, although their time is not over. */
  revoked: Set<string>;
  /** Of every request: its path, its token, what it was answered, and its `webhook-id`. */
  requests: readonly { path: string; token: string; status: number; id: string }[];
  close(): Promise<void>;
}

/** Answers 401 to a request without a token that holds, and 400 to one whose signature does not. */
export async function startProtectedApi(
  clientOf: AuthorizationServer["clientOf"],
  signingKey: string,
): Promise<ProtectedApi> {
  const requests: ProtectedApi["requests"][number][] = [];
  const revoked = new Set<string>();
  const signingKeys = new Set([signingKey]);
  const server = await listen((request, response) => {
    const take = async (): Promise<void> => {
      const body = await buffer(request);
      const { url: path = "/" } = request;
      const headers = request.headers as Record<string, string>;
      const token = /^Bearer (.*)$/.exec(headers["authorization"] ?? "")?.[1] ?? "";
      const isOpen = !revoked.has(token) && (await clientOf(token)) === path.slice(1);
      const status = !isOpen ? 401 : isSigned(signingKeys, body, headers) ? 200 : 400;
      requests.push({ path, token, status, id: headers["webhook-id"] ?? "" });
      response.writeHead(status).end();
    };
    take().catch(() => response.destroy());
  });
  return { url: originOf(server), signingKeys, revoked, requests, close: () => close(server) };
}

function isSigned(keys: ReadonlySet<string>, body: Buffer, headers: Record<string, string>): boolean {
  return [...keys].some((key) => {
    try {
      new Webhook(key).verify(body, headers, { jsonParse: false });
      return true;
    } catch {
      return false;
    }
  });
}

const toPem = (key: KeyObject): string => key.export({ format: "pem", type: "pkcs8" }).toString();

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

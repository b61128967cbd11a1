/** As much of the authorization server as the tests use; the package brings no types of its own. */
declare module "oidc-provider" {
  import type { RequestListener } from "node:http";

  export interface AccessToken {
    clientId?: string;
    scope?: string;
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    callback(): RequestListener;
    ClientCredentials: { find(token: string): Promise<AccessToken | undefined> };
    Client: { prototype: { compareClientSecret(presented: string): boolean; clientId: string } };
    on(event: "client_credentials.saved" | "grant.error", listener: (...parameters: unknown[]) => void): this;
  }
}

/** The example of the public documentation, without what this version refuses on purpose, and ways to change it. */
import { parsePointer } from "../../src/core/pointer.ts";

export const EXAMPLE = {
  sources: {
    "seon-live": {
      vendor: "seon",
      environment: "live",
      verify: [{ scheme: "hmac", secrets: [{ secret: "seon-license-key" }] }],
      events: { "idv:session_finished": "deliver", "idv:session_status_updated": "deliver", "*": "record" },
    },
    "incode-live": {
      vendor: "incode",
      environment: "live",
      verify: [{ scheme: "bearer", clients: [{ id: "incode", secret: { secret: "incode-client" } }] }],
      events: {
        ONBOARDING_FINISHED: "deliver",
        MANUAL_REVIEW_APPROVED: "deliver",
        MANUAL_REVIEW_REJECTED: "deliver",
        WATCHLIST_UPDATED: "deliver",
        "*": "record",
      },
      session: {
        baseUrl: "https://demo-api.incodesmile.com",
        apiKey: { secret: "incode-api-key" },
        login: { email: "bot@example.com", password: { secret: "incode-password" } },
        fetch: ["score", "ocr", "images"],
      },
    },
    regula: {
      vendor: "regula",
      environment: "live",
      events: { "*": "deliver" },
      verify: [{ scheme: "header", name: "X-Gateway-Secret", values: [{ secret: "regula-hook" }] }],
      session: { baseUrl: "https://idv.example.com", apiKey: { secret: "regula-api-key" }, files: ["*"] },
    },
    unico: {
      vendor: "unico",
      environment: "live",
      verify: [{ scheme: "basic", username: "unico", passwords: [{ secret: "unico-basic" }] }],
      events: {
        "PROCESS_STATE_FINISHED/ok": "deliver",
        "PROCESS_STATE_FINISHED/expired/EVENT_TYPE_SESSION_ENDED": "deliver",
        "PROCESS_STATE_FINISHED/expired": { action: "record", fetch: true },
        "*": "record",
      },
      session: {
        baseUrl: "https://api.idcloud.unico.app",
        contract: "websdk",
        tokenUrl: "https://identity.acesso.io/oauth2/token",
        account: "svc",
        tenant: "tenant",
        privateKey: { secret: "unico-key-pem" },
        files: ["selfie", "evidenceset"],
      },
    },
  },
  subscribers: {
    decisioning: {
      url: "https://decide.example.com/hooks",
      filter: {
        type: "idv.session.finished",
        outcome: { $in: ["approved", "declined"] },
        source: { $ne: "acme" },
      },
      signing: [{ secret: "decisioning-signing" }],
      format: "cloudevents",
      include: ["person", "document", "checks", "files"],
      redact: ["/data/document/number"],
      auth: {
        type: "oauth2",
        tokenUrl: "https://identity.example.com/token",
        clientId: "gateway",
        clientSecret: { secret: "decisioning-client" },
        scope: "events",
      },
      retry: [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400],
      timeoutSeconds: 15,
      ratePerSecond: 50,
    },
  },
};

/** The value is removed. */
export const REMOVED = Symbol("removed");

/** A copy of the example, or of another document, in which other values stand at these JSON Pointers. */
export function changed(changes: Readonly<Record<string, unknown>>, document: unknown = EXAMPLE): unknown {
  return Object.entries(changes).reduce((copy, [pointer, value]) => {
    const segments = parsePointer(pointer) ?? [];
    const last = segments.pop();
    if (last === undefined) return value;
    const parent = segments.reduce<unknown>((around, segment) => (around as Record<string, unknown>)[segment], copy);
    if (value === REMOVED) Reflect.deleteProperty(parent as object, last);
    else Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
    return copy;
  }, structuredClone(document));
}
